public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// A model compares candidates two by two, each pair in both orders, and the best is chosen.
///
/// A comparison is won only where both orders say so; a verdict that depends on the order is a tie, and is counted, so that
/// what the judge's preference for a place is worth can be seen. Equal texts tie unasked.
///
/// The step's value is a verdict's document with `text`, the best candidate's, and `index` (from 0), `ranking`, `points`,
/// `comparisons` (`{first, second, winner, votes, consistent}`), `ties`, `inconsistent` and `preferred_place`, the number of
/// pairs in which the first and in which the second place won both times. `passed` says that somebody won every match that
/// made the choice, and the `score` is the best one's share of points.
public enum PairwiseJudge: Method {
    /// `pairwise-judge`.
    public static let name = "pairwise-judge"

    /// What it does.
    public static let summary = "has the agent's model compare candidates two by two, in both orders"

    /// The keys of its options.
    public static let fields: [PlanField] = [
        PlanField("first", .text, "one answer to the prompt's problem"),
        PlanField("second", .text, "the other answer"),
        PlanField("candidates", .text, "instead of two answers: any number, as a JSON list of texts"),
        PlanField(
            "tournament", .word(Tournament.Form.allCases.map(\.rawValue)),
            "who is compared with whom: everyone with everyone, or losers go; absent: round_robin"),
        PlanField("instructions", .text, "what makes an answer good, besides"),
    ]

    /// The most candidates: each pair costs two calls.
    static let mostCandidates = 64

    /// What is wrong with options that are each right by themselves.
    public static func problems(_ options: JSONValue.Members) -> [MethodProblem] {
        let two = ["first", "second"].filter { options[$0] != nil }
        if options["candidates"] != nil {
            return two.map {
                MethodProblem("'\($0)' has no part beside 'candidates'", at: $0, suggestion: "leave it out")
            }
        }
        guard two.count < 2 else { return [] }
        return [
            MethodProblem(
                "there are no two answers to compare", suggestion: "give 'first' and 'second', or 'candidates'")
        ]
    }

    /// Begins the comparisons.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic { try PairwiseLogic(input) }
}
