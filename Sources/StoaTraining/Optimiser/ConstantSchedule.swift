/// The same learning rate from the end of the warm-up on.
///
/// Source: `get_constant_schedule_with_warmup` of transformers.
public struct ConstantSchedule: LearningRateSchedule, Hashable {
    /// The name in configurations.
    public static let name = "constant"
    /// Steps of the rising part.
    public var warmup: Int

    /// Creates a schedule.
    ///
    /// - Parameter warmup: steps of the rising part.
    public init(warmup: Int = 0) { self.warmup = warmup }

    /// The factor of a step.
    public func factor(step: Int, total: Int) -> Double { warmupFactor(step: step, warmup: warmup) ?? 1 }
}
