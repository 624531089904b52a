public import StoaCore

/// The pure functions of a Socratic loop, as tools that a playbook calls.
///
/// Each takes lists and gives lists, for a whole round at a time, and is a pure function of its arguments: a call that is
/// recorded can be repeated anywhere. A new one is a file beside this one, a line here, and a file in `tools/`.
public enum CurriculumTools {
    /// All of them, in the order of their names.
    public static let all: [any BuiltinTool] = [
        AugmentProblemsTool(), DrawProblemsTool(), FilterProblemsTool(), MakeCritiquesTool(), MakeExamplesTool(),
        MakePairsTool(), ReadProblemsTool(), RefineProblemsTool(), ReplayProblemsTool(), RewardAttemptsTool(),
        ScreenProblemsTool(), SolveProblemsTool(), SortZonesTool(), WeighProblemsTool(), WilsonIntervalTool(),
    ]
}
