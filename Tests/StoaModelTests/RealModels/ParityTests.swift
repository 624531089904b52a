import CStoaKernels
import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// How far a model's log-probabilities are from recorded ones.
struct Parity: Sendable {
    /// The largest difference of a text token's log-probability.
    var ofText: Float = 0
    /// The largest difference among the reference's five most probable tokens of each place, place by place.
    var ofBest: [Float] = []
    /// How far any other token came above the least of those five.
    var intruder: Float = -.infinity
    /// The sum of negative log-probabilities, and how many there are.
    var loss = 0.0
    var count = 0
    /// The most probable token of each place.
    var greedy: [Int] = []
    /// The log-probability of each text token.
    var logProbabilities: [Double] = []

    var perplexity: Double { exp(loss / Double(count)) }

    /// Feeds every recorded window.
    static func measure(_ model: LocalModel, _ golden: RealModel.Golden) async throws -> Parity {
        var sum = Parity()
        for window in golden.windows {
            let driver = ParityDriver(window)
            _ = try await model.run(driver)
            sum.ofText = max(sum.ofText, driver.parity.ofText)
            sum.ofBest += driver.parity.ofBest
            sum.intruder = max(sum.intruder, driver.parity.intruder)
            sum.loss += driver.parity.loss
            sum.count += driver.parity.count
            sum.greedy += driver.parity.greedy
            sum.logProbabilities += driver.parity.logProbabilities
        }
        return sum
    }
}

/// Feeds a window and compares every row on the spot: a window's logits would fill hundreds of megabytes.
///
/// `@unchecked Sendable`: touched by the model's lane until `run` returns, by the test afterwards.
private final class ParityDriver: SequenceDriver, @unchecked Sendable {
    private let window: RealModel.Golden.Window
    private var isStarted = false
    private(set) var parity = Parity()

    init(_ window: RealModel.Golden.Window) { self.window = window }

    func next() -> Demand? {
        guard !isStarted else { return nil }
        isStarted = true
        return Demand(inputs: window.tokens.inputs, origin: .prompt, outputs: OutputRequest(logits: .all))
    }

    func receive(_ output: RowOutput) {
        guard output.row + 1 < window.tokens.count, let logits = output.logits, let base = logits.baseAddress else {
            return
        }
        let normaliser = stk_log_sum_exp(base, logits.count)
        func difference(_ id: Int, _ expected: Float) -> Float {
            let difference = abs(Float(Double(logits[id]) - normaliser) - expected)
            return difference.isNaN ? .infinity : difference
        }
        let next = window.tokens[output.row + 1].index
        let logProbability = Double(logits[next]) - normaliser
        parity.logProbabilities.append(logProbability)
        parity.loss -= logProbability
        parity.count += 1
        parity.greedy.append(stk_argmax(base, logits.count))
        parity.ofText = max(parity.ofText, difference(next, window.logProbabilities[output.row]))
        let top = window.top[output.row]
        parity.ofBest.append(top.reduce(0) { max($0, difference($1.id, $1.logProbability)) })
        for entry in top { logits[entry.id] = -.infinity }
        let rest = Float(Double(stk_max(base, logits.count)) - normaliser)
        parity.intruder = max(parity.intruder, rest - (top.map(\.logProbability).min() ?? 0))
    }
}

/// Feeds the most probable token back: a generation without text, which spares a test the vocabulary.
///
/// `@unchecked Sendable`: touched by the model's lane until `run` returns, by the test afterwards.
private final class GreedyDriver: SequenceDriver, @unchecked Sendable {
    private let prompt: [TokenID]
    private let count: Int
    private(set) var tokens: [TokenID] = []

    init(prompt: [TokenID], count: Int) {
        self.prompt = prompt
        self.count = count
    }

    func next() -> Demand? {
        guard tokens.count < count else { return nil }
        let inputs = tokens.last.map { [$0] } ?? prompt
        return Demand(inputs: inputs.inputs, origin: .prompt, outputs: OutputRequest(logits: .last))
    }

    func receive(_ output: RowOutput) {
        guard let logits = output.logits, let base = logits.baseAddress else { return }
        tokens.append(TokenID(Int32(stk_argmax(base, logits.count))))
    }
}

/// Runs over the goldens' text that more than one test looks at.
private actor Measured {
    static let all = Measured()
    private var runs: [String: Task<Parity, any Error>] = [:]

    func parity(_ model: RealModel, _ precision: Precision) async throws -> Parity {
        let key = "\(model.rawValue) \(precision.rawValue)"
        let task = runs[key] ?? Task { try await Parity.measure(model.shared(precision), model.golden()) }
        runs[key] = task
        return try await task.value
    }
}

extension RealModelTests {
    /// The engine against the reference library on the dequantised weights (Tests/Goldens/parity).
    @Suite struct ParityTests {
        /// What `exact` is held to, in natural logarithms.
        static let tolerance: Float = 1e-3

        @Test(arguments: RealModel.allCases)
        func `exact gives the reference's log-probabilities and its five best at every place`(_ model: RealModel)
            async throws
        {
            let golden = try model.golden()
            let parity = try await Measured.all.parity(model, .exact)
            #expect(parity.count == golden.windows.reduce(0) { $0 + $1.tokens.count - 1 })
            #expect(parity.ofText < Self.tolerance)
            #expect((parity.ofBest.max() ?? .infinity) < Self.tolerance)
            #expect(parity.intruder < Self.tolerance)
            #expect(abs(parity.perplexity / golden.perplexity - 1) < 1e-4)
            print(
                "\(model.rawValue) exact: text \(parity.ofText), best five \(parity.ofBest.max() ?? 0) from the reference"
            )
        }

        @Test(arguments: RealModel.allCases)
        func `fast is within half a percent of exact in perplexity, and mostly of one mind with it`(_ model: RealModel)
            async throws
        {
            let exact = try await Measured.all.parity(model, .exact)
            let fast = try await Measured.all.parity(model, .fast)
            #expect(abs(fast.perplexity / exact.perplexity - 1) < 0.005)
            let agreed = zip(fast.greedy, exact.greedy).count { $0 == $1 }
            #expect(Double(agreed) / Double(exact.greedy.count) > 0.95)
            print(
                "\(model.rawValue) fast: perplexity \(fast.perplexity), exact \(exact.perplexity); most probable token the same at "
                    + "\(agreed) of \(exact.greedy.count) places")
        }

        /// The smallest margin of a recorded choice is 0.0057 logits, six times what `exact` is held to.
        @Test(arguments: RealModel.allCases)
        func `exact continues as the reference does`(_ model: RealModel) async throws {
            let engine = try await model.shared(.exact)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for continuation in try model.golden().continuations {
                    group.addTask {
                        let driver = GreedyDriver(prompt: continuation.prompt, count: continuation.tokens.count)
                        _ = try await engine.run(driver)
                        #expect(driver.tokens == continuation.tokens, "\(continuation.name)")
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func `scores are those of the rows`() async throws {
            let model = try await RealModel.smollm2.shared(.exact)
            let window = try RealModel.smollm2.golden().windows[0]
            let score = try await model.score(window.tokens, alternatives: 5)
            let expected = try await Measured.all.parity(.smollm2, .exact).logProbabilities.prefix(
                window.tokens.count - 1)
            #expect(score.tokens.first == .some(nil))
            #expect(score.tokens.dropFirst().map { $0?.logProbability } == expected.map { $0 })
            for (row, entry) in score.tokens.dropFirst().enumerated() {
                let top = try #require(entry?.top)
                for (found, recorded) in zip(top, window.top[row]) {
                    #expect(abs(Float(found.logProbability) - recorded.logProbability) < Self.tolerance)
                }
            }
        }

        /// A second, independent file of the same numbers: `STOA_TEST_DEQUANTISED` names a folder that holds
        /// `hf-<file without .gguf>` as Tests/Goldens/parity/dequantise.py writes it (it needs Python with torch).
        @Test(
            .enabled(if: RealModel.dequantisedFolder != nil, "STOA_TEST_DEQUANTISED is not set"),
            arguments: RealModel.allCases)
        func `a folder of the dequantised weights says the same as the file`(_ model: RealModel) async throws {
            var options = LocalModel.Options()
            options.precision = .exact
            let folder = try await LocalModel.load(try model.dequantisedPath(), options: options)
            let found = try await Parity.measure(folder, model.golden())
            let expected = try await Measured.all.parity(model, .exact)
            let gap = zip(found.logProbabilities, expected.logProbabilities).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(found.count == expected.count)
            #expect(gap < 1e-4)
            #expect(found.greedy == expected.greedy)
            print("\(model.rawValue) dequantised: log-probabilities within \(gap) of the file's")
        }
    }
}
