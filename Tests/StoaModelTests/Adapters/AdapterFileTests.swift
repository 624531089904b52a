import Foundation
import StoaCore
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaModel

@Suite struct AdapterFileTests {
    private func adapter(_ name: String, targets: [AdapterTarget] = AdapterTarget.allCases) throws -> (
        Adapter, ModelConfiguration
    ) {
        let model = try ModelWeights(path: goldenPath("models/\(name)")).configuration
        var adapter = Adapter(try AdapterConfiguration(rank: 3, alpha: 4.5, targets: targets), for: model, seed: 9)
        for index in adapter.modules.indices {
            for place in adapter.modules[index].up.indices {
                adapter.modules[index].up[place] = Float(place) / 7 - Float(index)
            }
        }
        return (adapter, model)
    }

    @Test(arguments: ["llama", "qwen2", "gemma3"]) func `PEFT folders come back as they were`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let (adapter, model) = try adapter(name)
        try adapter.writePEFT(to: "\(folder.path)/new/adapter", baseModel: "tiny/\(name)")
        let read = try Adapter(peft: "\(folder.path)/new/adapter")
        #expect(read == adapter)
        #expect(read.digest == adapter.digest)
        try read.validate(for: model)
        let partly = try self.adapter(name, targets: [.down, .query]).0
        try partly.writePEFT(to: folder.path, baseModel: "")
        #expect(try Adapter(peft: folder.path) == partly)
        #expect(partly.configuration.targets == [.query, .down])
    }

    @Test func `PEFT folders have PEFT's names and shapes`() throws {
        let folder = try TemporaryFolder()
        try adapter("llama").0.writePEFT(to: folder.path, baseModel: "tiny")
        let file = try SafetensorsFile(path: "\(folder.path)/adapter_model.safetensors")
        let name = "base_model.model.model.layers.1.mlp.down_proj"
        #expect(try file.tensor("\(name).lora_A.weight").shape == [3, 64])
        #expect(try file.tensor("\(name).lora_B.weight").shape == [32, 3])
        #expect(file.tensorCount == 28)
        let fields = try JSONParser.parse(fileBytes("\(folder.path)/adapter_config.json"))
        #expect(fields["r"]?.intValue == 3)
        #expect(fields["lora_alpha"]?.doubleValue == 4.5)
        #expect(fields["peft_type"]?.stringValue == "LORA")
        #expect(fields["target_modules"]?.arrayValue?.count == 7)
    }

    @Test(arguments: ["llama", "qwen3", "gemma3"]) func `GGUF adapters come back as they were`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let (adapter, model) = try adapter(name)
        let path = "\(folder.path)/adapter.gguf"
        try adapter.writeGGUF(to: path, model: model)
        #expect(try Adapter(gguf: path, model: model) == adapter)
        let file = try GGUFFile(path: path)
        #expect(try file.metadata.string("adapter.type") == "lora")
        #expect(try file.metadata.string("general.type") == "adapter")
        #expect(try file.metadata.double("adapter.lora.alpha") == 4.5)
        let up = try file.tensor("blk.0.attn_q.weight.lora_b").dequantised()
        // Llama's files interleave the rows of queries: row 1 of the file is row 8 of a head of 16.
        let second = name == "llama" ? 8 : 1
        #expect(Array(up[3..<6]) == Array(adapter.modules[0].up[(3 * second)..<(3 * second + 3)]))
        #expect(throws: AdapterError.self) {
            try Adapter(gguf: path, model: try self.adapter(name == "llama" ? "qwen3" : "llama").1)
        }
    }

    @Test func `adapters of another sort are refused by name`() throws {
        let folder = try TemporaryFolder()
        try adapter("llama").0.writePEFT(to: folder.path, baseModel: "tiny")
        let path = "\(folder.path)/adapter_config.json"
        let text = String(decoding: try fileBytes(path), as: UTF8.self)
        let changes = [
            ("\"use_dora\":false", "\"use_dora\":true", "use_dora"), ("\"LORA\"", "\"IA3\"", "peft_type"),
            ("\"bias\":\"none\"", "\"bias\":\"all\"", "bias"), ("\"q_proj\"", "\"embed_tokens\"", "target_modules"),
            ("\"r\":3", "\"r\":\"x\"", "r"), ("\"r\":3", "\"r\":4", "lora_A"),
        ]
        for (old, new, field) in changes {
            #expect(text.contains(old))
            _ = try folder.write("adapter_config.json", text.replacingOccurrences(of: old, with: new))
            let error = #expect(throws: (any Error).self) { try Adapter(peft: folder.path) }
            #expect(error.map { "\($0)" }?.contains(field) == true, "\(field): \(String(describing: error))")
        }
        _ = try folder.write(
            "adapter_config.json", text.replacingOccurrences(of: "\"use_rslora\":false", with: "\"use_rslora\":true"))
        #expect(abs(try Adapter(peft: folder.path).configuration.alpha - 4.5 * 3.0.squareRoot()) < 1e-12)
    }

    @Test func `an adapter of another model is refused`() throws {
        let (adapter, _) = try adapter("llama")
        let other = try self.adapter("qwen2").1
        let error = #expect(throws: AdapterError.self) { try adapter.validate(for: other) }
        #expect(error?.code == .adapterMismatch)
        #expect(
            error?.message
                == "adapter matrix \"base_model.model.model.layers.0.self_attn.q_proj\": expected 64 x 64 for "
                + "layer 0 q_proj, found 64 x 32")
    }

    @Test func `a new adapter is neutral, bounded and a function of its seed`() throws {
        let model = try ModelWeights(path: goldenPath("models/llama")).configuration
        let configuration = try AdapterConfiguration(rank: 8)
        let adapter = Adapter(configuration, for: model, seed: 1)
        #expect(adapter.isNeutral)
        #expect(adapter == Adapter(configuration, for: model, seed: 1))
        #expect(adapter.digest != Adapter(configuration, for: model, seed: 2).digest)
        for module in adapter.modules {
            let bound = 1 / Float(module.inputs).squareRoot()
            #expect(module.down.allSatisfy { abs($0) <= bound })
            let mean = module.down.reduce(0, +) / Float(module.down.count)
            #expect(abs(mean) < 0.2 * bound && module.down.contains { $0 > 0.8 * bound })
        }
    }
}
