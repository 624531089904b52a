import Foundation
import StoaCore
import Testing

/// A key goes to its server, and is found nowhere else: neither in what the program prints nor in what it keeps.
@Suite(.timeLimit(.minutes(30))) struct PlantedKeyTests {
    private static let key = "sk-planted-5c1e0a77d2"
    private let folder: RunFolder

    init() throws {
        folder = try RunFolder()
        folder.environment["STOA_OPENAI_API_KEY"] = Self.key
        try folder.playbook(
            "one",
            """
            agents: {solver: {max_tokens: 32, restarts: 0}}
            steps: [{id: said, say: solver, prompt: "Why?"}]
            output: "{{ said.text }}"
            """)
    }

    /// The files below the program's home that hold the key, and how many there are.
    private func search() throws -> (holders: [String], files: Int) {
        let home = URL(fileURLWithPath: folder.home)
        let files = FileManager.default.enumerator(at: home, includingPropertiesForKeys: [.isRegularFileKey])
        var (holders, count): ([String], Int) = ([], 0)
        for case let file as URL in try #require(files) {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            count += 1
            if try Data(contentsOf: file).range(of: Data(Self.key.utf8)) != nil { holders.append(file.path) }
        }
        return (holders, count)
    }

    @Test func `a run keeps and prints no key`() throws {
        let server = try ScriptedServer(["because"])
        let run = try folder.stoa(
            "run", "one", "--model", server.reference, "--json", "--stream", "tokens", "--verbose")
        #expect(run.status == 0, "\(run.error)")
        // Otherwise the test could not fail: the key was there to be told.
        #expect(try #require(server.requests.first).contains("Bearer \(Self.key)"))
        var outputs = [run]
        for words in [
            ["log", "show", "latest", "--json"], ["log", "export", "latest"], ["doctor", "--json"],
            ["log", "export", "latest", "--format", "inspect"], ["replay", "latest", "--mode", "strict", "--json"],
        ] {
            outputs.append(try StoaBinary.run(folder.process(words)))
        }
        for output in outputs { #expect(!output.output.contains(Self.key) && !output.error.contains(Self.key)) }
        let (holders, files) = try search()
        #expect(holders == [] && files > 0)
    }

    @Test func `a run that fails on its server keeps and prints no key`() throws {
        let run = try folder.stoa("run", "one", "--model", "openai:x@http://127.0.0.1:1/v1", "--json", "--verbose")
        #expect(run.status == 7)
        #expect(!run.output.contains(Self.key) && !run.error.contains(Self.key))
        #expect(try search().holders == [])
    }
}
