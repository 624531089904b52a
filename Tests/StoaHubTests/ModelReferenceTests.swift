import Foundation
import StoaCore
import StoaHub
import Testing

@Suite struct ModelReferenceTests {
    private let catalogue = ModelCatalogue.bundled

    private func error(_ text: String) -> HubError? {
        #expect(throws: HubError.self) { try ModelReference(text, catalogue: catalogue) }
    }

    @Test func `names of the catalogue come first`() throws {
        for entry in catalogue.entries {
            #expect(try ModelReference(entry.name, catalogue: catalogue) == .bundled(entry))
        }
    }

    @Test func `what exists on disk is a path`() throws {
        let test = try TestStore()
        #expect(try ModelReference(test.root, catalogue: catalogue) == .local(path: test.root))
    }

    @Test(arguments: [
        ("hf:owner/repo", nil), ("hf:owner/repo/model.gguf", "model.gguf"), ("hf:o/r@v1/dir/m.gguf", "dir/m.gguf"),
    ])
    func `addresses are read and written the same`(_ text: String, _ file: String?) throws {
        guard case .hub(let address) = try ModelReference(text, catalogue: catalogue) else {
            Issue.record("no address")
            return
        }
        #expect(address.description == text && address.file == file)
    }

    @Test(arguments: [
        "hf:", "hf:owner", "hf:owner/", "hf:/repo", "hf:../repo/file", "hf:owner/../file", "hf:owner/repo/../file",
        "hf:owner/repo/", "hf:owner/repo/.git/config", "hf:owner/repo@/file", "hf:owner/repo@../file",
        "hf:owner/repo/a b", "hf:owner/repo/a%2e", "hf:owner/repo/a\u{0}", "hf:owner/repo/é",
    ])
    func `an address that could leave its folder is refused`(_ text: String) {
        #expect(error(text)?.code == .invalidReference)
    }

    @Test(arguments: ["openai:gpt-x", "https://example.org/v1", "http://localhost:8000"])
    func `remote models are refused`(_ text: String) {
        #expect(
            error(text)?.message
                == "\"\(text)\" names a model behind a server; this needs a model whose file is here")
    }

    @Test func `a path to nothing is bad input`() {
        #expect(error("./none.gguf")?.message == "model ./none.gguf: no such file or folder")
        #expect(error("none.gguf")?.kind == .badInput)
    }

    @Test(arguments: [
        ("smolm2", "smollm2-135m"), ("SmolLM2", "smollm2-135m"), ("gema3", "gemma3-270m"),
        ("gemma-3-270m", "gemma3-270m"),
        ("gemma", "gemma3-270m"),
    ])
    func `an unknown name suggests the nearest`(_ text: String, _ nearest: String) {
        let failure = error(text)
        #expect(failure?.message == "no model is called \"\(text)\"; there are smollm2-135m, gemma3-270m")
        #expect(
            failure?.hint
                == "did you mean \(nearest)? a path to a .gguf file or a model folder, or hf:owner/repo/file, works too"
        )
        #expect(failure?.kind == .usage)
    }

    @Test(arguments: ["", "x", "qwen3-8b", "zzzzzz"])
    func `a name like none suggests nothing`(_ text: String) {
        #expect(error(text)?.hint == "a path to a .gguf file or a model folder, or hf:owner/repo/file, works too")
    }
}

@Suite struct StoreLocationTests {
    @Test func `the root is STOA_CACHE, else XDG_CACHE_HOME, else the home folder`() throws {
        var environment = ["STOA_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"]
        #expect(try StoreLocation(environment: environment).root == "/a")
        environment["STOA_CACHE"] = ""
        #expect(try StoreLocation(environment: environment).root == "/b/stoa")
        environment["XDG_CACHE_HOME"] = "relative"
        #expect(try StoreLocation(environment: environment).root == "/c/.cache/stoa")
        #expect(throws: HubError.self) { try StoreLocation(environment: [:]) }
    }

    @Test func `a relative root is made absolute`() {
        #expect(StoreLocation(root: "x").root == FileManager.default.currentDirectoryPath + "/x")
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"), (99_949, "99.9 kB"), (99_950, "100 kB"),
        (999_499, "999 kB"), (999_500, "1.0 MB"), (98_362_432, "98.4 MB"), (253_113_024, "253 MB"),
        (Int64.max, "9.2 EB"),
    ])
    func `sizes are for people`(_ bytes: Int64, _ text: String) {
        #expect(ByteCount.text(bytes) == text)
    }
}
