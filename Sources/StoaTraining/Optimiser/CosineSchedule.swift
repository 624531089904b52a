internal import Glibc

/// A learning rate that falls along half a cosine to 0 at the end of the run.
///
/// Source: arXiv:1608.03983 eq. 5; `get_cosine_schedule_with_warmup` of transformers.
public struct CosineSchedule: LearningRateSchedule, Hashable {
    /// The name in configurations.
    public static let name = "cosine"
    /// Steps of the rising part.
    public var warmup: Int

    /// Creates a schedule.
    ///
    /// - Parameter warmup: steps of the rising part.
    public init(warmup: Int = 0) { self.warmup = warmup }

    /// The factor of a step.
    public func factor(step: Int, total: Int) -> Double {
        if let rising = warmupFactor(step: step, warmup: warmup) { return rising }
        let progress = Double(step - warmup) / Double(max(1, total - warmup))
        return max(0, 0.5 * (1 + cos(.pi * progress)))
    }
}
