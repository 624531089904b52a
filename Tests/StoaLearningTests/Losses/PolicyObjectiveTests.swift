import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// The loss of an update, and that rows which do not count leave no trace.
@Suite struct PolicyObjectiveTests {
    static let aggregations: [PolicyObjective.Aggregation] = [.tokenMean, .sequenceMean, .fixedLength(64)]

    static func row(_ count: Int, advantage: Double, _ random: inout SplitMix, masked: Double = 0.3) throws -> PolicyRow
    {
        let behaviour = Samples.numbers(count, in: -4...0, &random)
        return try PolicyRow(
            logProbabilities: behaviour.map { $0 + Double.random(in: -0.5...0.5, using: &random) },
            behaviour: behaviour, advantages: Array(repeating: advantage, count: count),
            mask: (0..<count).map { _ in Double.random(in: 0...1, using: &random) >= masked },
            reference: Samples.numbers(count, in: -4...0, &random))
    }

    @Test func `the mean over tokens and the mean over sequences, by hand`() throws {
        // Ratios of 1: the loss of a token is minus its advantage.
        func row(_ mask: [Bool], _ advantage: Double) throws -> PolicyRow {
            let zeros = Array(repeating: -1.0, count: mask.count)
            return try PolicyRow(
                logProbabilities: zeros, behaviour: zeros, advantages: zeros.map { _ in advantage }, mask: mask)
        }
        let rows = [try row([false, true, true, true], 1), try row([true, false], -2)]
        let byToken = try PolicyObjective(aggregation: .tokenMean).value(of: rows)
        #expect(isNear(byToken.loss, (-3 + 2) / (4 + 1e-8), within: 1e-15))
        let share = -1 / (4 + 1e-8)
        #expect(byToken.derivatives[0] == [0, share, share, share])
        let bySequence = try PolicyObjective(aggregation: .sequenceMean).value(of: rows)
        #expect(bySequence.loss == 0.5)
        let third = -1.0 / 6
        #expect(bySequence.derivatives == [[0, third, third, third], [1, 0]])
        let byLength = try PolicyObjective(aggregation: .fixedLength(10)).value(of: rows)
        #expect(isNear(byLength.loss, (-3.0 + 2) / 20, within: 1e-15))
        #expect(byToken.tokens == 4)
        #expect(byToken.clippedFraction == 0)
        #expect(byToken.greatestRatioError == 0)
    }

    @Test(arguments: 0..<30) func `derivatives are those of the loss`(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let rows = try (0..<3).map { _ in try Self.row(5, advantage: Double.random(in: -2...2, using: &random), &random)
        }
        let objective = PolicyObjective(aggregation: Self.aggregations[seed % 3], klCoefficient: 0.1, scale: 0.5)
        let value = try objective.value(of: rows)
        for (index, row) in rows.enumerated() {
            for position in row.mask.indices {
                func moved(_ step: Double) throws -> PolicyObjective.Value {
                    var numbers = row.logProbabilities
                    numbers[position] += step
                    var rows = rows
                    rows[index] = try PolicyRow(
                        logProbabilities: numbers, behaviour: row.behaviour, advantages: row.advantages,
                        mask: row.mask, weights: row.weights, reference: row.reference)
                    return try objective.value(of: rows)
                }
                let (above, below) = (try moved(1e-6), try moved(-1e-6))
                guard above.clippedFraction == below.clippedFraction else { continue }
                let slope = (above.loss - below.loss) / 2e-6
                #expect(isNear(value.derivatives[index][position], slope, within: 1e-7))
                if !row.mask[position] { #expect(value.derivatives[index][position] == 0) }
            }
        }
    }

    @Test(arguments: 0..<30) func `a row that does not count leaves no trace in any bit, whatever stands in it`(
        seed: Int
    ) throws {
        var random = SplitMix(seed: UInt64(seed))
        let rows = try (0..<4).map { _ in try Self.row(6, advantage: Double.random(in: -2...2, using: &random), &random)
        }
        let nothing = try PolicyRow(
            logProbabilities: [.nan, .infinity], behaviour: [-.infinity, .nan], advantages: [1e300, .nan],
            mask: [false, false], weights: [0, .nan], reference: [.nan, .nan])
        for aggregation in Self.aggregations {
            let objective = PolicyObjective(aggregation: aggregation, klCoefficient: 0.2)
            let without = try objective.value(of: rows)
            var with = rows
            let place = seed % 5
            with.insert(nothing, at: place)
            var value = try objective.value(of: with)
            #expect(value.derivatives.remove(at: place) == [0, 0])
            #expect(value == without)
            #expect(value.isFinite)
        }
    }

    @Test func `weights scale, a weight of 0 takes out, and lengths that differ are refused`() throws {
        let trajectory = try Samples.trajectory()
        let own = Array(repeating: -0.4, count: trajectory.tokens.count)
        let objective = PolicyObjective()
        let one = try objective.value(of: [PolicyRow(trajectory, logProbabilities: own, advantage: 1)])
        let half = try objective.value(of: [PolicyRow(trajectory, logProbabilities: own, advantage: 1, weight: 0.5)])
        #expect(half.loss == one.loss / 2)
        let none = try objective.value(of: [PolicyRow(trajectory, logProbabilities: own, advantage: 1, weight: 0)])
        #expect(none.loss == 0)
        #expect(none.tokens == 0)
        let error = #expect(throws: LearningError.self) {
            try PolicyRow(trajectory, logProbabilities: [-1], advantage: 1)
        }
        #expect(error?.message == "row of an update: expected 5 log-probabilities, found 1")
        let blind = try PolicyRow(trajectory, logProbabilities: own, advantage: 1)
        #expect(throws: LearningError.self) { try PolicyObjective(klCoefficient: 1).value(of: [blind]) }
    }

    @Test func `an update that is no number says so`() throws {
        let row = try PolicyRow(logProbabilities: [0], behaviour: [-1e5], advantages: [-1], mask: [true])
        #expect(try PolicyObjective(loss: ClippedPolicyLoss(dualClip: nil)).value(of: [row]).isFinite == false)
        #expect(try PolicyObjective().value(of: [row]).isFinite)
        #expect(try PolicyObjective().value(of: []).loss == 0)
    }
}
