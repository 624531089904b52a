import Foundation
import StoaCore
import StoaModel

/// The rules of sampling written down naively: whole arrays, full sorts, double precision.
struct ReferenceDistribution {
    /// The probability of every token; zero for those taken out.
    let probabilities: [Double]
    /// The ids in the running, in ascending order.
    var kept: [Int] { probabilities.indices.filter { isKept[$0] } }
    private let isKept: [Bool]

    init(
        logits: [Float], parameters: SamplingParameters, history: TokenHistory = TokenHistory(), mask: TokenMask? = nil
    ) {
        var x = logits.map { $0.isNaN ? -Double.infinity : Double($0) }
        for id in Set(history.prompt + history.generated) {
            let value = x[id.index]
            x[id.index] = value > 0 ? value / parameters.repetitionPenalty : value * parameters.repetitionPenalty
        }
        for id in history.generated { x[id.index] -= parameters.frequencyPenalty }
        for id in Set(history.generated) { x[id.index] -= parameters.presencePenalty }
        for (id, bias) in parameters.logitBias { x[id.index] += bias }
        var kept = x.indices.filter { x[$0] > -.infinity && (mask?[TokenID(Int32($0))] ?? true) }
        func ranked() -> [Int] { kept.sorted { (x[$0], $1) > (x[$1], $0) } }
        if parameters.temperature == 0 {
            kept = [ranked()[0]]
        } else {
            for id in x.indices { x[id] /= parameters.temperature }
        }
        if parameters.topK > 0 { kept = ranked().prefix(parameters.topK).sorted() }
        if parameters.topP < 1, parameters.temperature > 0 {
            let order = ranked()
            let weights = order.map { Foundation.exp(x[$0] - x[order[0]]) }
            let total = weights.reduce(0, +)
            var (sum, count) = (0.0, 0)
            while count < order.count, sum < parameters.topP * total {
                sum += weights[count]
                count += 1
            }
            kept = order.prefix(count).sorted()
        }
        if parameters.minP > 0, parameters.temperature > 0 {
            let largest = x[ranked()[0]]
            kept = kept.filter { Foundation.exp(x[$0] - largest) >= parameters.minP * (1 - 1e-12) }
        }
        let largest = x[ranked()[0]]
        let total = kept.reduce(0) { $0 + Foundation.exp(x[$1] - largest) }
        var probabilities = [Double](repeating: 0, count: x.count)
        var isKept = [Bool](repeating: false, count: x.count)
        for id in kept {
            probabilities[id] = Foundation.exp(x[id] - largest) / total
            isKept[id] = true
        }
        self.probabilities = probabilities
        self.isKept = isKept
    }
}

/// Random logits on a grid of 1/32, so that every transform with factors of two is exact and ties occur.
func makeLogits(_ count: Int, spread: Double, _ stream: RandomStream) -> [Float] {
    (0..<count).map { Float((stream.normal(at: UInt64($0)) * spread * 32).rounded() / 32) }
}

/// Random parameters whose factors are powers of two.
func makeParameters(_ stream: RandomStream, vocabularySize: Int) -> SamplingParameters {
    func pick<Value>(_ values: [Value], _ position: UInt64) -> Value {
        values[stream.integer(at: position, below: values.count)]
    }
    var parameters = SamplingParameters(
        temperature: pick([1, 0.5, 2, 0.25, 1], 0), topK: pick([0, 0, 1, 2, 7, 40, 300], 1),
        topP: pick([1, 1, 0.05, 0.5, 0.9, 0.99], 2), minP: pick([0, 0, 0.01, 0.1, 0.7], 3))
    parameters.repetitionPenalty = pick([1, 1, 2, 0.5], 4)
    parameters.presencePenalty = pick([0, 0, 0.5, -1], 5)
    parameters.frequencyPenalty = pick([0, 0, 0.25, -0.5], 6)
    for index in 0..<pick([0, 0, 3], 7) {
        let id = TokenID(Int32(stream.integer(at: UInt64(100 + index), below: vocabularySize)))
        parameters.logitBias[id] = pick([-100, 1, 4], UInt64(200 + index))
    }
    return parameters
}

/// A random history over a vocabulary.
func makeHistory(_ stream: RandomStream, vocabularySize: Int) -> TokenHistory {
    func ids(_ name: String) -> [TokenID] {
        (0..<20 as Range<UInt64>).map {
            TokenID(Int32(stream.child(name).integer(at: $0, below: vocabularySize)))
        }
    }
    return TokenHistory(prompt: ids("prompt"), generated: ids("generated"))
}

extension Sampler {
    /// The ids that the sampler draws from, in ascending order.
    func kept(_ logits: [Float], history: TokenHistory = TokenHistory(), mask: TokenMask? = nil) throws -> [Int] {
        let row = LogitRow()
        return try logits.withUnsafeBufferPointer { values in
            row.load(values)
            try transform(row, context: SamplingContext(history: history, mask: mask))
            return values.indices.filter { row[$0] > -.infinity }
        }
    }
}
