import Foundation
import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

@Suite struct PlaybookLoaderTests {
    private static func playbook(_ name: String, _ description: String) -> String {
        "stoa: 1\nname: \(name)\ndescription: \(description)\nsteps: [{id: one, ask: what}]\noutput: x\n"
    }

    /// A project with a folder deep inside it, and a share folder.
    private struct World {
        let folder = try? TemporaryFolder()
        var root: String { folder?.path ?? "" }
        var deep: String { "\(root)/project/some/where" }
        var loader: PlaybookLoader {
            PlaybookLoader(
                workingDirectory: deep, folders: ["\(root)/user", "\(root)/share"], environment: Playbooks.environment)
        }

        init() throws {
            try write("project/playbooks/near/playbook.yaml", playbook("near", "project"))
            try write("user/playbooks/near/playbook.yaml", playbook("near", "user"))
            try write("user/playbooks/mine/playbook.yaml", playbook("mine", "user"))
            try write("share/playbooks/mine/playbook.yaml", playbook("mine", "share"))
            try write("share/playbooks/shared/playbook.yaml", playbook("shared", "share"))
            try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        }

        func write(_ name: String, _ text: String) throws {
            let url = URL(fileURLWithPath: "\(root)/\(name)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    @Test(arguments: [("near", "project"), ("mine", "user"), ("shared", "share")])
    func `a name is looked up in the project upwards, then in the user's data, then in the share folder`(
        name: String, origin: String
    ) throws {
        let world = try World()
        #expect(try world.loader.load(name).summary == origin)
    }

    @Test func `the list has each name once, as it would be found`() throws {
        let world = try World()
        let list = world.loader.list()
        #expect(list.map(\.name) == ["mine", "near", "shared"])
        #expect(list.map(\.summary) == ["user", "project", "share"])
    }

    @Test(arguments: [
        "../../playbooks/near", "../../playbooks/near/", "../../playbooks/near/playbook.yaml",
    ])
    func `a path leads to a file or to its folder, from the working directory`(path: String) throws {
        let world = try World()
        #expect(try world.loader.load(path).name == "near")
        #expect(try world.loader.load("\(world.deep)/\(path)").name == "near")
    }

    private static let pathHint =
        "\nhint: name a YAML file, a folder with a playbook.yaml in it, or one of stoa playbook list"

    @Test(arguments: [
        ("naer", "there is no playbook 'naer'\nhint: did you mean 'near'?"),
        ("something", "there is no playbook 'something'\nhint: there is mine, near, shared"),
        ("", "there is no playbook ''\nhint: there is mine, near, shared"),
        ("no/where", "there is no playbook at no/where\(Self.pathHint)"),
        ("no.yaml", "there is no playbook at no.yaml\(Self.pathHint)"),
    ])
    func `a playbook that does not exist is a matter of usage`(name: String, text: String) throws {
        let world = try World()
        let error = try #require(thrown(PlaybookError.self) { _ = try world.loader.load(name) })
        #expect(error.description == text)
        #expect(error.kind == .usage)
    }

    @Test func `a file that is none, or too large, is refused`() throws {
        let world = try World()
        let pipe = "\(world.root)/pipe.yaml"
        #expect(mkfifo(pipe, 0o600) == 0)
        let error = try #require(thrown(PlaybookError.self) { _ = try world.loader.validate(pipe) })
        #expect(error.message == "the playbook \(pipe) cannot be read: it is no regular file")
        #expect(error.kind == .badInput)
        let large = "\(world.root)/large.yaml"
        try world.write("large.yaml", String(repeating: "#", count: 1 << 20))
        let refused = try #require(thrown(PlaybookError.self) { _ = try world.loader.validate(large) })
        #expect(refused.message == "the playbook \(large) cannot be read: it has more than 262144 bytes")
    }

    @Test func `a playbook with problems is bad input, and the error lists them all`() throws {
        let world = try World()
        try world.write("bad.yaml", "stoa: 1\nname: a\nsteps: [{id: one, say: nobody}]\noutput: \"{{ oen }}\"\n")
        let file = "\(world.root)/bad.yaml"
        let error = try #require(thrown(PlaybookError.self) { _ = try world.loader.load(file) })
        #expect(
            error.description == """
                playbook \(file) has 2 problems:
                  \(file):3:24: there is no agent "nobody" (define it under 'agents')
                  \(file):4:13: 'output' reads 'oen', which is no parameter and no step (did you mean 'one'?)
                """)
        #expect(error.kind == .badInput)
        #expect(error.problems == (try world.loader.validate(file)))
        #expect(
            error.problems[0].document == [
                "file": .string(file), "line": 3, "column": 24, "message": "there is no agent \"nobody\"",
                "suggestion": "define it under 'agents'",
            ])
    }

    @Test func `an agent is looked up beside the playbook's project first, and inline keys win`() throws {
        let world = try World()
        try world.write("project/agents/helper.yaml", "system: near\nprompt: hi\nmax_tokens: 7\nstop: [a]\n")
        try world.write("share/agents/helper.yaml", "system: far\nprompt: hi\n")
        try world.write("share/agents/other.yaml", "system: far\nuse: base\n")
        try world.write("share/agents/base.yaml", "system: base\nprompt: base prompt\ntemperature: 0.5\n")
        let text = """
            stoa: 1
            name: users
            agents:
              helper: {use: helper, max_tokens: 9}
              other: {use: other}
            steps: [{id: one, say: helper}, {id: two, say: other}]
            output: x

            """
        try world.write("project/playbooks/users/playbook.yaml", text)
        let plan = try world.loader.load("users")
        let helper = try #require(plan.agents["helper"])
        #expect(helper.system?.source == "near")
        #expect(helper.maximumTokens == 9)
        #expect(helper.stop == ["a"])
        let other = try #require(plan.agents["other"])
        #expect(other.system?.source == "far")
        #expect(other.prompt?.source == "base prompt")
        #expect(other.sampling.temperature == 0.5)
        #expect(!plan.document.text.contains("\"use\""))
        // The same playbook from another place still finds what is beside it.
        let elsewhere = PlaybookLoader(
            workingDirectory: "/", folders: ["\(world.root)/share"], environment: Playbooks.environment)
        #expect(try elsewhere.load("\(world.root)/project/playbooks/users").agents["helper"]?.system?.source == "near")
    }
}
