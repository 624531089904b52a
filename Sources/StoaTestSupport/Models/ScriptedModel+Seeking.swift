public import StoaCore

extension ScriptedModel: LatentOptimiser {
    /// Answers as the script says to the conversation with one message more per reward: `assistant: sought REWARD`.
    ///
    /// So a script sees which answer of a search is wanted, and the drawn words differ with the rewards.
    public func seek(
        _ request: ModelRequest, _ seeking: LatentSeeking, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        var asked = request
        asked.sampling = SamplingParameters(temperature: 0)
        asked.messages += seeking.rewards.map { ChatMessage(.assistant, "sought \($0)") }
        var reply = try await complete(asked, progress: progress)
        reply.promptTokens = reply.promptTokens.dropLast(
            seeking.rewards.reduce(0) { $0 + "sought \($1)".unicodeScalars.count })
        return reply
    }
}
