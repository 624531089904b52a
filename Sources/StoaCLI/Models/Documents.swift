internal import StoaCore
internal import StoaModel

// How values of the engine are written in the documents of the command-line contract.

extension Usage {
    /// `{prefill_tokens, cached_tokens, latent_steps, decoded_tokens}`.
    var document: JSONValue {
        [
            "prefill_tokens": .integer(Int64(prefillTokens)), "cached_tokens": .integer(Int64(cachedTokens)),
            "latent_steps": .integer(Int64(latentSteps)), "decoded_tokens": .integer(Int64(decodedTokens)),
        ]
    }
}

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
