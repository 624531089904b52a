import Foundation
import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

@Suite struct ShippedPlaybookTests {
    @Test(arguments: Playbooks.shipped)
    func `a shipped playbook has no problems`(name: String) throws {
        #expect(try Playbooks.loader.validate(name) == [])
    }

    @Test(arguments: Playbooks.shipped)
    func `a shipped playbook is named like its folder and needs a question only`(name: String) throws {
        let plan = try Playbooks.loader.load(name)
        #expect(plan.name == name)
        #expect(!plan.summary.isEmpty)
        // What is judged must be given, and problems come with the playbook that makes them.
        let needed = ["verify-answer": ["question", "text"], "socratic-zero": []][name] ?? ["question"]
        #expect(plan.parameters.filter { $0.fallback == nil }.map(\.name) == needed)
    }

    @Test(arguments: Playbooks.shipped)
    func `a plan can be made again from its own document, without any file`(name: String) throws {
        let plan = try Playbooks.loader.load(name)
        let again = try Plan(document: JSONParser.parse(plan.document.text), environment: Playbooks.environment)
        #expect(PlaybookGraph.mermaid(again) == PlaybookGraph.mermaid(plan))
        #expect(again.document == plan.document)
        #expect(again.agents.keys == plan.agents.keys)
    }

    @Test(arguments: Playbooks.shipped)
    func `the README of a shipped playbook shows its diagram`(name: String) throws {
        let graph = PlaybookGraph.mermaid(try Playbooks.loader.load(name))
        let path = "\(Playbooks.project)/playbooks/\(name)/README.md"
        let readme = String(decoding: try fileBytes(path), as: UTF8.self)
        let parts = readme.components(separatedBy: "```mermaid\n")
        try #require(parts.count == 2)
        let end = try #require(parts[1].range(of: "```"))
        if Playbooks.isRecording {
            let text = "\(parts[0])```mermaid\n\(graph)\(parts[1][end.lowerBound...])"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        } else {
            #expect(parts[1][..<end.lowerBound] == graph)
        }
    }

    @Test(arguments: Playbooks.shipped)
    func `the README of a shipped playbook lists its parameters`(name: String) throws {
        let readme = String(
            decoding: try fileBytes("\(Playbooks.project)/playbooks/\(name)/README.md"), as: UTF8.self)
        for parameter in try Playbooks.loader.load(name).parameters {
            #expect(readme.contains("| `\(parameter.name)` | \(parameter.type.rawValue) |"))
        }
    }

    @Test func `every agent file is used by a shipped playbook`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(Playbooks.project)/agents")
        let texts = try Playbooks.shipped.map { String(decoding: try Playbooks.bytes($0), as: UTF8.self) }
        for file in files {
            #expect(texts.contains { $0.contains("use: \(file.dropLast(5))") }, "\(file)")
        }
    }

    @Test func `all of them are listed`() {
        let listed = Playbooks.loader.list()
        #expect(listed.map(\.name).filter { Playbooks.shipped.contains($0) } == Playbooks.shipped)
        #expect(listed.allSatisfy { !$0.summary.isEmpty })
    }
}
