import Foundation
import StoaCore
import StoaHub
import Testing

@Suite(.timeLimit(.minutes(30))) struct HubFolderTests {
    private static let index = """
        {"metadata": {}, "weight_map": {"a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors"}}
        """

    private static func answer(_ files: [String: String]) -> @Sendable (TestServer.Request) -> TestServer.Reply {
        { request in
            let name = String(request.path.split(separator: "/").last ?? "")
            return files[name].map { .file(Array($0.utf8)) } ?? .status(404)
        }
    }

    private static let sharded = [
        "config.json": "{}", "tokenizer.json": "{ }", "tokenizer_config.json": "{  }",
        "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": "one",
        "model-00002-of-00002.safetensors": "two",
    ]

    @Test func `a sharded model is fetched as a folder`() async throws {
        let test = try TestStore()
        try await TestServer.run(Self.answer(Self.sharded)) { server, base in
            let store = test.hub(base)
            let reference = try store.reference("hf:owner/repo")
            let model = try await store.pull(reference)
            #expect(model.path == test.path("models/hf/owner/repo/main"))
            let folder = "models/hf/owner/repo/main/"
            #expect(test.files == ([".stoa.json"] + Self.sharded.keys).map { folder + $0 }.sorted())
            for (name, text) in Self.sharded { #expect(test.bytes(test.path(folder + name)) == Array(text.utf8)) }
            let asked = server.requests.count
            #expect(try await store.pull(reference).isFresh == false)
            #expect(server.requests.count == asked)
            #expect(store.list().compactMap(\.installed?.name) == ["hf:owner/repo"])
        }
    }

    @Test func `a model in one file is fetched without an index`() async throws {
        let files = ["config.json": "{}", "tokenizer.json": "{}", "model.safetensors": "weights"]
        let test = try TestStore()
        try await TestServer.run(Self.answer(files)) { _, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference("hf:owner/repo"))
            #expect(model.isFresh)
            #expect(test.bytes(test.path("models/hf/owner/repo/main/model.safetensors")) == Array("weights".utf8))
        }
    }

    @Test(arguments: ["config.json", "tokenizer.json", "model-00002-of-00002.safetensors"])
    func `a folder with a file missing is no model, and what was fetched is kept`(_ missing: String) async throws {
        var files = Self.sharded
        files[missing] = nil
        let test = try TestStore()
        try await TestServer.run(Self.answer(files)) { _, base in
            let store = test.hub(base)
            let reference = try store.reference("hf:owner/repo")
            let error = await #expect(throws: HubError.self) { try await store.pull(reference) }
            #expect(error?.message == "\(base)/owner/repo/resolve/main/\(missing): no such file (HTTP 404)")
            #expect(store.installed(reference) == nil)
        }
        try await TestServer.run(Self.answer(Self.sharded)) { server, base in
            let store = test.hub(base)
            let model = try await store.pull(store.reference("hf:owner/repo"))
            #expect(model.isFresh)
            let again = server.requests.filter { $0.path.hasSuffix("model-00001-of-00002.safetensors") }
            #expect(again.isEmpty == (missing == "model-00002-of-00002.safetensors"))
        }
    }

    @Test(arguments: ["../../../evil.safetensors", "/etc/evil.safetensors", ".hidden.safetensors", "model.bin", ""])
    func `an index that names what is no shard is refused`(_ name: String) async throws {
        var files = Self.sharded
        files["model.safetensors.index.json"] = #"{"weight_map": {"a": "\#(name)"}}"#
        let test = try TestStore()
        try await TestServer.run(Self.answer(files)) { _, base in
            let store = test.hub(base)
            let error = await #expect(throws: HubError.self) { try await store.pull(store.reference("hf:owner/repo")) }
            #expect(error?.message.hasSuffix("\"\(name)\" is no name of a shard") == true)
        }
    }

    @Test func `a damaged manifest is as good as none`() async throws {
        let test = try TestStore()
        try await TestServer.run(Self.answer(Self.sharded)) { _, base in
            let store = test.hub(base)
            let reference = try store.reference("hf:owner/repo")
            _ = try await store.pull(reference)
            try "{nonsense".write(
                toFile: test.path("models/hf/owner/repo/main/.stoa.json"), atomically: false, encoding: .utf8)
            #expect(store.installed(reference) == nil)
            let model = try await store.pull(reference)
            #expect(model.isFresh)
        }
    }
}
