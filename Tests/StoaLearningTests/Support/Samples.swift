import StoaCore
import StoaLearning
import StoaTestKit

/// Trajectories for tests.
enum Samples {
    /// A trajectory of turns, each with two tokens of the model and, but for the last, one of a tool behind them.
    static func trajectory(
        _ id: String = "t", group: String = "g",
        turns: [TrajectoryTurn] = [TrajectoryTurn(hasCode: false, hasAnswer: true)],
        finish: FinishReason = .stop, reward: Double? = 1
    ) throws -> Trajectory {
        var spans = [TokenSpan(.prompt, 3)]
        for turn in turns.indices {
            spans.append(TokenSpan(.model, 2))
            if turn < turns.count - 1 { spans.append(TokenSpan(.tool, 1)) }
        }
        let count = spans.reduce(0) { $0 + $1.count }
        return try Trajectory(
            id: id, group: group, tokens: (0..<count).map { TokenID(Int32($0 % 3)) }, spans: spans,
            behaviourLogProbabilities: (0..<2 * turns.count).map { -0.25 * Double($0 + 1) }, turns: turns,
            finish: finish, reward: reward)
    }

    /// A group with such rewards.
    static func group(_ rewards: [Double], id: String = "g", finish: FinishReason = .stop) throws -> TrajectoryGroup {
        try TrajectoryGroup(
            id: id,
            trajectories: rewards.enumerated().map {
                try trajectory("\(id)/\($0)", group: id, finish: finish, reward: $1)
            })
    }

    /// So many right ones of so many.
    static func group(right: Int, of count: Int, id: String = "g") throws -> TrajectoryGroup {
        try group((0..<count).map { $0 < right ? 1 : 0 }, id: id)
    }

    /// Numbers between two bounds.
    static func numbers(_ count: Int, in range: ClosedRange<Double>, _ generator: inout SplitMix) -> [Double] {
        (0..<count).map { _ in Double.random(in: range, using: &generator) }
    }
}

/// Whether a number is another to an absolute tolerance.
func isNear(_ value: Double, _ other: Double, within tolerance: Double = 1e-9) -> Bool {
    abs(value - other) <= tolerance
}
