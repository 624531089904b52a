internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a loop: ask, have called what was written, ask again.
struct ToolLoopLogic: MethodLogic {
    /// What the model wrote last.
    private struct Turn {
        var words = ""
        /// The calls that are still to be made, the next first.
        var waiting: ArraySlice<ToolCall> = []
        /// The model's own calls; empty where it wrote code.
        var native: [ToolCall] = []
        /// What came of the model's own calls.
        var results: [ChatMessage] = []
    }

    private let options: ToolLoopOptions
    private var request: ModelRequest
    private var turn = Turn()
    /// Everything that was written, by the model and by tools.
    private var text = ""
    private var turns = 0
    private var calls = 0

    init(_ input: MethodInput) {
        options = ToolLoopOptions(input)
        request = input.request
        request.fence = options.fence
        if let native = options.native { request.tools = native }
    }

    mutating func step(_ event: MethodEvent) throws -> MethodAction {
        switch event {
        case .began: .ask(request)
        case .replied(let reply): try take(reply)
        case .returned(let result): take(result)
        case .limited: finish(.limit)
        // It has nothing judged.
        case .judged: finish(.stop)
        }
    }

    // MARK: - What the model wrote

    private mutating func take(_ reply: ModelReply) throws -> MethodAction {
        // Where there was no room for a single token the model had no turn.
        if reply.finish == .context, reply.text.isEmpty, reply.tokens.isEmpty { return finish(.contextExhausted) }
        turns += 1
        let block = options.fence.flatMap { FenceScan(reply.text, $0).block }
        let piece = try Self.piece(reply, block)
        request.turn.append(piece)
        turn = Turn(words: piece.text)
        text += piece.text
        if options.native != nil, !reply.toolCalls.isEmpty {
            turn.native = reply.toolCalls
            turn.waiting = reply.toolCalls[...]
            return callNext()
        }
        if let block {
            let code = options.answer.prelude + block.code
            turn.waiting = [
                ToolCall(id: "call_\(calls)", name: options.tool, arguments: [options.argument: .string(code)])
            ]
            return callNext()
        }
        if let found = options.answer.answer(inWords: turn.words) { return finish(.answer, found) }
        switch reply.finish {
        case .context: return finish(.contextExhausted, isVoid: true)
        case .limit: return finish(.limit, isVoid: true)
        // Whoever calls tools natively ends the conversation with plain words.
        case .stop where options.native != nil, .stopString where options.native != nil: return finish(.stop)
        default: return finish(.void, isVoid: true)
        }
    }

    /// What is gone on with: up to the block's end and not a word further, whatever the model made up behind it.
    private static func piece(_ reply: ModelReply, _ block: FencedBlock?) throws -> TurnPiece {
        let whole = TurnPiece.tokens(reply.tokens, text: reply.text)
        guard let block, reply.finish != .fence else { return whole }
        let bytes = Array(reply.text.utf8)
        let isBlank = bytes[block.range.upperBound...].allSatisfy { $0 == 0x20 || 0x09...0x0D ~= $0 }
        guard !isBlank else { return whole }
        // Words can be cut anywhere, tokens cannot.
        guard reply.tokens.isEmpty else { throw ToolLoopError.unendedReply }
        return .tokens([], text: String(decoding: bytes[..<block.range.upperBound], as: UTF8.self))
    }

    // MARK: - What came of it

    private mutating func callNext() -> MethodAction {
        guard let call = turn.waiting.first else { return .ask(request) }
        if let most = options.toolCalls, calls >= most { return finish(.toolCalls) }
        calls += 1
        guard let offered = options.native, !turn.native.isEmpty, !offered.contains(where: { $0.name == call.name })
        else { return .call(call, keepsState: true) }
        let names = offered.isEmpty ? "none" : offered.map(\.name).joined(separator: ", ")
        return take(ToolResult(status: .failed, output: "there is no tool \(call.name): there is \(names)"))
    }

    private mutating func take(_ result: ToolResult) -> MethodAction {
        guard let call = turn.waiting.popFirst() else { return finish(.stop) }
        let outcome = CodeResult(of: result)
        if let found = options.answer.answer(in: outcome, behind: turn.words) { return finish(.answer, found) }
        let isLast = turns >= options.turns
        // What nobody will read is recorded with its call, and no part of what was written.
        if !isLast { tell(outcome, outcome.remark(in: result), of: call) }
        guard turn.waiting.isEmpty else { return callNext() }
        return isLast ? finish(.turns) : .ask(request)
    }

    /// Tells the model what came of a call.
    private mutating func tell(_ outcome: CodeResult, _ remark: String, of call: ToolCall) {
        var place = FeedbackPlace(turn: turns, turns: options.turns)
        // A prelude redefines on purpose.
        if options.answer.prelude.isEmpty || !outcome.isOK { place.remark = remark }
        let words = FeedbackText.neutralised(options.feedback.render(outcome, at: place))
        text += words
        guard !turn.native.isEmpty else {
            if !words.isEmpty { request.turn.append(.feedback(words)) }
            return
        }
        turn.results.append(ChatMessage(.tool, FeedbackText.trimmed(words), toolCallID: call.id))
        guard turn.waiting.isEmpty else { return }
        let said = request.turn.map(\.text).joined()
        request.messages.append(ChatMessage(.assistant, said, toolCalls: turn.native))
        request.messages += turn.results
        request.turn = []
    }

    // MARK: - The end

    private func finish(
        _ finish: ToolLoop.Finish, _ answer: FoundAnswer? = nil, isVoid: Bool = false
    ) -> MethodAction {
        .finish([
            "text": .string(text), "answer": answer?.text.map { .string($0) } ?? .null,
            "finish": .string(finish.rawValue), "turns": .integer(Int64(turns)), "tool_calls": .integer(Int64(calls)),
            "void": .bool(isVoid),
        ])
    }
}
