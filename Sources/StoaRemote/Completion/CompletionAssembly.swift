internal import StoaCore

/// Puts a reply together from the chunks of a stream, or from a whole answer.
///
/// A state machine without input or output. Reasoning (`reasoning_content`, `reasoning`) is counted by the server and is
/// not part of the text.
struct CompletionAssembly: Sendable {
    /// What a server sent instead of a chunk that makes sense.
    enum Fault: Error {
        /// It reports an error in the middle of the stream; with its number, where it has one.
        case reported(JSONValue, status: Int?)
        /// The content filter withheld the rest.
        case filtered
        /// It makes no sense.
        case malformed(String)
    }

    /// The text so far.
    private(set) var text = ""
    /// Whether it is known why the answer ended.
    var isFinished: Bool { reason != nil || isFenced }
    /// Whether a block of code is complete, behind which the answer was cut.
    var isFenced: Bool { scanner?.match != nil }

    private var scanner: FenceScanner?
    /// Pieces of text that were received: where nobody tells more, each counts as a token.
    private var pieces = 0
    private var calls = ToolCallAssembly()
    private var report = TokenReport()
    private var usage: Usage?
    private var reason: String?
    private var stopReason: String?

    /// Creates an assembly at the beginning of an answer.
    ///
    /// - Parameter fence: how a block of code is fenced whose end ends the answer; nil where blocks are text like any other.
    init(fence: FenceSyntax? = nil) { scanner = fence.map { FenceScanner($0) } }

    /// Takes a chunk of a stream, or a whole answer.
    ///
    /// - Parameter document: the chunk.
    /// - Returns: the text that it adds; empty for none.
    /// - Throws: `Fault`.
    mutating func accept(_ document: JSONValue) throws(Fault) -> String {
        guard document.objectValue != nil else { throw .malformed("expected an object, found \(Self.kind(document))") }
        if let error = document["error"], error != .null {
            throw .reported(document, status: error["code"]?.intValue ?? document["code"]?.intValue)
        }
        if let usage = document["usage"], usage != .null { self.usage = Self.usage(usage) }
        guard let choices = document["choices"]?.arrayValue else {
            // A last chunk may have nothing but the usage.
            if document["usage"] != nil { return "" }
            throw .malformed("expected a member \"choices\"")
        }
        let choice = choices.first { ($0["index"]?.intValue ?? 0) == 0 }
        report.accept(document, choice: choice)
        guard let choice else { return "" }
        let added = try accept(delta: choice["delta"] ?? choice["message"])
        if let reason = choice["finish_reason"]?.stringValue {
            self.reason = reason
            stopReason = choice["stop_reason"]?.stringValue
            if reason == "content_filter" { throw .filtered }
        }
        return added
    }

    private mutating func accept(delta: JSONValue?) throws(Fault) -> String {
        guard let delta else { return "" }
        if let deltas = delta["tool_calls"]?.arrayValue {
            do { try calls.accept(deltas) } catch {
                throw .malformed("expected at most \(ToolCallAssembly.most) tool calls, numbered from 0")
            }
        }
        // A refusal is what the model says instead of its answer.
        let added = upToBlock((delta["content"]?.stringValue ?? "") + (delta["refusal"]?.stringValue ?? ""))
        if !added.isEmpty { pieces += 1 }
        text += added
        return added
    }

    /// As much of a piece of text as belongs to the answer: what a server adds behind a block in one go is left out.
    private mutating func upToBlock(_ piece: String) -> String {
        guard !isFenced else { return "" }
        let start = text.utf8.count
        guard let match = scanner?.feed(piece.utf8) else { return piece }
        return String(decoding: Array(piece.utf8.prefix(match.end - start)), as: UTF8.self)
    }

    /// The reply, once the stream has ended.
    ///
    /// - Parameters:
    ///   - request: what was asked for.
    ///   - duration: how long it took.
    /// - Returns: the reply.
    /// - Throws: `Fault` where the server ended for a reason that is not known.
    func reply(to request: ModelRequest, duration: Duration) throws(Fault) -> ModelReply {
        ModelReply(
            text: text, toolCalls: calls.calls, finish: try finish(request), promptTokens: report.prompt,
            tokens: report.tokens, logProbabilities: report.logProbabilities,
            usage: usage ?? Usage(decodedTokens: max(report.count, isFenced ? pieces : 0)), duration: duration)
    }

    private func finish(_ request: ModelRequest) throws(Fault) -> FinishReason {
        if isFenced { return .fence }
        return switch reason {
        case "stop", "eos", "eos_token", "tool_calls", "function_call": stopReason == nil ? .stop : .stopString
        case "stop_sequence": .stopString
        case "length", "max_tokens":
            // Fewer tokens than were asked for: it was the context that had no more room.
            usage.map { $0.decodedTokens > 0 && $0.decodedTokens < request.maximumTokens } ?? false ? .context : .length
        case let other: throw .malformed("expected a known finish reason, found \(other.map { "\"\($0)\"" } ?? "none")")
        }
    }

    private static func usage(_ document: JSONValue) -> Usage {
        // Counts are the server's word: kept to what a run's sums can take.
        func count(_ value: JSONValue?) -> Int { min(max(value?.intValue ?? 0, 0), 1 << 40) }
        let prompt = count(document["prompt_tokens"])
        let cached = min(count(document["prompt_tokens_details"]?["cached_tokens"]), prompt)
        return Usage(
            prefillTokens: prompt - cached, cachedTokens: cached, decodedTokens: count(document["completion_tokens"]))
    }

    private static func kind(_ document: JSONValue) -> String {
        switch document {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
