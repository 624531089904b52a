import Foundation
import StoaCore
import Testing

/// A project folder with playbooks, and a home of its own for the program.
final class RunFolder {
    let path: String
    private let folder: TemporaryFolder
    /// Variables that every command gets besides its own.
    var environment: [String: String?] = [:]

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/project"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Where the program keeps its state.
    var home: String { folder.path + "/home" }

    /// Writes a file into the project.
    @discardableResult
    func write(_ text: String, to file: String) throws -> String {
        let url = URL(fileURLWithPath: path + "/" + file)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url.path
    }

    /// Writes a playbook that can be run by name.
    func playbook(_ name: String, _ body: String) throws {
        try write("stoa: 1\nname: \(name)\n\(body)\n", to: "playbooks/\(name)/playbook.yaml")
    }

    /// A command that has not started, in the project.
    func process(_ arguments: [String], _ changes: [String: String?] = [:]) throws -> Process {
        var variables: [String: String?] = ["STOA_HOME": home, "STOA_CACHE": folder.path + "/cache"]
        variables.merge(environment) { $1 }
        variables.merge(changes) { $1 }
        let process = try StoaBinary.process(arguments, variables)
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        return process
    }

    /// Runs a command in the project to its end.
    func stoa(_ arguments: String..., environment changes: [String: String?] = [:]) throws -> StoaBinary.Result {
        try StoaBinary.run(process(arguments, changes))
    }

    /// Runs a command that must succeed, and gives its document.
    func document(_ arguments: String..., environment changes: [String: String?] = [:]) throws -> JSONValue {
        let result = try StoaBinary.run(process(arguments + ["--json"], changes))
        #expect(result.status == 0, "\(arguments): \(result.error)")
        return try result.document()
    }
}

extension RunFolder {
    /// Playbooks that need no model.
    static func withoutModel() throws -> RunFolder {
        let folder = try RunFolder()
        try folder.playbook(
            "sum",
            """
            description: Multiplies.
            parameters:
              x: {type: integer, description: A number., default: 3}
              note: {type: string, default: marker-of-this-run}
            tools: {calculator: {kind: builtin, description: Computes., parameters: {type: object}}}
            steps:
              - id: product
                call: calculator
                arguments: {expression: "2 * {{ x }}"}
              - id: wanted
                when: product.value.number > 5
                call: calculator
                arguments: {expression: "{{ product.value.number }} + 1"}
            output: "{{ wanted.value.result }}"
            """)
        try folder.playbook(
            "careful",
            """
            tools:
              calculator: {kind: builtin, description: Computes., parameters: {type: object}, approval: ask}
            steps:
              - id: product
                call: calculator
                arguments: {expression: "2 * 3"}
              - id: word
                ask: "Which word?"
            output: "{{ product.status }} {{ word.text }}"
            """)
        return folder
    }
}
