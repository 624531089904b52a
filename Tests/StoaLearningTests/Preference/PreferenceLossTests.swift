import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// Losses over the log-probabilities of whole completions: the numbers of the acceptance test S1.
@Suite struct PreferenceLossTests {
    /// beta; log-probabilities of chosen, rejected, and of both under the reference; loss and its derivative by the first.
    static let golden: [(beta: Double, numbers: [Double], loss: Double, derivative: Double)] = [
        (0.1, [-12, -15, -13, -14], 0.5981388694, -0.0450166003),
        (0.1, [-20, -10, -18, -12], 0.9130152524, -0.0598687660),
        (0.1, [-5, -5, -5, -5], 0.6931471806, -0.05),
        (0.5, [-50, -40, -45, -44], 4.5110477448, -0.4945065287),
        (0.3, [-30.5, -28.25, -31, -27.75], 0.5543552445, -0.1276672450),
    ]

    static func value(_ loss: PreferenceLoss, _ numbers: [Double], lengths: (Int, Int) = (1, 1)) -> PreferenceLoss.Value
    {
        loss.value(
            chosen: .init(logProbability: numbers[0], reference: numbers[2], length: lengths.0),
            rejected: .init(logProbability: numbers[1], reference: numbers[3], length: lengths.1))
    }

    @Test(arguments: golden.indices) func `the golden numbers of DPO`(index: Int) {
        let (beta, numbers, loss, derivative) = Self.golden[index]
        let value = Self.value(PreferenceLoss(beta: beta), numbers)
        #expect(isNear(value.loss, loss, within: 5e-11))
        #expect(isNear(value.chosenDerivative, derivative, within: 5e-11))
        #expect(value.rejectedDerivative == -value.chosenDerivative)
        let margin = beta * (numbers[0] - numbers[1] - numbers[2] + numbers[3])
        #expect(isNear(value.margin, margin, within: 1e-12))
        #expect(value.isRight == (margin > 0))
    }

    @Test func `the golden numbers of label smoothing and IPO`() {
        let numbers = Self.golden[0].numbers
        let smooth = Self.value(PreferenceLoss(kind: .sigmoid(labelSmoothing: 0.1)), numbers)
        #expect(isNear(smooth.loss, 0.6181388694, within: 5e-11))
        // D_mean = 2: gains of 4 over two tokens and of 0.
        let ipo = Self.value(PreferenceLoss(kind: .ipo), [-6, -7, -10, -7], lengths: (2, 3))
        #expect(isNear(ipo.loss, 9, within: 1e-12))
    }

    @Test func `the likelihood beside it is minus the mean over the chosen tokens`() {
        let numbers = Self.golden[0].numbers
        let plain = Self.value(PreferenceLoss(), numbers, lengths: (4, 9))
        let both = Self.value(PreferenceLoss(likelihoodWeight: 0.5), numbers, lengths: (4, 9))
        #expect(isNear(both.loss, plain.loss + 0.5 * 12 / 4, within: 1e-12))
        #expect(isNear(both.chosenDerivative, plain.chosenDerivative - 0.125, within: 1e-12))
        #expect(both.rejectedDerivative == plain.rejectedDerivative)
        #expect(both.margin == plain.margin)
    }

    @Test(arguments: 0..<100) func `derivatives are those of the loss`(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let kinds: [PreferenceLoss.Kind] = [.sigmoid(labelSmoothing: 0), .sigmoid(labelSmoothing: 0.2), .ipo]
        let loss = PreferenceLoss(
            beta: Double.random(in: 0.05...1, using: &random), kind: kinds[seed % 3],
            likelihoodWeight: seed.isMultiple(of: 2) ? 0 : 0.5)
        let numbers = Samples.numbers(4, in: -8...0, &random)
        let lengths = (Int.random(in: 1...9, using: &random), Int.random(in: 1...9, using: &random))
        let value = Self.value(loss, numbers, lengths: lengths)
        for (place, derivative) in [(0, value.chosenDerivative), (1, value.rejectedDerivative)] {
            func moved(_ step: Double) -> Double {
                var numbers = numbers
                numbers[place] += step
                return Self.value(loss, numbers, lengths: lengths).loss
            }
            #expect(isNear((moved(1e-5) - moved(-1e-5)) / 2e-5, derivative, within: 1e-6 * max(1, abs(derivative))))
        }
    }

    @Test func `a policy that is its reference has the loss ln 2, whatever the completions`() {
        for numbers in [[-3.0, -90, -3, -90], [0, 0, 0, 0], [-1e6, -1, -1e6, -1]] {
            let value = Self.value(PreferenceLoss(), numbers)
            #expect(isNear(value.loss, 0.6931471805599453, within: 1e-15))
            #expect(value.margin == 0)
            #expect(!value.isRight)
        }
    }

    @Test(arguments: [1e4, -1e4]) func `nothing overflows`(_ margin: Double) {
        for smoothing in [0, 0.1] {
            let value = Self.value(
                PreferenceLoss(beta: 1, kind: .sigmoid(labelSmoothing: smoothing)), [margin, 0, 0, 0])
            let share = margin < 0 ? 1 - smoothing : smoothing
            #expect(isNear(value.loss, share * 1e4, within: 1e-9))
            #expect(isNear(value.chosenDerivative, margin < 0 ? -(1 - smoothing) : smoothing, within: 1e-12))
        }
    }
}

/// Supervised losses: the acceptance test S7.
@Suite struct LikelihoodLossTests {
    static func batch(_ weights: [Double], seed: UInt64 = 1) -> [LikelihoodLoss.Sequence] {
        var random = SplitMix(seed: seed)
        return weights.map { weight in
            let count = Int.random(in: 2...6, using: &random)
            return LikelihoodLoss.Sequence(
                logProbabilities: Samples.numbers(count, in: -5...0, &random),
                mask: (0..<count).map { $0 > 0 }, weight: weight)
        }
    }

    @Test(arguments: LikelihoodLoss.Norm.allCases) func `the gradient is the weighted sum of the gradients`(
        norm: LikelihoodLoss.Norm
    ) throws {
        let weights = [0.25, 1, 3]
        let batch = Self.batch(weights)
        let value = try LikelihoodLoss(norm: norm).value(of: batch)
        let divisor =
            switch norm {
            case .weights: 4.25
            case .count: 3.0
            case .tokens: Double(batch.reduce(0) { $0 + $1.mask.count { $0 } })
            }
        var sum = 0.0
        for (index, sequence) in batch.enumerated() {
            #expect(value.derivatives[index] == sequence.mask.map { $0 ? -weights[index] / divisor : 0 })
            sum -= weights[index] * zip(sequence.logProbabilities, sequence.mask).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        }
        #expect(isNear(value.loss, sum / divisor, within: 1e-12))
    }

    @Test func `a sequence without weight is absent, and equal weights are plain training`() throws {
        let batch = Self.batch([1, 0, 2])
        var wild = batch
        wild[1].logProbabilities = wild[1].logProbabilities.map { _ in -.infinity }
        for norm in [LikelihoodLoss.Norm.weights, .tokens] {
            let loss = LikelihoodLoss(norm: norm)
            var value = try loss.value(of: wild)
            #expect(value.derivatives.remove(at: 1).allSatisfy { $0 == 0 })
            #expect(try value == loss.value(of: [batch[0], batch[2]]))
        }
        let plain = try LikelihoodLoss().value(of: Self.batch([1, 1, 1]))
        let equal = try LikelihoodLoss().value(of: Self.batch([2, 2, 2]))
        #expect(plain == equal)
        #expect(try plain == LikelihoodLoss(norm: .count).value(of: Self.batch([1, 1, 1])))
    }

    @Test(arguments: LikelihoodLoss.Norm.allCases) func `sequence by sequence the loss is that of the batch`(
        norm: LikelihoodLoss.Norm
    ) throws {
        let batch = Self.batch([0.5, 0, 2, 1], seed: 3)
        let loss = LikelihoodLoss(norm: norm)
        let whole = try loss.value(of: batch)
        let divisor = loss.divisor(of: batch.map { ($0.weight, $0.mask.count { $0 }) })
        let parts = batch.map { loss.value(of: $0, divisor: divisor) }
        #expect(parts.map(\.derivatives) == whole.derivatives)
        #expect(parts.reduce(0) { $0 + $1.loss } == whole.loss)
    }

    @Test func `what makes no sense is refused, and nothing at all is nothing`() throws {
        var batch = Self.batch([1])
        batch[0].mask.removeLast()
        #expect(throws: LearningError.self) { try LikelihoodLoss().value(of: batch) }
        let error = #expect(throws: LearningError.self) { try LikelihoodLoss().value(of: Self.batch([-1])) }
        #expect(error?.message == "sequence 0 of a batch: expected a weight of 0 or more, found -1.0")
        #expect(try LikelihoodLoss().value(of: []).loss == 0)
        #expect(try LikelihoodLoss().value(of: Self.batch([0, 0])).loss == 0)
    }

    @Test func `only a critique is learned, not what it is a critique of`() throws {
        let sample = SupervisedSample.critique(problem: [1, 2], solution: [3, 4, 5], critique: [3, 6])
        #expect(sample.tokens == [1, 2, 3, 4, 5, 3, 6])
        #expect(sample.mask == [false, false, false, false, false, true, true])
        let trajectory = try Samples.trajectory()
        #expect(SupervisedSample(trajectory).mask == trajectory.mask)
    }
}
