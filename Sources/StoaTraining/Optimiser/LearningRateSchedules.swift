internal import StoaCore

/// The schedules that requests can ask for by name.
package enum LearningRateSchedules {
    /// The names.
    package static let names = [ConstantSchedule.name, LinearSchedule.name, CosineSchedule.name]

    /// The schedule of a name.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - warmup: steps of the rising part.
    /// - Returns: the schedule.
    /// - Throws: `TrainingError` for a name that nobody knows.
    static func schedule(_ name: String, warmup: Int) throws(TrainingError) -> any LearningRateSchedule {
        switch name {
        case ConstantSchedule.name: return ConstantSchedule(warmup: warmup)
        case LinearSchedule.name: return LinearSchedule(warmup: warmup)
        case CosineSchedule.name: return CosineSchedule(warmup: warmup)
        default:
            throw TrainingError(
                .invalidConfiguration, kind: .usage,
                "training schedule: expected \(names.joined(separator: ", ")), found \"\(name)\"")
        }
    }
}
