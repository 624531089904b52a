import Foundation
import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestKit
import Testing

@testable import StoaPlaybook

/// Tools of playbooks: in files of their own and in the playbook itself.
@Suite struct ToolPlanTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var loader: PlaybookLoader {
        let python = ToolKindOutline(name: "python", hasSource: true, packageSets: ["mathematics"])
        let web = ToolKindOutline(
            name: "web",
            options: try? JSONSchema(["type": "object", "required": ["url"], "properties": ["url": ["type": "string"]]])
        )
        let environment = PlanEnvironment(
            verifiers: [], choiceRules: [], builtinTools: ["calculator"], toolKinds: [python, web])
        return PlaybookLoader(workingDirectory: folder.path, folders: [], environment: environment)
    }

    private func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: "\(folder.path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private func playbook(_ tools: String, more: String = "") throws {
        try write(
            "playbook.yaml",
            """
            stoa: 1
            name: p
            tools:
            \(tools.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
            \(more)
            steps:
              - {id: one, call: area}
            output: x
            """)
    }

    private static let area = """
        description: Computes an area.
        kind: python
        parameters: {type: object, properties: {width: {type: number}}}
        returns: {type: number}
        packages: mathematics
        session: run
        limits: {wall_seconds: 1.5, memory_mb: 128, output_bytes: 1000}
        idempotent: true
        timeout: 3s
        """

    private func problems() throws -> [String] {
        try loader.validate("playbook.yaml").map { "\($0)".replacingOccurrences(of: "\(folder.path)/", with: "") }
    }

    @Test func `a tool's code becomes a part of the plan, which needs no file any more`() throws {
        try write("tools/area/tool.yaml", Self.area)
        try write("tools/area/main.py", "def run(width):\n    return width ** 2\n")
        try playbook("area: {use: area, approval: ask}")
        let plan = try loader.load("playbook.yaml")
        try FileManager.default.removeItem(atPath: "\(folder.path)/tools")
        let again = try Plan(
            document: JSONParser.parse(plan.document.canonicalText), environment: loader.environment)
        for plan in [plan, again] {
            let tool = try #require(plan.tools["area"])
            #expect(tool.approval == .ask && tool.timeout == .seconds(3))
            var expected = ToolSpecification(
                name: "area", kind: "python", summary: "Computes an area.",
                parameters: tool.parameters)
            expected.returns = ["type": "number"]
            expected.isIdempotent = true
            expected.sharesRunState = true
            expected.limits = ToolLimits(wall: .seconds(1.5), memoryBytes: 128 << 20, outputBytes: 1000)
            expected.packages = "mathematics"
            expected.source = "def run(width):\n    return width ** 2\n"
            #expect(tool.specification == expected)
        }
    }

    @Test func `the order in which arguments are written says nothing`() throws {
        try write(
            "playbook.yaml",
            """
            stoa: 1
            name: p
            parameters: {x: {type: string}, y: {type: string}}
            tools: {calculator: {kind: builtin, description: d, parameters: {}}}
            steps: [{id: one, call: calculator, arguments: {b: "{{ x }}", a: ["{{ y }}", "{{ x }}"]}}]
            output: x
            """)
        let plan = try loader.load("playbook.yaml")
        // What a journal gives back has its members in canonical order.
        let again = try Plan(document: plan.document.canonical, environment: loader.environment)
        #expect(plan.steps[0].verb.names == ["y", "x"] && again.steps[0].verb.names == ["y", "x"])
    }

    @Test func `a tool can be written in the playbook, code and all`() throws {
        try playbook(
            "area: {kind: python, description: d, parameters: {type: object}, source: \"def run(): return 1\"}")
        #expect(try loader.load("playbook.yaml").tools["area"]?.specification.source == "def run(): return 1")
    }

    @Test func `what a playbook says of a used tool comes before what the tool says`() throws {
        try write("tools/area/tool.yaml", Self.area)
        try write("tools/area/main.py", "from the file")
        try playbook("area: {use: area, source: own, session: call}")
        let tool = try #require(try loader.load("playbook.yaml").tools["area"])
        #expect(tool.specification.source == "own" && !tool.sharesRunState)
        try playbook("area: {use: area, kind: web, source: null, options: {url: x}, packages: null}")
        #expect(try problems().contains { $0.contains("has no code of its own") })
    }

    @Test(
        arguments: [
            (nil, "tools/area/main.py:1:1: the tool's code cannot be read: there is no such file"),
            (Data([0x66, 0xFF]), "tools/area/main.py:1:1: the file is not valid UTF-8"),
            (
                Data(repeating: 0x23, count: 70_000),
                "tools/area/main.py:1:1: the file has 70000 bytes, at most 65536 are allowed"
            ),
        ] as [(Data?, String)])
    func `code that cannot be had is reported once, where it should be`(content: Data?, problem: String) throws {
        try write("tools/area/tool.yaml", Self.area)
        if let content { try content.write(to: URL(fileURLWithPath: "\(folder.path)/tools/area/main.py")) }
        try playbook("area: {use: area}")
        #expect(try problems() == [problem])
    }

    @Test func `everything that does not suit the kind is reported with its place`() throws {
        try playbook(
            """
            area: {kind: python, description: d, parameters: {type: object}}
            calculator: {kind: builtin, description: d, parameters: {}, source: x, packages: mathematics, options: {}}
            web: {kind: web, description: d, parameters: {type: thing}, options: {url: 5}}
            other: {kind: pyton, description: d, parameters: {}, returns: {items: {format: x}}}
            third: {kind: python, description: d, parameters: {}, source: x, packages: mathematic, limits: {wall_seconds: 0}}
            """)
        let found = try problems()
        let expected = [
            "playbook.yaml:4:16: a tool of kind python has code of its own: expected 'source', or a main.py beside its tool.yaml",
            "playbook.yaml:5:71: a tool of kind builtin has no code of its own",
            "playbook.yaml:5:84: a tool of kind builtin has no packages",
            "playbook.yaml:5:106: a tool of kind builtin has no options",
            "playbook.yaml:6:55: the JSON Schema can't be used: expected object, array,",
            "playbook.yaml:6:78: options.url: expected a text, found 5",
            "playbook.yaml:7:17: 'kind' must be one of builtin, python, web, found the text \"pyton\" (did you mean 'python'?)",
            "playbook.yaml:7:82: the JSON Schema can't be used: the key \"format\" is not known",
            "playbook.yaml:8:78: there are no packages \"mathematic\" (did you mean 'mathematics'?)",
            "playbook.yaml:8:113: 'wall_seconds' must be a number from 0.001 to 86400, found the number 0",
        ]
        #expect(found.count == expected.count, "\(found.joined(separator: "\n"))")
        for (problem, start) in zip(found, expected) { #expect(problem.hasPrefix(start), "\(problem)") }
    }

    @Test func `of the tool and the playbook, the stricter decides on calls`() throws {
        try write("tools/area/tool.yaml", Self.area)
        try write("tools/area/main.py", "x")
        let approvals: [(String, PlanTool.Approval)] = [
            ("{area: ask}", .ask), ("{\"*\": deny}", .deny), ("{\"*\": deny, area: auto}", .auto),
            ("{other: deny}", .auto),
            ("{\"ar*\": ask, \"*\": deny}", .ask), ("{\"a*a\": deny, \"ar*\": ask}", .deny),
        ]
        for (rules, expected) in approvals {
            try playbook("area: {use: area}", more: "approvals: \(rules)")
            #expect(try loader.load("playbook.yaml").tools["area"]?.approval == expected, "\(rules)")
        }
        try playbook("area: {use: area, approval: deny}", more: "approvals: {area: auto}")
        #expect(try loader.load("playbook.yaml").tools["area"]?.approval == .deny)
        try playbook("area: {use: area}", more: "approvals: {area: aks}")
        #expect(
            try problems() == [
                "playbook.yaml:5:19: 'area' must be one of auto, ask, deny, found the text \"aks\" (did you mean 'ask'?)"
            ])
    }

    @Test func `the documentation has every key of a tool, and every approval`() throws {
        let text = String(decoding: try fileBytes("\(Playbooks.project)/docs/tools.md"), as: UTF8.self)
        for field in PlanFields.tool { #expect(text.contains("\n| `\(field.key)` | "), "\(field.key)") }
        for field in PlanFields.toolLimits { #expect(text.contains("`\(field.key)`"), "\(field.key)") }
        for approval in PlanTool.Approval.allCases { #expect(text.contains("`\(approval.rawValue)`")) }
    }

    @Test func `a tool can be had by itself, and all of them be listed`() throws {
        try write("tools/area/tool.yaml", Self.area)
        try write("tools/area/main.py", "x")
        try write("tools/broken/tool.yaml", "kind: python\n")
        try write("tools/broken/main.py", "x")
        try write("tools/notes.txt", "no tool")
        #expect(try loader.tool("area").specification.source == "x")
        let listed = loader.listTools()
        #expect(listed.map(\.name) == ["area", "broken"] && listed[0].problems.isEmpty && listed[1].tool == nil)
        #expect(listed[0].path == "\(folder.path)/tools/area/tool.yaml")
        let broken = try #require(thrown(PlaybookError.self) { _ = try loader.tool("broken") })
        #expect(broken.kind == .badInput && broken.message.hasPrefix("tool broken has 2 problems:\n"))
        #expect(broken.message.contains("a tool needs 'description'"))
        let missing = try #require(thrown(PlaybookError.self) { _ = try loader.tool("aera") })
        #expect(missing.kind == .usage && missing.message == "there is no tool 'aera'")
        #expect(missing.hint == "did you mean 'area'?")
        for name in ["../area", "", "tools/area", "a b"] {
            #expect(throws: PlaybookError.self) { try loader.tool(name) }
        }
    }
}
