internal import OrderedCollections
internal import StoaCore

/// The tokens of a trajectory as data sets have them: those of the prompt, those behind it, and what belongs to these.
struct ExportedTokens {
    /// The tokens before the first that the model chose; null where none are known.
    let prompt: JSONValue
    /// The tokens behind them.
    let completion: JSONValue
    /// 1 for each of those that the model chose, 0 for the others.
    let mask: JSONValue
    /// The log-probability of each of those, 0 for the others; null where the model does not tell.
    let logProbabilities: JSONValue

    init(_ trajectory: Trajectory) {
        guard !trajectory.tokens.isEmpty else {
            (prompt, completion, mask, logProbabilities) = (.null, .null, .null, .null)
            return
        }
        let start = trajectory.promptCount
        func ids(_ tokens: some Sequence<TokenID>) -> JSONValue {
            .array(tokens.map { .integer(Int64($0.rawValue)) })
        }
        prompt = ids(trajectory.tokens.prefix(start))
        completion = ids(trajectory.tokens.dropFirst(start))
        mask = .array(trajectory.mask.dropFirst(start).map { .integer($0 ? 1 : 0) })
        let known = try? trajectory.behaviourByPosition()
        logProbabilities = known.map { .array($0.dropFirst(start).map { .number($0) }) } ?? .null
    }

    /// The number; null where there is none.
    static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }

    /// The text; null where there is none.
    static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}
