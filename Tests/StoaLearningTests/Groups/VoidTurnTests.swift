import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// The void-turn rule: the acceptance test T4.
@Suite struct VoidTurnTests {
    private static let code = TrajectoryTurn(hasCode: true, hasAnswer: false)
    private static let answer = TrajectoryTurn(hasCode: false, hasAnswer: true)
    private static let void = TrajectoryTurn(hasCode: false, hasAnswer: false)

    /// What a turn came to, and whether it is void.
    static let turns: [(name: String, turn: TrajectoryTurn, finish: FinishReason, isVoid: Bool)] = [
        ("prose without code and box", void, .stop, true),
        ("an unterminated fence", void, .length, true),
        ("the end of the turn at once", void, .stop, true),
        ("prose that is cut by its length", void, .length, true),
        ("code that fails", code, .fence, false),
        ("code that runs out of time", code, .fence, false),
        ("code that prints nothing", code, .fence, false),
        ("an answer", answer, .stop, false),
        ("an answer and code", TrajectoryTurn(hasCode: true, hasAnswer: true), .fence, false),
    ]

    @Test(arguments: turns.indices) func `a turn is void without code and without answer`(index: Int) throws {
        let (name, turn, finish, isVoid) = Self.turns[index]
        let trajectory = try Samples.trajectory(turns: [turn], finish: finish)
        #expect(trajectory.isVoid == isVoid, "\(name)")
        let group = try #require(VoidTurnRule().apply(try TrajectoryGroup(id: "g", trajectories: [trajectory])))
        #expect(group.rows[0].weight == (isVoid ? 0 : 1))
    }

    @Test func `the most turns with code in each of them are not void`() throws {
        for count in [1, 5, 10] {
            let turns = Array(repeating: Self.code, count: count)
            #expect(try !Samples.trajectory(turns: turns, finish: .limit).isVoid)
        }
    }

    @Test(arguments: 0..<4) func `one void turn takes all turns out`(place: Int) throws {
        var turns = [Self.code, Self.code, Self.code, Self.answer]
        turns[place] = Self.void
        let trajectory = try Samples.trajectory(turns: turns)
        #expect(trajectory.isVoid)
        let own = Array(repeating: -1.0, count: trajectory.tokens.count)
        let row = try PolicyRow(trajectory, logProbabilities: own, advantage: 1, weight: 0)
        #expect(row.mask.allSatisfy { !$0 })
    }

    @Test func `where there are no tools nothing is void`() throws {
        #expect(try !Samples.trajectory(turns: []).isVoid)
    }

    @Test func `rewards of void trajectories count in the baseline as the option says`() throws {
        let trajectories = [
            try Samples.trajectory("a", reward: 1), try Samples.trajectory("b", reward: 0),
            try Samples.trajectory("c", turns: [Self.void], reward: 0),
            try Samples.trajectory("d", turns: [Self.void], reward: 0),
        ]
        let group = try TrajectoryGroup(id: "g", trajectories: trajectories)
        let asCode = try #require(VoidTurnRule(voidInBaseline: true).apply(group))
        #expect(DrGRPOAdvantage().advantages(of: asCode) == [0.75, -0.25, -0.25, -0.25])
        #expect(asCode.rows.map(\.weight) == [1, 1, 0, 0])
        let asPaper = try #require(VoidTurnRule(voidInBaseline: false).apply(group))
        #expect(DrGRPOAdvantage().advantages(of: asPaper) == [0.5, -0.5, 0, 0])
        #expect(asPaper.rows.map(\.weight) == [1, 1, 0, 0])
    }

    /// The gradient of an update that is prepared by a pipeline, per trajectory.
    private static func gradient(
        _ trajectories: [Trajectory], _ pipeline: RolloutPipeline, _ aggregation: PolicyObjective.Aggregation
    ) throws -> [String: [Double]] {
        let batch = try pipeline.batch(of: trajectories, stream: RandomStream(seed: 1))
        let rows = try batch.samples.map { sample in
            var random = SplitMix(seed: UInt64(sample.trajectory.id.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
            return try PolicyRow(
                sample.trajectory,
                logProbabilities: Samples.numbers(sample.trajectory.tokens.count, in: -3...0, &random),
                advantage: sample.advantage, weight: sample.weight)
        }
        let value = try PolicyObjective(aggregation: aggregation).value(of: rows)
        return Dictionary(uniqueKeysWithValues: zip(batch.samples.map(\.trajectory.id), value.derivatives))
    }

    @Test(arguments: 0..<20)
    func `as the paper has it, the gradient is that of the batch without void rows, bit by bit`(
        seed: Int
    ) throws {
        var random = SplitMix(seed: UInt64(seed))
        var trajectories: [Trajectory] = []
        for index in 0..<12 {
            let isVoid = index % 3 == 1
            let turns =
                (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.code } + [isVoid ? Self.void : Self.answer]
            trajectories.append(
                try Samples.trajectory(
                    "t\(index)", group: "g\(index % 2)", turns: turns,
                    reward: Double.random(in: 0...1, using: &random)))
        }
        let others = trajectories.filter { !$0.isVoid }
        for aggregation in PolicyObjectiveTests.aggregations {
            for estimator in AdvantageEstimators.all {
                let paper = RolloutPipeline(filters: [VoidTurnRule(voidInBaseline: false)], estimator: estimator)
                let with = try Self.gradient(trajectories, paper, aggregation)
                let without = try Self.gradient(others, paper, aggregation)
                #expect(without.count == others.count)
                for (id, derivatives) in without { #expect(with[id] == derivatives, "\(id)") }
                for trajectory in trajectories where trajectory.isVoid {
                    #expect(with[trajectory.id]?.allSatisfy { $0 == 0 } == true)
                }
                // As the code has it, the void rows' rewards move the baseline, so the gradient differs.
                let code = RolloutPipeline(filters: [VoidTurnRule(voidInBaseline: true)], estimator: estimator)
                #expect(try Self.gradient(trajectories, code, aggregation) != with)
            }
        }
    }

    @Test func `the rule keeps planted gradients of great norm out`() throws {
        // A bad trajectory whose tokens the policy now finds far more likely than when they were sampled.
        let good = try Samples.trajectory("good", turns: [Self.code, Self.answer], reward: 1)
        let wild = try Samples.trajectory("wild", turns: [Self.code, Self.void], reward: 0)
        let loss = ClippedPolicyLoss(dualClip: nil)
        func norm(_ filters: [any GroupFilter]) throws -> Double {
            let batch = try RolloutPipeline(filters: filters).batch(of: [good, wild], stream: RandomStream(seed: 0))
            let rows = try batch.samples.map { sample in
                let shift = sample.trajectory.id == "wild" ? 9.0 : 0
                let behaviour = try sample.trajectory.behaviourByPosition()
                return try PolicyRow(
                    sample.trajectory, logProbabilities: behaviour.map { $0 + shift }, advantage: sample.advantage,
                    weight: sample.weight)
            }
            let value = try PolicyObjective(loss: loss).value(of: rows)
            return value.derivatives.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        #expect(try norm([]) > 1000)
        #expect(try norm([VoidTurnRule()]) < 1)
    }
}
