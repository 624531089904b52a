import StoaCore
import StoaTensor
import StoaTestKit
import Testing

@Suite struct `Hugging Face folders` {
    private func shard(_ name: String, _ value: Float) throws -> [UInt8] {
        var writer = SafetensorsWriter()
        try writer.addTensor(name, shape: [1], floats: [value])
        return writer.encoded()
    }

    private func problem(_ folder: TemporaryFolder) throws -> String {
        try #require(thrown(WeightFileError.self) { _ = try HuggingFaceFolder(path: folder.path) }).message
    }

    @Test
    func `one file or shards give the same tensors`() throws {
        let single = try TemporaryFolder()
        _ = try single.write("config.json", #"{"model_type": "llama"}"#)
        _ = try single.write("tokenizer.json", "{}")
        _ = try single.write("model.safetensors", try shard("a", 1))
        let folder = try HuggingFaceFolder(path: single.path)
        #expect(folder.tensorNames == ["a"])
        #expect(folder.configuration["model_type"] == "llama")
        #expect(folder.tokenizerPath == "\(single.path)/tokenizer.json")
        #expect(folder.chatTemplatePath == nil)

        let sharded = try TemporaryFolder()
        _ = try sharded.write("config.json", "{}")
        _ = try sharded.write("model-1.safetensors", try shard("a", 1))
        _ = try sharded.write("model-2.safetensors", try shard("b", 2))
        _ = try sharded.write(
            "model.safetensors.index.json",
            #"{"metadata": {"total_size": 8, "x": [1, {"y": null}]}, "weight_map": "#
                + #"{"b": "model-2.safetensors", "a": "model-1.safetensors"}}"#)
        let parts = try HuggingFaceFolder(path: sharded.path)
        #expect(parts.tensorNames == ["b", "a"])
        #expect(parts.files.count == 2)
        #expect(try parts.tensor("a").dequantised() == [1])
        #expect(try parts.tensor("b").dequantised() == [2])
        #expect(try parts.findTensor("c") == nil)
    }

    @Test
    func `a folder without its files says which is missing`() throws {
        let folder = try TemporaryFolder()
        #expect(try problem(folder) == "weight file: no such file (\(folder.path)/config.json)")
        _ = try folder.write("config.json", "[]")
        #expect(try problem(folder) == "model configuration: expected a JSON object (\(folder.path)/config.json)")
        _ = try folder.write("config.json", "{\n1")
        #expect(
            try problem(folder)
                == "model configuration: JSON: expected a key in quotes at line 2, column 1 (\(folder.path)/config.json)"
        )
        _ = try folder.write("config.json", "{}")
        #expect(
            try problem(folder)
                == "model folder: has neither model.safetensors nor model.safetensors.index.json (\(folder.path))")
    }

    @Test(arguments: [
        "../outside.safetensors", "/etc/passwd", "sub/model.safetensors", "..", ".", "", "a\\u0000b",
        "a\\u002f..\\u002fb",
    ])
    func `shard names cannot leave the folder`(name: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("config.json", "{}")
        let index = try folder.write("model.safetensors.index.json", #"{"weight_map": {"a": "\#(name)"}}"#)
        let error = try #require(thrown(WeightFileError.self) { _ = try HuggingFaceFolder(path: folder.path) })
        #expect(error.path == index)
        #expect(error.problem.hasPrefix("expected the name of a file in the folder, found "))
    }

    @Test
    func `an index that does not match its shards is refused`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("config.json", "{}")
        _ = try folder.write("1.safetensors", try shard("a", 1))
        _ = try folder.write("2.safetensors", try shard("a", 2))
        let index = "\(folder.path)/model.safetensors.index.json"
        _ = try folder.write("model.safetensors.index.json", #"{"weight_map": {"z": "1.safetensors"}}"#)
        #expect(
            try problem(folder)
                == "safetensors tensor \"z\": the index places it in \"1.safetensors\", which does not have it (\(index))"
        )
        _ = try folder.write("model.safetensors.index.json", #"{"weight_map": {"a": "3.safetensors"}}"#)
        #expect(try problem(folder) == "weight file: no such file (\(folder.path)/3.safetensors)")
        _ = try folder.write("model.safetensors.index.json", "{}")
        #expect(try problem(folder) == "shard index: expected a \"weight_map\" with entries at byte 2 (\(index))")
        _ = try folder.write(
            "model.safetensors.index.json", #"{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}}"#)
        let both = try HuggingFaceFolder(path: folder.path)
        #expect(
            thrown(WeightFileError.self) { _ = try both.tensor("a") }?.message
                == "safetensors tensor \"a\": is in two shards, \(folder.path)/1.safetensors and "
                + "\(folder.path)/2.safetensors (\(folder.path))")
    }
}
