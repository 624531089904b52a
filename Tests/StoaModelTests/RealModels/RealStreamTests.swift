import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

extension RealModelTests {
    /// Text as it is generated, on a real vocabulary.
    @Suite struct RealStreamTests {
        private static func request(_ change: (inout GenerationRequest) -> Void = { _ in }) -> GenerationRequest {
            var request = GenerationRequest()
            request.maximumTokens = 24
            request.sampling.temperature = 0
            request.ignoresEndOfTurn = true
            change(&request)
            return request
        }

        private static func prompt(_ model: LocalModel) async throws -> [ModelInput] {
            let text = "The 日本語 café costs 5 €, said the naïve fox 🦊 🦊 🦊"
            return try await model.tokenizer().encode(text).inputs
        }

        /// A stream's text, event by event, and its end.
        private static func read(_ stream: TokenStream) async throws -> (pieces: [String], end: GenerationEnd?) {
            var (pieces, end): ([String], GenerationEnd?) = ([], nil)
            for try await event in stream {
                switch event {
                case .token(let token): pieces.append(token.text)
                case .end(let last):
                    #expect(end == nil)
                    end = last
                    pieces.append(last.text)
                }
            }
            return (pieces, end)
        }

        @Test func `the pieces of a stream are the text of generate`() async throws {
            let model = try await RealModel.smollm2.shared(.fast)
            let prompt = try await Self.prompt(model)
            let whole = try await model.generate(prompt, request: Self.request())
            #expect(!whole.text.isEmpty)
            #expect(whole.text == (try await model.tokenizer().decode(whole.tokens)))
            let stream = try await model.stream(prompt, request: Self.request { $0.bufferedEvents = 2 })
            let found = try await Self.read(stream)
            #expect(found.pieces.joined() == whole.text)
            #expect(found.end?.reason == .length)
            #expect(await stream.generation().text == whole.text)
        }

        /// Every stop string that can be cut out of the text: the text ends before its first occurrence, whether it lies
        /// within a token or across several, and no part of it is ever shown.
        @Test func `a stop string ends the text wherever tokens meet`() async throws {
            let model = try await RealModel.smollm2.shared(.fast)
            let prompt = try await Self.prompt(model)
            let text = try await model.generate(prompt, request: Self.request()).text
            let characters = Array(text)
            for start in stride(from: 1, to: min(characters.count - 7, 40), by: 6) {
                for length in [1, 3, 7] {
                    let stop = String(characters[start..<start + length])
                    let expected = text.prefix(before: stop)
                    let request = Self.request { $0.stop.strings = [stop, "never in there"] }
                    let stream = try await model.stream(prompt, request: request)
                    let found = try await Self.read(stream)
                    #expect(found.pieces.joined() == expected, "\(stop)")
                    #expect(found.end?.reason == .stopString)
                    #expect(await stream.generation().text == expected)
                }
            }
        }

        @Test func `a token that ends the turn ends the generation and is not part of it`() async throws {
            let model = try await RealModel.smollm2.shared(.exact)
            let tokenizer = try await model.tokenizer()
            let text = "<|im_start|>user\nSay only: yes<|im_end|>\n<|im_start|>assistant\n"
            let prompt = tokenizer.encode(text, specialTokens: .parse).inputs
            let found = try await model.generate(prompt, request: Self.request { $0.ignoresEndOfTurn = false })
            #expect(found.finish == .stop)
            #expect(found.tokens.allSatisfy { !tokenizer.special.endOfTurn.contains($0) })
            #expect(!found.text.contains("<|"))
            #expect(found.cache.count == prompt.count + found.tokens.count)
        }
    }
}

extension String {
    /// The text before the first occurrence of another.
    fileprivate func prefix(before other: String) -> String {
        let (text, part) = (Array(utf8), Array(other.utf8))
        let end = (0...max(0, text.count - part.count)).first { text[$0...].starts(with: part) } ?? text.count
        return String(decoding: text[..<end], as: UTF8.self)
    }
}
