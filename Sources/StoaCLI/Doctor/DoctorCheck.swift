/// One thing that Stoa needs of the machine.
protocol DoctorCheck: Sendable {
    /// A short name, stable for scripts.
    var name: String { get }

    /// Looks, changes nothing, and never fails itself: whatever is wrong is the finding.
    ///
    /// - Parameter context: the environment and the settings.
    /// - Returns: what was found.
    func run(in context: CommandContext) async -> DoctorFinding
}

/// What a check found.
struct DoctorFinding: Sendable, Hashable {
    /// Whether it is as it should be.
    let ok: Bool
    /// What is there.
    let detail: String
    /// How to mend it; nil where nothing need be.
    let fix: String?

    static func fine(_ detail: String) -> DoctorFinding { DoctorFinding(ok: true, detail: detail, fix: nil) }

    static func broken(_ detail: String, fix: String) -> DoctorFinding {
        DoctorFinding(ok: false, detail: detail, fix: fix)
    }
}
