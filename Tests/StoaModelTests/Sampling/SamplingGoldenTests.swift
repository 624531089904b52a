import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

@Suite struct SamplingGoldenTests {
    struct Case: Decodable, Sendable {
        let logits: [Float]
        let history: [Int32]
        let kept: [Int]
        let probabilities: [Double]
        let parameters: SamplingParameters

        enum CodingKeys: CodingKey { case logits, history, kept, probabilities }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            logits = try members.decode([Float].self, forKey: .logits)
            history = try members.decode([Int32].self, forKey: .history)
            kept = try members.decode([Int].self, forKey: .kept)
            probabilities = try members.decode([Double].self, forKey: .probabilities)
            parameters = try SamplingParameters(from: decoder)
        }
    }

    static let cases = (try? JSONDecoder().decode([Case].self, from: Data(golden("sampling/goldens.json")))) ?? []

    @Test func `the goldens are there`() { #expect(Self.cases.count == 60) }

    @Test(arguments: 0..<60)
    func `what is kept and how probable it is equals transformers`(_ index: Int) throws {
        let golden = try #require(Self.cases.dropFirst(index).first)
        let sampler = try Sampler(golden.parameters, vocabularySize: golden.logits.count)
        let row = LogitRow()
        try golden.logits.withUnsafeBufferPointer { values in
            row.load(values)
            let history = TokenHistory(prompt: golden.history.map { TokenID($0) })
            try sampler.transform(row, context: SamplingContext(history: history))
            #expect(values.indices.filter { row[$0] > -.infinity } == golden.kept)
            let weights = golden.kept.map { exp(Double(row[$0]) - Double(row.maximum)) }
            let total = weights.reduce(0, +)
            for (weight, probability) in zip(weights, golden.probabilities) {
                #expect(abs(weight / total - probability) < 1e-5 * probability)
            }
        }
    }
}
