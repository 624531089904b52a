import StoaCore
import StoaLearning
import StoaTestKit

/// The calls of a tool loop: each is given all that was said before it.
struct ToolLoop {
    var calls: [SampledCall] = []
    /// The tokens that were given: those of the prompt, then what each tool said.
    var given: [[TokenID]]

    init(turns: Int, _ random: inout SplitMix) {
        func tokens(_ range: ClosedRange<Int>) -> [TokenID] {
            (0..<Int.random(in: range, using: &random)).map { _ in TokenID(Int32.random(in: 0..<20, using: &random)) }
        }
        given = [tokens(3...9)]
        var prompt = given[0]
        var spans = [TokenSpan(.prompt, prompt.count)]
        var pieces: [TurnPiece] = []
        for turn in 0..<turns {
            let own = tokens(1...7)
            let isLast = turn == turns - 1
            var request = ModelRequest(
                messages: [ChatMessage(.user, "question")], seed: SeedPath(seed: 1), author: "solver", turn: pieces,
                fence: .strict)
            request.sampling.temperature = 0.75
            let reply = ModelReply(
                text: "turn \(turn)", finish: isLast ? .stop : .fence, promptTokens: prompt, tokens: own,
                logProbabilities: own.map {
                    TokenLogProbability(id: $0, logProbability: Double.random(in: -5...0, using: &random))
                }, promptSpans: turn == 0 ? [] : spans)
            calls.append(
                SampledCall(
                    request: request, reply: reply, turn: TrajectoryTurn(hasCode: !isLast, hasAnswer: isLast)))
            guard !isLast else { return }
            // What a tool says may hold any token, that of the end of a turn included; or nothing at all.
            let word = tokens(0...5)
            given.append(word)
            prompt += own + word
            spans += [TokenSpan(.model, own.count), TokenSpan(.tool, word.count)]
            pieces += [.tokens(own, text: reply.text), .feedback("word \(turn)")]
        }
    }
}
