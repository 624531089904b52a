import Foundation
import StoaCore
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaModel

/// Adapters by content, on disk.
@Suite struct AdapterLibraryTests {
    private static let tiny = TinyModel(name: "llama", usesGGUF: false)

    private static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test func `what is stored comes back under its digest, as a PEFT folder`() throws {
        let scene = try AdapterScene(Self.tiny)
        #expect(scene.library.references().isEmpty)
        let adapters = try (0..<3).map { try scene.adapter(seed: $0, rank: 1 + $0 * 9) }
        let references = try adapters.map { try scene.library.store($0, baseModel: "tiny/llama") }
        #expect(references.map(\.digest) == adapters.map(\.digest))
        #expect(scene.library.references() == references.sorted { $0.description < $1.description })
        for (adapter, reference) in zip(adapters, references) {
            #expect(try scene.library.adapter(reference) == adapter)
            #expect(scene.library.contains(reference))
            let folder = scene.library.folder(of: reference)
            #expect(folder == "\(scene.library.root)/\(reference)")
            #expect(try Self.names(folder) == ["adapter_config.json", "adapter_model.safetensors"])
            #expect(try Adapter(peft: folder) == adapter)
        }
    }

    @Test func `storing again changes nothing`() throws {
        let scene = try AdapterScene(Self.tiny)
        let adapter = try scene.adapter(seed: 1)
        let first = try scene.library.store(adapter, baseModel: "one")
        let bytes = try fileBytes("\(scene.library.folder(of: first))/adapter_config.json")
        #expect(try scene.library.store(adapter, baseModel: "another") == first)
        #expect(try fileBytes("\(scene.library.folder(of: first))/adapter_config.json") == bytes)
        #expect(try Self.names(scene.library.root) == [first.description])
    }

    @Test func `many may store the same and others at a time`() async throws {
        let scene = try AdapterScene(Self.tiny)
        let references = try await withThrowingTaskGroup(of: AdapterReference.self) { group in
            for index in 0..<24 {
                group.addTask { try scene.stored(seed: index % 3) }
            }
            return try await group.reduce(into: Set<AdapterReference>()) { $0.insert($1) }
        }
        #expect(references.count == 3)
        #expect(Set(scene.library.references()) == references)
        #expect(try Self.names(scene.library.root).count == 3)
        for reference in references { #expect(try scene.library.adapter(reference).digest == reference.digest) }
    }

    @Test func `an adapter that is not there is named`() throws {
        let scene = try AdapterScene(Self.tiny)
        let reference = AdapterReference(try scene.adapter(seed: 1).digest)
        let error = #expect(throws: AdapterError.self) { try scene.library.adapter(reference) }
        #expect(error?.code == .adapterMissing)
        #expect(error?.message.contains(reference.description) == true)
        #expect(error?.message.contains(scene.library.root) == true)
    }

    @Test(arguments: 0..<40) func `damage is found, and storing again heals it`(_ seed: Int) throws {
        let scene = try AdapterScene(Self.tiny)
        let stream = RandomStream(seed: UInt64(seed)).child("damage")
        let adapter = try scene.adapter(seed: seed)
        let reference = try scene.library.store(adapter, baseModel: "tiny")
        let folder = scene.library.folder(of: reference)
        let path = "\(folder)/adapter_model.safetensors"
        var bytes = try fileBytes(path)
        switch seed % 4 {
        case 0: bytes.removeLast(1 + stream.integer(at: 0, below: bytes.count - 1))
        case 1:
            let numbers = adapter.parameterCount * 4
            bytes[bytes.count - 1 - stream.integer(at: 0, below: numbers)] ^=
                1 << UInt8(stream.integer(at: 1, below: 8))
        case 2: try FileManager.default.removeItem(atPath: "\(folder)/adapter_config.json")
        default:
            // Another scale is another adapter.
            let text = String(decoding: try fileBytes("\(folder)/adapter_config.json"), as: UTF8.self)
            #expect(text.contains("\"lora_alpha\":7.5"))
            try Data(text.replacingOccurrences(of: "\"lora_alpha\":7.5", with: "\"lora_alpha\":8").utf8).write(
                to: URL(filePath: "\(folder)/adapter_config.json"))
        }
        try Data(bytes).write(to: URL(filePath: path))
        let error = #expect(throws: AdapterError.self) { try scene.library.adapter(reference) }
        #expect(error?.code == .adapterDamaged)
        #expect(error?.message.contains(folder) == true)
        #expect(try scene.library.store(adapter, baseModel: "tiny") == reference)
        #expect(try scene.library.adapter(reference) == adapter)
    }

    @Test func `what killed processes left goes, and what others are writing stays`() throws {
        let scene = try AdapterScene(Self.tiny)
        let root = scene.library.root
        let (orphan, ours) = ("\(root)/.new-999999999-abcdef", "\(root)/.new-\(getpid())-abcdef")
        for folder in [orphan, ours] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data([1]).write(to: URL(filePath: "\(folder)/adapter_model.safetensors"))
        }
        let reference = try scene.stored(seed: 1)
        #expect(try Self.names(root) == [".new-\(getpid())-abcdef", reference.description])
        #expect(scene.library.references() == [reference])
    }

    @Test func `a folder that can't be made is an error with the system's reason`() throws {
        let scene = try AdapterScene(Self.tiny)
        let path = try scene.folder.write("file", "x")
        let error = #expect(throws: AdapterError.self) {
            try AdapterLibrary(root: "\(path)/below").store(scene.adapter(seed: 1), baseModel: "")
        }
        #expect(error?.code == .unwritable)
        #expect(error?.message.contains("\(path)/below") == true)
    }

    @Test(arguments: ["llama", "qwen2", "gemma3"])
    func `PEFT folders and llama.cpp's files are imported`(_ name: String) throws {
        let scene = try AdapterScene(TinyModel(name: name, usesGGUF: true))
        let adapter = try scene.adapter(seed: 2)
        try adapter.writePEFT(to: "\(scene.folder.path)/peft", baseModel: "elsewhere")
        try adapter.writeGGUF(to: "\(scene.folder.path)/adapter.gguf", model: scene.configuration)
        let model = try StoredModel(path: scene.tiny.path)
        let reference = try scene.library.importing(path: "\(scene.folder.path)/peft", for: model)
        #expect(reference.digest == adapter.digest)
        #expect(try scene.library.importing(path: "\(scene.folder.path)/adapter.gguf", for: model) == reference)
        #expect(try scene.library.reference("\(scene.folder.path)/peft", for: model) == reference)
        #expect(try scene.library.reference(reference.description, for: model) == reference)
        #expect(try scene.library.adapter(reference) == adapter)
        #expect(throws: (any Error).self) { try scene.library.importing(path: "/nowhere", for: model) }
    }

    @Test func `an adapter of another model is refused with both names`() throws {
        let scene = try AdapterScene(Self.tiny)
        let path = "\(scene.folder.path)/peft"
        try scene.adapter(seed: 2).writePEFT(to: path, baseModel: "")
        let other = try StoredModel(path: goldenPath("models/qwen2"))
        let error = #expect(throws: AdapterError.self) { try scene.library.importing(path: path, for: other) }
        #expect(error?.code == .adapterMismatch)
        #expect(error?.message.contains(path) == true)
        #expect(error?.message.contains("models/qwen2") == true)
        #expect(scene.library.references().isEmpty)
    }
}
