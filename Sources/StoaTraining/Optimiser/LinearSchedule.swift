/// A learning rate that falls in a straight line to 0 at the end of the run.
///
/// Source: `get_linear_schedule_with_warmup` of transformers.
public struct LinearSchedule: LearningRateSchedule, Hashable {
    /// The name in configurations.
    public static let name = "linear"
    /// Steps of the rising part.
    public var warmup: Int

    /// Creates a schedule.
    ///
    /// - Parameter warmup: steps of the rising part.
    public init(warmup: Int = 0) { self.warmup = warmup }

    /// The factor of a step.
    public func factor(step: Int, total: Int) -> Double {
        warmupFactor(step: step, warmup: warmup)
            ?? max(0, Double(total - step) / Double(max(1, total - warmup)))
    }
}
