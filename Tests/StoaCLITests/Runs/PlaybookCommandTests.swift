import Foundation
import StoaCore
import Testing

@Suite(.timeLimit(.minutes(30))) struct PlaybookCommandTests {
    private let folder: RunFolder

    init() throws { folder = try RunFolder.withoutModel() }

    @Test func `playbooks of the project are listed, from folders below it too`() throws {
        let list = try #require(try folder.document("playbook", "list").arrayValue)
        #expect(list.map { $0["name"] } == ["careful", "sum"])
        #expect(list[1]["description"] == "Multiplies.")
        #expect(list[1]["path"]?.stringValue?.hasSuffix("/playbooks/sum/playbook.yaml") == true)
    }

    @Test func `validation names every problem with its place`() throws {
        #expect(try folder.document("playbook", "validate", "sum") == ["valid": true, "problems": []])
        let path = try folder.write(
            "stoa: 1\nname: x\nsteps:\n  - id: a\n    sai: b\noutput: \"{{ c }}\"\n", to: "x.yaml")
        let result = try folder.stoa("playbook", "validate", "x.yaml", "--json")
        #expect(result.status == 65)
        let document = try result.document()
        #expect(document["valid"] == false)
        let problems = try #require(document["problems"]?.arrayValue)
        #expect(problems.count >= 2)
        for problem in problems {
            #expect(problem["file"]?.stringValue == path && (problem["line"]?.intValue ?? 0) > 0)
            #expect((problem["column"]?.intValue ?? 0) > 0 && problem["message"]?.stringValue?.isEmpty == false)
            #expect(problem["suggestion"] != nil)
        }
        #expect(try folder.stoa("playbook", "validate", "x.yaml").output.contains("\(path):"))
        #expect(try folder.stoa("playbook", "validate", "nothing").status == 64)
    }

    @Test func `the schema is a JSON Schema and the graph is Mermaid`() throws {
        let schema = try folder.stoa("playbook", "schema")
        #expect(try JSONParser.parse(schema.output)["$schema"]?.stringValue != nil)
        #expect(try folder.stoa("playbook", "graph", "sum").output.hasPrefix("flowchart"))
        #expect(try folder.document("playbook", "graph", "sum")["mermaid"]?.stringValue?.hasPrefix("flowchart") == true)
    }

    @Test func `a new playbook is valid, and nothing is overwritten`() throws {
        let made = try folder.document("playbook", "init", "fresh")
        let files = try #require(made["files"]?.arrayValue)
        #expect(files.contains("playbooks/fresh/playbook.yaml"))
        #expect(try folder.document("playbook", "validate", "fresh")["valid"] == true)
        let again = try folder.stoa("playbook", "init", "fresh")
        #expect(again.status == 65 && again.error.contains("there is such a file already"))
        #expect(try folder.stoa("playbook", "init", "no name").status == 64)
    }
}
