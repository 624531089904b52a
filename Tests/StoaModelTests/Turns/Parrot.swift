import Foundation
import OrderedCollections
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit

/// A tiny model that says what it is told to, in the tokens that it is told to: each token has one token that follows it.
///
/// Its attention and its layers add nothing, its embeddings are unit vectors, and its head is a table of what follows what.
/// So a test decides where tokens begin and end, and what comes behind a tool's words.
final class Parrot {
    /// How its vocabulary spells.
    enum Spelling: CaseIterable {
        /// Byte-level BPE.
        case byteLevel
        /// SentencePiece BPE, in which a line ending is spelt by its byte.
        case sentencePiece
    }

    /// What is said behind a character: pieces that are a token each, and then the end of the turn.
    struct Line {
        var cue: Character
        var pieces: [String]
    }

    struct Ambiguous: Error, CustomStringConvertible {
        let description: String
    }

    static let control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    private static let characters = ([" "] + (33...126).map { Character(Unicode.Scalar($0)) }).map(String.init)

    private let folder: TemporaryFolder
    /// The texts of its tokens, in the order of their ids; a byte is written `<0x0A>`.
    private let names: [String]
    private let spelling: Spelling

    /// Writes the model.
    ///
    /// - Parameters:
    ///   - lines: what it says behind which character; the prompt ends with a line ending.
    ///   - spelling: how its vocabulary spells.
    ///   - template: the chat template.
    ///   - context: the positions it has.
    ///   - controls: further control tokens.
    ///   - isEndControl: whether the token that ends a turn is marked as a control token.
    /// - Throws: where two lines want different things behind one token, or files can't be written.
    init(
        _ lines: [Line], spelling: Spelling = .byteLevel, template: String = TinyChat.template, context: Int = 256,
        controls: [String] = [], isEndControl: Bool = true
    ) throws {
        self.spelling = spelling
        var names = Self.control + controls
        let controlCount = names.count
        switch spelling {
        case .byteLevel: names += Self.characters + ["\n"]
        case .sentencePiece:
            names += (0..<256).map { "<0x\(String(format: "%02X", $0))>" } + Self.characters
        }
        func name(_ piece: String) -> String { spelling == .sentencePiece && piece == "\n" ? "<0x0A>" : piece }
        for piece in lines.flatMap(\.pieces).map(name) where !names.contains(piece) { names.append(piece) }
        self.names = names
        let ids = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })

        var following: [Int: Int] = [:]
        for line in lines {
            let said = try ([String(line.cue)] + line.pieces + ["<|im_end|>"]).map { piece in
                guard let id = ids[name(piece)] else { throw Ambiguous(description: "no token for \(piece)") }
                return id
            }
            for (first, second) in zip(said, said.dropFirst()) where following[first] != second {
                if following[first] != nil { throw Ambiguous(description: "two things follow \(names[first])") }
                following[first] = second
            }
        }
        folder = try TemporaryFolder()
        let width = (names.count + 63) / 64 * 64
        try Self.writeWeights(to: folder, count: names.count, width: width, following: following, context: context)
        let configuration: JSONValue = [
            "eos_token": "<|im_end|>", "bos_token": "<|endoftext|>", "chat_template": .string(template),
        ]
        _ = try folder.write("tokenizer_config.json", configuration.text)
        _ = try folder.write("tokenizer.json", Self.tokenizer(names, controlCount, spelling, isEndControl).text)
    }

    /// Loads the model.
    func engine(
        _ precision: Precision = .fast, _ change: (inout LocalModel.Options) -> Void = { _ in }
    ) async throws -> EngineModel {
        defer { withExtendedLifetime(folder) {} }
        var options = LocalModel.Options()
        options.precision = precision
        change(&options)
        let model = EngineModel(
            try await LocalModel.load(folder.path, options: options), name: "parrot", time: ManualTimeSource())
        try await model.prepare()
        return model
    }

    /// The tokens of pieces.
    func ids(_ pieces: [String]) -> [TokenID] {
        pieces.compactMap { piece in
            let name = spelling == .sentencePiece && piece == "\n" ? "<0x0A>" : piece
            return names.firstIndex(of: name).map { TokenID(Int32($0)) }
        }
    }

    // MARK: - Files

    private static func writeWeights(
        to folder: TemporaryFolder, count: Int, width: Int, following: [Int: Int], context: Int
    ) throws {
        var table = [Float](repeating: 0, count: count * width)
        var head = table
        for id in 0..<count {
            table[id * width + id] = 1
            head[following[id, default: 2] * width + id] = 4
        }
        func zeros(_ rows: Int, _ columns: Int) -> [Float] { [Float](repeating: 0, count: rows * columns) }
        let ones = [Float](repeating: 1, count: width)
        let layer = "model.layers.0."
        let tensors: [(String, [Int], [Float])] = [
            ("model.embed_tokens.weight", [count, width], table), ("lm_head.weight", [count, width], head),
            ("model.norm.weight", [width], ones), (layer + "input_layernorm.weight", [width], ones),
            (layer + "post_attention_layernorm.weight", [width], ones),
            (layer + "self_attn.q_proj.weight", [32, width], zeros(32, width)),
            (layer + "self_attn.k_proj.weight", [32, width], zeros(32, width)),
            (layer + "self_attn.v_proj.weight", [32, width], zeros(32, width)),
            (layer + "self_attn.o_proj.weight", [width, 32], zeros(width, 32)),
            (layer + "mlp.gate_proj.weight", [32, width], zeros(32, width)),
            (layer + "mlp.up_proj.weight", [32, width], zeros(32, width)),
            (layer + "mlp.down_proj.weight", [width, 32], zeros(width, 32)),
        ]
        var writer = SafetensorsWriter()
        for (name, shape, floats) in tensors { try writer.addTensor(name, shape: shape, floats: floats) }
        _ = try folder.write("model.safetensors", writer.encoded())
        let configuration: JSONValue = [
            "model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_hidden_layers": 1,
            "hidden_size": .integer(Int64(width)), "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16,
            "intermediate_size": 32, "vocab_size": .integer(Int64(count)),
            "max_position_embeddings": .integer(Int64(context)), "rms_norm_eps": 1e-5, "rope_theta": 10000,
            "hidden_act": "silu", "tie_word_embeddings": false, "torch_dtype": "float32",
        ]
        _ = try folder.write("config.json", configuration.text)
    }

    private static func tokenizer(
        _ names: [String], _ controls: Int, _ spelling: Spelling, _ isEndControl: Bool
    ) -> JSONValue {
        let space = spelling == .byteLevel ? "\u{120}" : "\u{2581}"
        var vocabulary: JSONValue.Members = [:]
        for (id, name) in names.enumerated().dropFirst(controls) {
            let text = name.replacing(" ", with: space)
            let spelt =
                spelling == .byteLevel ? text.replacing("\n", with: "\u{10A}").replacing("\t", with: "\u{109}") : text
            vocabulary[spelt] = .integer(Int64(id))
        }
        let added = names[..<controls].enumerated().map { id, text -> JSONValue in
            [
                "id": .integer(Int64(id)), "content": .string(text), "normalized": false,
                "special": .bool(isEndControl || text != "<|im_end|>"),
            ]
        }
        var model: JSONValue.Members = ["type": "BPE", "vocab": .object(vocabulary), "merges": []]
        guard spelling == .sentencePiece else {
            let byteLevel: JSONValue = ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true]
            return [
                "added_tokens": .array(added), "pre_tokenizer": byteLevel, "decoder": byteLevel,
                "model": .object(model),
            ]
        }
        model["byte_fallback"] = true
        let mark = JSONValue.string(space)
        return [
            "added_tokens": .array(added), "model": .object(model),
            "normalizer": [
                "type": "Sequence",
                "normalizers": [
                    ["type": "Prepend", "prepend": mark],
                    ["type": "Replace", "pattern": ["String": " "], "content": mark],
                ],
            ],
            "decoder": [
                "type": "Sequence",
                "decoders": [
                    ["type": "Replace", "pattern": ["String": mark], "content": " "], ["type": "ByteFallback"],
                    ["type": "Fuse"], ["type": "Strip", "content": " ", "start": 1, "stop": 0],
                ],
            ],
        ]
    }
}
