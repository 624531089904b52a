import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import StoaText

/// A tiny random model that can read and write: 96 tokens, of which three are control tokens and the others characters.
///
/// What it says is noise, but every bit of it is as real as a large model's.
final class TinyChat {
    /// ChatML, with tools and the date where they are given.
    static let template = """
        {%- if tools %}{{ tools | tojson }}\\n{% endif -%}
        {%- for message in messages -%}
        {{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
        {%- endfor -%}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif -%}
        """

    static let control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    /// The characters, in the order of their tokens; those without one are dropped from texts.
    static let characters: [Character] =
        [" ", "\n"] + (33...126).map { Character(Unicode.Scalar($0)) }.filter { !"`^~".contains($0) }

    private let folder: TemporaryFolder

    /// Writes the model.
    ///
    /// - Parameters:
    ///   - weights: the tiny model that lends its weights.
    ///   - template: the chat template; nil for a base model.
    /// - Throws: where files cannot be read or written.
    init(weights: String = "llama", template: String? = TinyChat.template) throws {
        folder = try TemporaryFolder()
        for file in ["config.json", "model.safetensors"] {
            _ = try folder.write(file, try golden("models/\(weights)/\(file)"))
        }
        let configuration: JSONValue = [
            "eos_token": "<|im_end|>", "bos_token": "<|endoftext|>",
            "chat_template": template.map { .string($0) } ?? .null,
        ]
        _ = try folder.write("tokenizer_config.json", configuration.text)
        _ = try folder.write("tokenizer.json", Self.tokenizer)
    }

    /// Loads the model; nothing is read from the folder any more afterwards.
    ///
    /// - Parameters:
    ///   - precision: how it is run.
    ///   - name: what errors call it.
    ///   - time: what durations are measured with.
    ///   - adapters: where the adapters are that requests name.
    ///   - change: changes the options, which have no prefix cache.
    /// - Returns: the model.
    /// - Throws: what loading and `prepare` throw.
    func engine(
        _ precision: Precision = .fast, name: String = "tiny", time: any TimeSource = ManualTimeSource(),
        adapters: AdapterLibrary? = nil, _ change: (inout LocalModel.Options) -> Void = { _ in }
    ) async throws -> EngineModel {
        defer { withExtendedLifetime(folder) {} }
        var options = LocalModel.Options()
        options.precision = precision
        options.prefixMemory = 0
        change(&options)
        let local = try await LocalModel.load(folder.path, options: options, adapters: adapters)
        let model = EngineModel(local, name: name, time: time)
        try await model.prepare()
        return model
    }

    /// A `tokenizer.json` without merges.
    private static let tokenizer: String = {
        let byteLevel = #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"#
        let vocabulary = characters.enumerated().map { id, character in
            // The printable spelling of a space and of a line break in byte-level vocabularies.
            let text = character == " " ? "\u{120}" : character == "\n" ? "\u{10A}" : String(character)
            return "\(JSONValue.string(text).text): \(control.count + id)"
        }
        let added = control.enumerated().map { id, text in
            #"{"id": \#(id), "content": "\#(text)", "special": true, "normalized": false}"#
        }
        return """
            {"added_tokens": [\(added.joined(separator: ", "))], "pre_tokenizer": \(byteLevel), "decoder": \(byteLevel),
             "model": {"type": "BPE", "vocab": {\(vocabulary.joined(separator: ", "))}, "merges": []}}
            """
    }()
}

/// Everything that was reported, in order.
final class ProgressLog: Sendable {
    private let entries = Guarded<[ModelProgress]>([])

    var all: [ModelProgress] { entries.withLock { $0 } }
    /// The text that was reported.
    var text: String {
        all.map { entry in
            if case .text(let piece) = entry { piece } else { "" }
        }.joined()
    }

    func add(_ entry: ModelProgress) { entries.withLock { $0.append(entry) } }
}

extension ModelRequest {
    /// A request with a question.
    static func ask(
        _ question: String, context: [LatentHandle] = [], seed: UInt64 = 0, tokens: Int = 24,
        _ change: (inout ModelRequest) -> Void = { _ in }
    ) -> ModelRequest {
        var request = ModelRequest(
            messages: [ChatMessage(.user, question)], context: context, maximumTokens: tokens,
            seed: SeedPath(seed: seed), author: "tester")
        change(&request)
        return request
    }
}

extension EngineModel {
    func complete(_ request: ModelRequest) async throws -> ModelReply { try await complete(request) { _ in } }

    func think(_ request: ModelRequest, steps: Int) async throws -> LatentReply {
        try await think(request, steps: steps) { _ in }
    }
}

extension ModelReply {
    /// What must be equal between two runs of one request.
    var logical: ModelReply {
        var reply = self
        reply.duration = .zero
        reply.usage = usage.logical
        return reply
    }
}
