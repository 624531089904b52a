/// What the learning rate is multiplied by at each step.
///
/// A new schedule is a file beside this one.
public protocol LearningRateSchedule: Sendable {
    /// The name in configurations.
    static var name: String { get }

    /// The factor of a step.
    ///
    /// - Parameters:
    ///   - step: the step, from 0.
    ///   - total: the steps of the whole run.
    /// - Returns: a number from 0 to 1.
    func factor(step: Int, total: Int) -> Double
}

extension LearningRateSchedule {
    /// The rising part that the schedules share: 0 at the first step, 1 behind the last of `warmup`; nil behind it.
    func warmupFactor(step: Int, warmup: Int) -> Double? {
        step < warmup ? Double(step) / Double(max(1, warmup)) : nil
    }
}
