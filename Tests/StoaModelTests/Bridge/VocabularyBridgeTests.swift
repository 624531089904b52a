import Foundation
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

/// Maps between the spaces of two models, on vocabularies and weights that a test makes up.
@Suite struct VocabularyBridgeTests {
    /// A vocabulary with the two tables that a bridge reads; nothing else of a model is there.
    final class Tables {
        private let folder: TemporaryFolder
        let stored: StoredModel

        /// Writes a model folder.
        ///
        /// - Parameters:
        ///   - tokens: the vocabulary as byte-level BPE spells it.
        ///   - special: control tokens, behind the others.
        ///   - embedding: one row per token.
        ///   - head: one row per token; nil for a tied model.
        /// - Throws: where files cannot be written or read.
        init(tokens: [String], special: [String] = [], embedding: [[Float]], head: [[Float]]?) throws {
            folder = try TemporaryFolder()
            let width = embedding[0].count
            let configuration: JSONValue = [
                "model_type": "llama", "num_hidden_layers": 1, "hidden_size": .integer(Int64(width)),
                "num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 4, "intermediate_size": 8,
                "vocab_size": .integer(Int64(embedding.count)), "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
                "rope_theta": 10000, "hidden_act": "silu", "tie_word_embeddings": .bool(head == nil),
                "torch_dtype": "float32",
            ]
            _ = try folder.write("config.json", configuration.text)
            var writer = SafetensorsWriter()
            try writer.addTensor(
                "model.embed_tokens.weight", shape: [embedding.count, width], floats: embedding.flatMap { $0 })
            if let head {
                try writer.addTensor("lm_head.weight", shape: [head.count, width], floats: head.flatMap { $0 })
            }
            _ = try folder.write("model.safetensors", writer.encoded())
            let entries = (tokens + special).enumerated().map { "\(JSONValue.string($1).text): \($0)" }
            let added = special.enumerated().map { index, text in
                #"{"id": \#(tokens.count + index), "content": "\#(text)", "special": true, "normalized": false}"#
            }
            let byteLevel = #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"#
            _ = try folder.write(
                "tokenizer.json",
                """
                {"added_tokens": [\(added.joined(separator: ", "))], "pre_tokenizer": \(byteLevel),
                 "decoder": \(byteLevel),
                 "model": {"type": "BPE", "vocab": {\(entries.joined(separator: ", "))}, "merges": []}}
                """)
            stored = try StoredModel(path: folder.path)
        }
    }

    /// Reproducible numbers around 0.
    private static func table(_ rows: Int, _ columns: Int, seed: UInt64) -> [[Float]] {
        let stream = RandomStream(seed: seed)
        return (0..<rows).map { row in
            (0..<columns).map { Float(stream.integer(at: UInt64(row * columns + $0), below: 20001) - 10000) / 10000 }
        }
    }

    private static func product(_ row: [Float], _ matrix: [[Float]]) -> [Float] {
        matrix[0].indices.map { column in
            Float(zip(row, matrix).reduce(0.0) { $0 + Double($1.0) * Double($1.1[column]) })
        }
    }

    private static let letters = (33...126).map { String(Character(Unicode.Scalar($0))) }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `a map that exists is found`(_ seed: UInt64) throws {
        // The source has words of its own, the target lists the shared ones backwards behind words of its own.
        let shared = Array(Self.letters.prefix(60)) + ["\u{120}"]
        let own = ["\u{120}x", "\u{120}y"]
        let foreign = ["zz", "yy", "xx"]
        let head = Self.table(shared.count + own.count + 1, 8, seed: seed)
        let matrix = Self.table(8, 6, seed: seed + 100)
        var embedding = Self.table(foreign.count + shared.count + 1, 6, seed: seed + 200)
        for (index, row) in head.prefix(shared.count).reversed().enumerated() {
            // Words past the shared ones are left to the target; shared[0] comes last.
            embedding[foreign.count + index] = Self.product(row, matrix)
        }
        // A control token of both: it must not count, its rows have nothing to do with each other.
        let source = try Tables(
            tokens: shared + own, special: ["<|end|>"], embedding: Self.table(head.count, 8, seed: seed + 300),
            head: head)
        let target = try Tables(
            tokens: foreign + shared.reversed(), special: ["<|end|>"], embedding: embedding, head: nil)
        let bridge = try VocabularyBridge(from: source.stored, to: target.stored)
        #expect(bridge.sharedTokens == shared.count)
        #expect(bridge.inputs == 8 && bridge.outputs == 6)
        #expect(bridge.residual < 1e-5)
        for state in Self.table(20, 8, seed: seed + 400) {
            let expected = Self.product(state, matrix)
            #expect(largestDifference([bridge.project(state)], [expected]) < 1e-4)
            let mapped = bridge.map(state, norm: 3)
            let length = mapped.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(length - 3) < 1e-5)
            let scale = Float(3 / expected.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
            #expect(largestDifference([mapped], [expected.map { $0 * scale }]) < 1e-3)
        }
        let recovery = try bridge.recovery(from: source.stored, to: target.stored)
        #expect(recovery.tried == shared.count)
        #expect(recovery.cosine == 1)
        // Long rows attract inner products, and these are of any length: the definition, term by term.
        let found = shared.indices.count { word in
            let vector = Self.product(head[word], matrix)
            let products = embedding.map { row in zip(row, vector).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
            let best = products.indices.max { products[$0] < products[$1] }
            return best == foreign.count + shared.count - 1 - word
        }
        #expect(recovery.topOne == Double(found) / Double(shared.count))
        // The tokens that are tried are a function of the seed.
        let some = try bridge.recovery(from: source.stored, to: target.stored, sample: 10, seed: 4)
        #expect(some.tried == 10 && some.cosine == 1)
        #expect(try bridge.recovery(from: source.stored, to: target.stored, sample: 10, seed: 4) == some)
        #expect(try VocabularyBridge(from: source.stored, to: target.stored).digest == bridge.digest)
    }

    @Test func `rows of one length are recovered by both measures`() throws {
        let tokens = Array(Self.letters.prefix(50))
        func unit(_ row: [Float]) -> [Float] {
            let length = Float(row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
            return row.map { $0 / length }
        }
        let rows = Self.table(50, 8, seed: 7).map(unit)
        // A rotation of the first two axes and an exchange of the last two.
        let turned = rows.map { row in
            [row[0] * 0.6 - row[1] * 0.8, row[0] * 0.8 + row[1] * 0.6] + row[2..<6] + [row[7], row[6]]
        }
        let source = try Tables(tokens: tokens, embedding: Self.table(50, 8, seed: 8), head: rows)
        let target = try Tables(tokens: tokens, embedding: turned, head: nil)
        let bridge = try VocabularyBridge(from: source.stored, to: target.stored)
        #expect(bridge.residual < 1e-5)
        let recovery = try bridge.recovery(from: source.stored, to: target.stored)
        #expect(recovery.tried == 50 && recovery.topOne == 1 && recovery.cosine == 1)
    }

    @Test func `what has no map leaves a residual and loses tokens`() throws {
        let tokens = Array(Self.letters.prefix(60))
        let source = try Tables(tokens: tokens, embedding: Self.table(60, 4, seed: 1), head: nil)
        let target = try Tables(tokens: tokens, embedding: Self.table(60, 6, seed: 2), head: nil)
        let bridge = try VocabularyBridge(from: source.stored, to: target.stored)
        #expect(bridge.residual > 0.5 && bridge.residual <= 1)
        let recovery = try bridge.recovery(from: source.stored, to: target.stored)
        #expect(recovery.cosine < 0.5 && recovery.topOne < 0.5)
    }

    @Test func `a tied model's map to itself is the identity to within the ridge`() throws {
        let tokens = Array(Self.letters.prefix(64))
        let model = try Tables(tokens: tokens, embedding: Self.table(64, 8, seed: 3), head: nil)
        let bridge = try VocabularyBridge(from: model.stored, to: model.stored)
        for axis in 0..<8 {
            let unit = (0..<8).map { $0 == axis ? 1 as Float : 0 }
            #expect(largestDifference([bridge.project(unit)], [unit]) < 1e-5)
        }
    }

    @Test func `vocabularies without a common token are refused`() throws {
        let source = try Tables(
            tokens: ["a", "b"], special: ["<s>"], embedding: Self.table(3, 4, seed: 1), head: nil)
        let target = try Tables(
            tokens: ["c", "d"], special: ["<s>"], embedding: Self.table(3, 4, seed: 2), head: nil)
        let error = #expect(throws: ModelError.self) {
            try VocabularyBridge(from: source.stored, to: target.stored)
        }
        #expect(error?.code == .untranslatable && error?.kind == .badInput)
        #expect(error?.message.contains("have no token in common") == true)
    }
}
