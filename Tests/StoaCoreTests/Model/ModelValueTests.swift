import Foundation
import StoaCore
import Testing

@Suite struct ModelValueTests {
    @Test func `usages add up field by field`() {
        var total = Usage(prefillTokens: 1, cachedTokens: 2, latentSteps: 3, decodedTokens: 4)
        total += Usage(prefillTokens: 10, cachedTokens: 20, latentSteps: 30, decodedTokens: 40)
        #expect(total == Usage(prefillTokens: 11, cachedTokens: 22, latentSteps: 33, decodedTokens: 44))
        #expect(total + .zero == total)
    }

    func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func `coded names are those of the command line's documents`() throws {
        #expect(
            try encoded(Usage(prefillTokens: 1, cachedTokens: 2, latentSteps: 3, decodedTokens: 4))
                == #"{"cached_tokens":2,"decoded_tokens":4,"latent_steps":3,"prefill_tokens":1}"#)
        let entry = TokenLogProbability(
            id: TokenID(5), logProbability: -0.5, top: [.init(id: TokenID(6), logProbability: -0.25)])
        #expect(try encoded(entry) == #"{"id":5,"logprob":-0.5,"top":[{"id":6,"logprob":-0.25}]}"#)
        #expect(try JSONDecoder().decode(TokenLogProbability.self, from: Data(try encoded(entry).utf8)) == entry)
        #expect(
            FinishReason.allCases.map(\.rawValue) == [
                "stop", "stop_string", "fence", "length", "context", "limit", "cancelled",
            ])
    }
}
