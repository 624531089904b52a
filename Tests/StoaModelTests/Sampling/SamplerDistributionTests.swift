import Foundation
import StoaCore
import StoaModel
import Testing

@Suite struct SamplerDistributionTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `the kept tokens are those of the naive rules`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("kept")
        let size = [1, 2, 33, 700, 3000][Int(seed % 5)]
        let logits = makeLogits(size, spread: [0.2, 1, 5][Int(seed % 3)], stream.child("logits"))
        let parameters = makeParameters(stream, vocabularySize: size)
        let history = makeHistory(stream, vocabularySize: size)
        let sampler = try Sampler(parameters, vocabularySize: size)
        let reference = ReferenceDistribution(logits: logits, parameters: parameters, history: history)
        #expect(try sampler.kept(logits, history: history) == reference.kept)
    }

    static let shapes: [(Int, SamplingParameters)] = [
        (50, SamplingParameters(temperature: 1)),
        (1600, SamplingParameters(temperature: 0.5)),
        (1600, SamplingParameters(temperature: 1, topK: 20)),
        (1600, SamplingParameters(temperature: 1, topP: 0.7)),
        (1600, SamplingParameters(temperature: 2, minP: 0.1)),
        (300, SamplingParameters(temperature: 1, topK: 100, topP: 0.9, minP: 0.02)),
    ]

    @Test(arguments: 0..<6, 0..<2 as Range<UInt64>)
    func `draws follow the exact distribution`(_ shape: Int, _ seed: UInt64) throws {
        let (size, parameters) = Self.shapes[shape]
        let root = RandomStream(seed: seed).child("chi").child(shape)
        let logits = makeLogits(size, spread: 2, root.child("logits"))
        let expected = ReferenceDistribution(logits: logits, parameters: parameters).probabilities
        let sampler = try Sampler(parameters, vocabularySize: size)
        let draws = 1200
        var counts = [Int](repeating: 0, count: size)
        let row = LogitRow()
        let stream = root.child("draws")
        try logits.withUnsafeBufferPointer { values in
            for position in 0..<draws {
                counts[try sampler.sample(values, stream: stream, position: position, using: row).id.index] += 1
            }
        }
        for (count, probability) in zip(counts, expected) where probability == 0 { #expect(count == 0) }
        // Rare tokens share cells of at least five expected draws.
        var cells: [(observed: Int, expected: Double)] = [(0, 0)]
        for (count, probability) in zip(counts, expected) {
            if cells[cells.count - 1].expected >= 5 { cells.append((0, 0)) }
            cells[cells.count - 1].observed += count
            cells[cells.count - 1].expected += probability * Double(draws)
        }
        let statistic = cells.reduce(0) { sum, cell in
            let difference = Double(cell.observed) - cell.expected
            return sum + (cell.expected > 0 ? difference * difference / cell.expected : 0)
        }
        // The mean of the statistic is its degrees of freedom, its variance twice that: five deviations and some room
        // for few degrees of freedom.
        let freedom = Double(cells.count - 1)
        #expect(statistic < freedom + 5 * (2 * freedom).squareRoot() + 10)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `log-probabilities are those of the model and not of the parameters`(_ seed: UInt64) throws {
        let stream = RandomStream(seed: seed).child("report")
        let size = 900
        let logits = makeLogits(size, spread: 3, stream.child("logits"))
        var parameters = makeParameters(stream, vocabularySize: size)
        parameters.logProbabilities = 7
        let sampler = try Sampler(parameters, vocabularySize: size)
        let history = makeHistory(stream, vocabularySize: size)
        let token = try sampler.sample(logits, history: history, stream: stream, position: 3)
        let largest = Double(logits.max() ?? 0)
        let normaliser = largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
        let entry = try #require(token.logProbability)
        #expect(entry.id == token.id)
        #expect(abs(entry.logProbability - (Double(logits[token.id.index]) - normaliser)) < 1e-7)
        let order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(7)
        #expect(entry.top.map(\.id.index) == Array(order))
        for alternative in entry.top {
            #expect(abs(alternative.logProbability - (Double(logits[alternative.id.index]) - normaliser)) < 1e-7)
        }
    }

    @Test func `asking for log-probabilities does not change the token`() throws {
        let stream = RandomStream(seed: 4)
        let logits = makeLogits(3000, spread: 2, stream)
        var parameters = SamplingParameters(temperature: 1, topP: 0.9)
        let plain = try Sampler(parameters, vocabularySize: 3000)
        for count in [0, 1, 20, 1024] {
            parameters.logProbabilities = count
            let reporting = try Sampler(parameters, vocabularySize: 3000)
            for position in 0..<20 {
                let token = try reporting.sample(logits, stream: stream, position: position)
                #expect(try plain.sample(logits, stream: stream, position: position).id == token.id)
                #expect(token.logProbability?.top.count == count)
            }
        }
    }
}
