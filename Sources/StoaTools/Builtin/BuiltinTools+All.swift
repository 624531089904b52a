public import StoaCore
internal import StoaLearning
internal import StoaVerify

extension BuiltinTools {
    /// All tools that are part of the program: exact arithmetic, and the pure functions of curricula.
    public static let all: [any BuiltinTool] = [CalculatorTool(), ExpectedGainTool()] + CurriculumTools.all

    /// Offers all of them.
    public init() { self.init(Self.all) }
}
