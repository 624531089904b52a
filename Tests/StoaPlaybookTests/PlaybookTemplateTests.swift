import Foundation
import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

@Suite struct PlaybookTemplateTests {
    @Test(arguments: ["a", "my-playbook", "Next_1"])
    func `a new playbook has no problems and its name`(name: String) throws {
        let folder = try TemporaryFolder()
        for (file, text) in try PlaybookTemplate.files(named: name) { _ = try folder.write(file, text) }
        let loader = Playbooks.loader(in: folder.path)
        #expect(try loader.validate("playbook.yaml") == [])
        #expect(try loader.load("playbook.yaml").name == name)
        #expect(try PlaybookTemplate.files(named: name)["README.md"]?.hasPrefix("# \(name)\n") == true)
    }

    @Test(arguments: ["", "1a", "a b", "../x", "ä"])
    func `a name that no playbook can have is refused`(name: String) throws {
        let error = try #require(thrown(PlaybookError.self) { _ = try PlaybookTemplate.files(named: name) })
        #expect(
            error.description == """
                '\(name)' is no name for a playbook
                hint: use a letter followed by letters, digits, '_' and '-'
                """)
        #expect(error.kind == .usage)
    }
}
