import OrderedCollections
import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// Trajectories from the calls of a tool loop: the sums of the acceptance test T3.
@Suite struct RolloutCallTests {
    @Test(arguments: 0..<60) func `the last call has the whole trajectory, and each token its own log-probability`(
        seed: Int
    ) throws {
        var random = SplitMix(seed: UInt64(seed))
        let loop = ToolLoop(turns: Int.random(in: 1...6, using: &random), &random)
        let rollouts = try Rollout.rollouts(of: loop.calls, id: "run/step", policy: SamplingPolicy(name: "m"))
        #expect(rollouts.count == 1)
        let trajectory = try #require(rollouts.first).trajectory
        let last = try #require(loop.calls.last).reply
        #expect(trajectory.id == "run/step")
        #expect(trajectory.tokens == last.promptTokens + last.tokens)
        let sampled = loop.calls.reduce(0) { $0 + $1.reply.tokens.count }
        #expect(trajectory.mask.count { $0 } == sampled)
        #expect(zip(trajectory.tokens, trajectory.mask).filter(\.1).map(\.0) == loop.calls.flatMap(\.reply.tokens))
        #expect(
            trajectory.behaviourLogProbabilities
                == loop.calls.flatMap { $0.reply.logProbabilities.map(\.logProbability) })
        let given = zip(trajectory.tokens, trajectory.mask).filter { !$1 }.map(\.0)
        #expect(given == loop.given.flatMap { $0 })
        #expect(trajectory.promptCount == loop.given.first?.count)
        let origins = trajectory.spans.map(\.origin)
        #expect(origins.first == .prompt)
        #expect(origins.dropFirst().allSatisfy { $0 != .prompt })
        #expect(trajectory.turns == loop.calls.compactMap(\.turn))
        #expect(trajectory.finish == last.finish)
        #expect(trajectory.policy.temperature == 0.75)
    }

    @Test func `the words are the prompt, the turns and what tools said between them`() throws {
        var random = SplitMix(seed: 4)
        let loop = ToolLoop(turns: 3, &random)
        let rollout = try #require(try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy()).first)
        #expect(rollout.prompt == loop.calls.first?.request.messages)
        #expect(rollout.completion.map(\.role) == [.assistant, .tool, .assistant, .tool, .assistant])
        #expect(rollout.completion.map(\.content) == ["turn 0", "word 0", "turn 1", "word 1", "turn 2"])
        #expect(rollout.turnCount == 3)
        #expect(rollout.agent == "solver")
    }

    @Test func `calls that were given something else begin another trajectory`() throws {
        var random = SplitMix(seed: 5)
        var loop = ToolLoop(turns: 4, &random)
        loop.calls.remove(at: 1)
        // The third call's prompt has tokens of a call that is not there: nobody can say how likely they were.
        let error = #expect(throws: LearningError.self) {
            try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy())
        }
        #expect(error?.code == .inconsistentCalls)
        let one = ToolLoop(turns: 2, &random).calls
        let other = ToolLoop(turns: 1, &random).calls
        let rollouts = try Rollout.rollouts(of: one + other, id: "r", policy: SamplingPolicy())
        #expect(rollouts.map(\.trajectory.id) == ["r", "r.1"])
        #expect(rollouts.map(\.turnCount) == [2, 1])
    }

    @Test func `marks that contradict the calls are refused`() throws {
        var random = SplitMix(seed: 6)
        var loop = ToolLoop(turns: 2, &random)
        let prompt = loop.calls[1].reply.promptTokens.count
        loop.calls[1].reply.promptSpans = [TokenSpan(.prompt, prompt)]
        #expect(throws: LearningError.self) { try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy()) }
        loop.calls[1].reply.promptSpans = [TokenSpan(.prompt, prompt - 1)]
        let error = #expect(throws: LearningError.self) {
            try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy())
        }
        #expect(error?.message == "trajectory r: expected \(prompt) tokens in the prompt's spans, found \(prompt - 1)")
        // Without marks the sampled tokens are known all the same.
        loop.calls[1].reply.promptSpans = []
        let bare = try #require(try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy()).first)
        #expect(bare.trajectory.modelTokenCount == loop.calls.reduce(0) { $0 + $1.reply.tokens.count })
    }

    @Test func `a server that tells no ids has words only, put together by the turn`() throws {
        var random = SplitMix(seed: 7)
        var loop = ToolLoop(turns: 3, &random)
        for index in loop.calls.indices {
            loop.calls[index].reply.promptTokens = []
            loop.calls[index].reply.promptSpans = []
            loop.calls[index].reply.logProbabilities = []
        }
        let rollouts = try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy())
        #expect(rollouts.count == 1)
        #expect(rollouts.first?.trajectory.tokens == [])
        #expect(rollouts.first?.trajectory.behaviourLogProbabilities == [])
        #expect(rollouts.first?.completion.count == 5)
        #expect(try Rollout.rollouts(of: [], id: "r", policy: SamplingPolicy()).isEmpty)
    }

    @Test func `one call without log-probabilities leaves the trajectory without any`() throws {
        var random = SplitMix(seed: 8)
        var loop = ToolLoop(turns: 3, &random)
        loop.calls[1].reply.logProbabilities = []
        let rollout = try #require(try Rollout.rollouts(of: loop.calls, id: "r", policy: SamplingPolicy()).first)
        #expect(rollout.trajectory.behaviourLogProbabilities.isEmpty)
        #expect(!rollout.trajectory.tokens.isEmpty)
    }

    @Test func `equal prompts are one group, whatever was said to them`() {
        let prompt = [ChatMessage(.system, "You solve."), ChatMessage(.user, "1 + 1?")]
        #expect(Rollout.group(of: prompt) == Rollout.group(of: prompt))
        #expect(Rollout.group(of: prompt) != Rollout.group(of: Array(prompt.dropFirst())))
        #expect(Rollout.group(of: prompt).count == 16)
    }
}
