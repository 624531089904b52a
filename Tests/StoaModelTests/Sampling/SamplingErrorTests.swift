import Foundation
import StoaCore
import StoaModel
import Testing

@Suite struct SamplingErrorTests {
    static let wrong: [(String, SamplingParameters)] = {
        func with(_ change: (inout SamplingParameters) -> Void) -> SamplingParameters {
            var parameters = SamplingParameters()
            change(&parameters)
            return parameters
        }
        return [
            (
                "--temperature: expected 0 (greedy) or a number from 0.0001 to 100, found -1.0",
                with { $0.temperature = -1 }
            ),
            (
                "--temperature: expected 0 (greedy) or a number from 0.0001 to 100, found nan",
                with { $0.temperature = .nan }
            ),
            (
                "--temperature: expected 0 (greedy) or a number from 0.0001 to 100, found 1e-05",
                with { $0.temperature = 1e-5 }
            ),
            ("--top-k: expected 0 (all tokens) or a positive integer, found -3", with { $0.topK = -3 }),
            ("--top-p: expected a number above 0 and up to 1 (1: all tokens), found 0.0", with { $0.topP = 0 }),
            ("--top-p: expected a number above 0 and up to 1 (1: all tokens), found 1.5", with { $0.topP = 1.5 }),
            ("--min-p: expected a number from 0 (all tokens) to 1, found 2.0", with { $0.minP = 2 }),
            (
                "--repetition-penalty: expected a number above 0 and up to 100 (1: no penalty), found 0.0",
                with { $0.repetitionPenalty = 0 }
            ),
            ("--presence-penalty: expected a number from -2 to 2, found 2.5", with { $0.presencePenalty = 2.5 }),
            (
                "--frequency-penalty: expected a number from -2 to 2, found inf",
                with { $0.frequencyPenalty = .infinity }
            ),
            ("--logit-bias: expected token ids of at least 0, found -1", with { $0.logitBias = [-1: 0] }),
            (
                "--logit-bias: expected a number from -100 to 100 for token 5, found 101.0",
                with { $0.logitBias = [5: 101] }
            ),
            ("--logit-bias: expected token ids from 0 to 9, found 10", with { $0.logitBias = [10: 1, 11: 1] }),
            ("--logprobs: expected an integer from 0 to 1024, found -1", with { $0.logProbabilities = -1 }),
        ]
    }()

    @Test(arguments: 0..<14)
    func `a parameter outside its range is named with its range`(_ index: Int) {
        let (message, parameters) = Self.wrong[index]
        let error = #expect(throws: SamplingError.self) { try Sampler(parameters, vocabularySize: 10) }
        #expect(error?.message == message)
        #expect(error?.kind == .usage)
    }

    @Test func `a row without a distribution is an error, not a token`() throws {
        let sampler = try Sampler(SamplingParameters(), vocabularySize: 3)
        func message(_ logits: [Float], _ mask: TokenMask? = nil) -> String? {
            #expect(throws: SamplingError.self) {
                try sampler.sample(logits, mask: mask, stream: RandomStream(seed: 1), position: 0)
            }?.message
        }
        #expect(
            message([.nan, -.infinity, .nan])
                == "sampling: expected a finite logit among 3, found only NaN and negative infinity")
        #expect(message([1, .infinity, 2]) == "sampling: expected finite logits, found infinity for token 1")
        #expect(
            message([1, 2, 3], TokenMask(vocabularySize: 3))
                == "sampling: expected at least one allowed token among 3, found none")
        var mask = TokenMask(vocabularySize: 3)
        mask[1] = true
        #expect(
            message([1, -.infinity, 3], mask) == "sampling: expected at least one allowed token among 3, found none")
    }

    @Test func `parameters survive their coded form and absent members have their defaults`() throws {
        var parameters = SamplingParameters(temperature: 0.5, topK: 3, topP: 0.25, minP: 0.125, logProbabilities: 2)
        parameters.repetitionPenalty = 1.5
        parameters.presencePenalty = -1
        parameters.frequencyPenalty = 2
        parameters.logitBias = [7: -1, 12: 3]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(parameters)
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"frequency_penalty":2,"logit_bias":{"12":3,"7":-1},"logprobs":2,"min_p":0.125,"#
                + #""presence_penalty":-1,"repetition_penalty":1.5,"temperature":0.5,"top_k":3,"top_p":0.25}"#)
        #expect(try JSONDecoder().decode(SamplingParameters.self, from: data) == parameters)
        #expect(try JSONDecoder().decode(SamplingParameters.self, from: Data("{}".utf8)) == SamplingParameters())
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(SamplingParameters.self, from: Data(#"{"logit_bias":{"x":1}}"#.utf8))
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 200])
    func `a mask counts and answers for its own vocabulary only`(_ size: Int) {
        let all = TokenMask(vocabularySize: size, allowingAll: true)
        #expect(all.count == size)
        #expect(!all[TokenID(Int32(size))])
        #expect(!all[-1])
        #expect(TokenMask(vocabularySize: size).count == 0)
    }
}
