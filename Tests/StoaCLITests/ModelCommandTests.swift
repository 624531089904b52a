import Foundation
import StoaCore
import Testing

@Suite(.timeLimit(.minutes(30))) struct ModelCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., environment: [String: String?] = [:]) throws -> StoaBinary.Result {
        try StoaBinary.run(
            StoaBinary.process(["model"] + arguments, ["STOA_CACHE": folder.path].merging(environment) { $1 }))
    }

    @Test func `the list is one JSON document with every bundled model`() throws {
        let result = try run("list", "--json")
        #expect(result.status == 0 && result.error.isEmpty)
        let models = try #require(try result.document().arrayValue)
        #expect(models.map { $0["name"]?.stringValue } == ["smollm2-135m", "gemma3-270m"])
        for model in models {
            #expect(model["installed"] == false && model["path"] == .null)
            #expect(try #require(model["size_bytes"]?.intValue) > 0)
            #expect(model["licence"]?["spdx"]?.stringValue?.isEmpty == false)
        }
    }

    @Test func `the list for people states size and licence`() throws {
        let result = try run("list")
        #expect(
            result.output == """
                NAME          STATE         SIZE  PARAMETERS  LICENCE
                smollm2-135m  available  92.9 MB        135M  Apache License 2.0
                gemma3-270m   available   238 MB        268M  Gemma Terms of Use

                """)
    }

    @Test func `colour is a choice`() throws {
        #expect(try !run("list").output.contains("\u{1B}"), "a pipe is not coloured")
        #expect(try run("list", "--color", "always").output.contains("\u{1B}[1msmollm2-135m\u{1B}[0m"))
    }

    @Test func `an unknown name ends with 64, what exists and what was meant`() throws {
        let result = try run("path", "smolm2", "--json")
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(
            result.error == """
                error: no model is called "smolm2"; there are smollm2-135m, gemma3-270m
                hint: did you mean smollm2-135m? a path to a .gguf file or a model folder, or hf:owner/repo/file, works too

                """)
    }

    @Test func `a remote name ends with 64`() throws {
        let result = try run("pull", "openai:some-model")
        #expect(result.status == 64)
        #expect(result.error.hasPrefix("error: \"openai:some-model\" names a model behind a server;"))
    }

    @Test func `a path to nothing ends with 65`() throws {
        let result = try run("path", "./nothing.gguf")
        #expect(result.status == 65 && result.error == "error: model ./nothing.gguf: no such file or folder\n")
    }

    @Test func `a local file is its own path`() throws {
        let file = folder.path + "/local.gguf"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
        #expect(try run("path", file).output == file + "\n")
        let document = try run("path", file, "--json").document()
        #expect(document["path"]?.stringValue == file && document["name"]?.stringValue == file)
        let pulled = try run("pull", file, "--json").document()
        #expect(pulled["already_installed"] == true && pulled["size_bytes"] == 3 && pulled["licence"] == .null)
    }

    @Test func `an unreachable hub ends with 7`() throws {
        // Port 1 of the loopback interface refuses at once; the pauses between attempts are what takes time.
        let result = try run("pull", "hf:owner/repo/file.gguf", environment: ["STOA_HF_BASE": "http://127.0.0.1:1"])
        #expect(result.status == 7 && result.output.isEmpty)
        #expect(
            result.error.contains(
                """
                error: http://127.0.0.1:1/owner/repo/resolve/main/file.gguf: \
                the connection failed: Connection refused (5 attempts)

                """))
    }

    @Test func `pip that is missing ends with 1 and the cure`() throws {
        let result = try run("pull", "smollm2-135m", environment: ["PATH": "/nowhere"])
        #expect(result.status == 1)
        #expect(result.error.hasSuffix("hint: run: apt-get install python3 python3-pip\n"))
    }

    @Test func `without a home and a cache folder there is nowhere to look`() throws {
        let result = try run("list", environment: ["STOA_CACHE": nil, "HOME": nil])
        #expect(result.status == 64 && result.error.hasPrefix("error: STOA_CACHE: expected a folder for models"))
    }

    @Test func `what is not installed cannot be removed, and what is the user's is not`() throws {
        let absent = try run("remove", "gemma3-270m")
        #expect(absent.status == 1 && absent.error.hasPrefix("error: model gemma3-270m is not on this machine\n"))
        #expect(try run("remove", folder.path).status == 64)
        #expect(FileManager.default.fileExists(atPath: folder.path))
    }
}
