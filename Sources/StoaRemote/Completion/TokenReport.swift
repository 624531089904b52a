internal import StoaCore

/// What a server says about the single tokens of its answer.
///
/// Ids come from vLLM's `token_ids` or from the `id` that llama.cpp adds to log-probabilities. OpenAI's own interface has
/// none: then there are no tokens, and log-probabilities have `OpenAIModel.unknownToken` for an id.
struct TokenReport: Sendable {
    private var listed: [TokenID] = []
    private var entries: [TokenLogProbability] = []
    /// The tokens of the prompt, where the server tells.
    private(set) var prompt: [TokenID] = []

    /// Takes what a chunk, or a whole answer, says.
    ///
    /// - Parameters:
    ///   - document: the chunk.
    ///   - choice: its only choice.
    mutating func accept(_ document: JSONValue, choice: JSONValue?) {
        if let ids = Self.ids(document["prompt_token_ids"]) { prompt = ids }
        if let ids = Self.ids(choice?["token_ids"]) { listed += ids }
        for entry in choice?["logprobs"]?["content"]?.arrayValue ?? [] { entries.append(Self.entry(entry)) }
    }

    /// The generated tokens: those listed, else those of the log-probabilities if each has its id.
    var tokens: [TokenID] {
        if !listed.isEmpty { return listed }
        return entries.contains { $0.id == OpenAIModel.unknownToken } ? [] : entries.map(\.id)
    }

    /// One entry per generated token, with the ids that are known.
    var logProbabilities: [TokenLogProbability] {
        guard listed.count == entries.count else { return entries }
        return zip(listed, entries).map { id, entry in
            TokenLogProbability(id: id, logProbability: entry.logProbability, top: entry.top)
        }
    }

    /// How many tokens were reported.
    var count: Int { max(listed.count, entries.count) }

    private static func entry(_ document: JSONValue) -> TokenLogProbability {
        let top = (document["top_logprobs"]?.arrayValue ?? []).map { alternative in
            TokenLogProbability.Alternative(id: id(alternative), logProbability: logProbability(alternative))
        }
        let ordered = top.enumerated().sorted { first, second in
            let (left, right) = (first.element, second.element)
            return (-left.logProbability, left.id, first.offset) < (-right.logProbability, right.id, second.offset)
        }
        return TokenLogProbability(
            id: id(document), logProbability: logProbability(document), top: ordered.map(\.element))
    }

    private static func id(_ document: JSONValue) -> TokenID {
        document["id"]?.intValue.flatMap { Int32(exactly: $0) }.map { TokenID($0) } ?? OpenAIModel.unknownToken
    }

    /// The number, or for the infinity that JSON cannot write the one that OpenAI uses for "very unlikely".
    private static func logProbability(_ document: JSONValue) -> Double {
        document["logprob"]?.doubleValue ?? -9999
    }

    private static func ids(_ document: JSONValue?) -> [TokenID]? {
        guard let elements = document?.arrayValue else { return nil }
        let ids = elements.compactMap { $0.intValue.flatMap { Int32(exactly: $0) }.map { TokenID($0) } }
        return ids.count == elements.count ? ids : nil
    }
}
