import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestKit
import Testing

@testable import StoaPlaybook

/// Parameters that files hold.
@Suite struct RecordTests {
    private static let records: JSONValue = [["id": 1, "q": "a"], ["id": 2, "q": "b"]]

    private static let forms: [(name: String, text: String)] = [
        ("a.jsonl", "{\"id\": 1, \"q\": \"a\"}\r\n\n  \n{\"id\": 2, \"q\": \"b\"}"),
        ("b.json", "\u{FEFF}[{\"id\": 1, \"q\": \"a\"}, {\"id\": 2, \"q\": \"b\"}]\n"),
        ("c.yaml", "- {id: 1, q: a}\n- id: 2\n  q: b\n"), ("d.yml", "[{id: 1, q: a}, {id: 2, q: b}]"),
    ]

    @Test(arguments: forms.indices) func `every form gives the same records`(index: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.forms[index].name, Self.forms[index].text)
        let files = RecordFiles(workingDirectory: folder.path)
        #expect(try files.value(of: path) == Self.records)
        #expect(try files.value(of: Self.forms[index].name) == Self.records, "relative to the working directory")
    }

    @Test func `a folder is its files in the order of their names, and one mapping is one record`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("2.yaml", "{id: 2, q: b}")
        _ = try folder.write("1.json", "{\"id\": 1, \"q\": \"a\"}")
        _ = try folder.write("3.jsonl", "")
        _ = try folder.write("README.md", "no records")
        #expect(try RecordFiles(workingDirectory: "/").value(of: folder.path) == Self.records)
    }

    @Test func `records can be written where the path would stand`() throws {
        let files = RecordFiles(workingDirectory: "/nowhere")
        #expect(try files.value(of: " [{\"id\": 1}]") == [["id": 1]])
        #expect(throws: PlaybookError.self) { try files.value(of: "[{") }
    }

    @Test(
        arguments: [
            (
                "x.jsonl", "{\"a\": 1}\n[1]\n{\"a\": }",
                ["x.jsonl:2:1: a record must be a mapping, found a list", "x.jsonl:3:7: not valid JSON"]
            ),
            ("x.json", "[{\"a\": 1},\n 5]", ["x.json:1:1: element 1 must be a mapping, found the number 5"]),
            ("x.json", "[{\"a\": 1},\n {]", ["x.json:2:3: not valid JSON"]),
            ("x.json", "7", ["x.json:1:1: a record must be a mapping, found the number 7"]),
            (
                "x.yaml", "- a: 1\n- b\n- c: 2\n- - 3\n",
                ["x.yaml:2:3: element 1 must be a mapping", "x.yaml:4:3: element 3 must be a mapping"]
            ),
            ("x.yaml", "a: [", ["x.yaml:"]), ("x.yml", "text", ["x.yml:1:1: a record must be a mapping"]),
        ])
    func `what is wrong is said with file, line and column`(name: String, text: String, expected: [String]) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(name, text)
        let error = #expect(throws: PlaybookError.self) {
            try RecordFiles(workingDirectory: folder.path).value(of: name)
        }
        #expect(error?.code == .invalid && error?.kind == .badInput)
        #expect(error?.problems.count == expected.count, "\(error?.problems ?? [])")
        for (problem, text) in zip(error?.problems ?? [], expected) {
            #expect(problem.description.hasPrefix("\(folder.path)/\(text)"), "\(problem)")
        }
    }

    @Test func `what cannot be read is bad input`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("notes.txt", "x")
        for (path, reason) in [
            ("missing.jsonl", "there is no such file"), ("notes.txt", "expected a .jsonl"),
            (folder.path, "the folder holds no"),
        ] {
            let error = #expect(throws: PlaybookError.self) {
                try RecordFiles(workingDirectory: folder.path).value(of: path)
            }
            #expect(error?.kind == .badInput && error?.message.contains(reason) == true, "\(path)")
        }
    }

    // MARK: - In playbooks

    private static func playbook(_ fallback: String) -> String {
        """
        stoa: 1
        name: p
        parameters:
          seeds:
            type: records
            default: \(fallback)
        agents: {a: {prompt: x}}
        steps:
          - {id: one, say: a}
        output: "{{ seeds|length }}"

        """
    }

    @Test func `a default is read beside the playbook and becomes a part of it`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("seeds.jsonl", Self.forms[0].text)
        let path = try folder.write("playbook.yaml", Self.playbook("seeds.jsonl"))
        let plan = try Playbooks.loader(in: "/").load(path)
        #expect(plan.parameters[0].fallback == Self.records)
        #expect(plan.document["parameters"]?["seeds"]?["default"] == Self.records)
        #expect(try plan.checkParameters([:]) == ["seeds": Self.records])
        // What the journal keeps needs no file.
        #expect(
            try Plan(document: plan.document, environment: Playbooks.environment).parameters[0].fallback == Self.records
        )
        let inline = try folder.write("inline.yaml", Self.playbook("[{id: 1, q: a}, {id: 2, q: b}]"))
        #expect(try Playbooks.loader(in: "/").load(inline).parameters[0].fallback == Self.records)
    }

    @Test func `validation says what is wrong with the file, and where it is named`() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("seeds.jsonl", "{\"id\": 1}\noops\n")
        let path = try folder.write("playbook.yaml", Self.playbook("seeds.jsonl"))
        let loader = Playbooks.loader(in: "/")
        let inside = try loader.validate(path)
        #expect(inside.map { "\($0.position)" } == ["\(folder.path)/seeds.jsonl:2:1"])
        let missing = try folder.write("missing.yaml", Self.playbook("nowhere.jsonl"))
        let found = try loader.validate(missing)
        #expect(found.map(\.description) == ["\(missing):6:14: nowhere.jsonl: there is no such file"])
        let wrong = try folder.write("wrong.yaml", Self.playbook("[{id: 1}, 5]"))
        #expect(
            try loader.validate(wrong).map(\.message) == [
                "'default' must be a list of mappings, element 1 is the number 5"
            ])
    }

    @Test func `a value is a list of mappings`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("playbook.yaml", Self.playbook("[]"))
        let plan = try Playbooks.loader(in: "/").load(path)
        let seeds = plan.parameters[0]
        #expect(throws: ParameterError.self) { try plan.checkParameters(["seeds": [1]]) }
        #expect(throws: ParameterError.self) { try plan.checkParameters(["seeds": "seeds.jsonl"]) }
        #expect(throws: ParameterError.self) { try seeds.parse("seeds.jsonl") }
        #expect(try seeds.parse("[{\"a\": 1}]") == [["a": 1]])
        let file = try folder.write("seeds.jsonl", Self.forms[0].text)
        #expect(try seeds.parse(file, readingRecordsFrom: RecordFiles(workingDirectory: "/")) == Self.records)
        let other = PlanParameter.ValueType.allCases.filter { $0 != .records }
        #expect(other.count == 6)
    }
}
