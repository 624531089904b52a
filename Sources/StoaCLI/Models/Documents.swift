internal import StoaCore

// How values of the engine are written in the documents of the command-line contract.

extension TokenLogProbability {
    /// `{id, logprob, top}`.
    var document: JSONValue {
        ["id": .integer(Int64(id.rawValue)), "logprob": .number(logProbability), "top": topDocument]
    }

    /// `[{id, logprob}, …]`.
    var topDocument: JSONValue {
        .array(top.map { ["id": .integer(Int64($0.id.rawValue)), "logprob": .number($0.logProbability)] })
    }
}
