import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// What a trajectory is made of.
@Suite struct TrajectoryTests {
    @Test(arguments: 0..<50) func `the mask is one of positions, and its sum the number of the model's tokens`(
        seed: Int
    ) throws {
        var random = SplitMix(seed: UInt64(seed))
        let origins: [TokenSpan.Origin] = [.prompt, .model, .tool]
        let spans = (0..<Int.random(in: 0...9, using: &random)).map { _ in
            TokenSpan(origins[Int.random(in: 0..<3, using: &random)], Int.random(in: 0...4, using: &random))
        }
        let marks = spans.flatMap { Array(repeating: $0.origin, count: $0.count) }
        let own = marks.count { $0 == .model }
        // All tokens have the same id: no rule that looks at ids could tell them apart.
        let trajectory = try Trajectory(
            id: "t", tokens: marks.map { _ in 7 }, spans: spans,
            behaviourLogProbabilities: (0..<own).map { -Double($0) - 1 })
        #expect(trajectory.mask == marks.map { $0 == .model })
        #expect(trajectory.modelTokenCount == own)
        #expect(trajectory.promptCount == marks.prefix { $0 != .model }.count)
        #expect(zip(trajectory.spans, trajectory.spans.dropFirst()).allSatisfy { $0.origin != $1.origin })
        #expect(trajectory.spans.allSatisfy { $0.count > 0 })
        let behaviour = try trajectory.behaviourByPosition()
        #expect(zip(behaviour, marks).filter { $1 == .model }.map(\.0) == trajectory.behaviourLogProbabilities)
        #expect(zip(behaviour, marks).allSatisfy { $1 == .model || $0 == 0 })
    }

    @Test func `counts that do not fit are refused by name`() throws {
        let short = #expect(throws: LearningError.self) {
            try Trajectory(id: "t", tokens: [1, 2, 3], spans: [TokenSpan(.prompt, 2)])
        }
        #expect(short?.message == "trajectory t: expected 3 tokens in the spans, found 2")
        let many = #expect(throws: LearningError.self) {
            try Trajectory(
                id: "t", tokens: [1, 2], spans: [TokenSpan(.prompt, 1), TokenSpan(.model, 1)],
                behaviourLogProbabilities: [-1, -2])
        }
        #expect(many?.message == "trajectory t: expected 1 log-probabilities, found 2")
        #expect(throws: LearningError.self) {
            try Trajectory(id: "t", tokens: [], spans: [TokenSpan(.prompt, 1), TokenSpan(.model, -1)])
        }
    }

    @Test func `a model that tells no log-probabilities can be kept, but not learned from`() throws {
        let trajectory = try Trajectory(id: "t", tokens: [1, 2], spans: [TokenSpan(.prompt, 1), TokenSpan(.model, 1)])
        let error = #expect(throws: LearningError.self) { try trajectory.behaviourByPosition() }
        #expect(error?.message == "trajectory t: expected log-probabilities of sampling, found none")
        #expect(error?.hint != nil)
    }

    @Test func `fewer turns are worth more where the answer is right`() throws {
        let transform = TurnCountReward(scale: 0.5, maximumTurns: 4)
        func reward(_ turns: Int, _ reward: Double) throws -> Double {
            let turns = Array(repeating: TrajectoryTurn(hasCode: true, hasAnswer: false), count: turns)
            let group = try TrajectoryGroup(
                id: "g", trajectories: [try Samples.trajectory(turns: turns, reward: reward)])
            return transform.reward(of: group.rows[0])
        }
        #expect(try (1...5).map { try reward($0, 1) } == [1.375, 1.25, 1.125, 1, 1])
        #expect(try reward(1, 0) == 0)
        let plain = TurnCountReward(scale: 0, maximumTurns: 4)
        let group = try Samples.group([0.3, 0.9])
        #expect(group.rows.map(plain.reward) == group.rows.map(OutcomeReward().reward))
        #expect(RewardTransforms.all.map { $0.name } == ["outcome", "turn_count"])
    }
}
