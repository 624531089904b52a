import Foundation
import StoaCore
import StoaLearning
import StoaPlaybook
import StoaTestKit

/// The families and the problems that ship with the Socratic playbook.
enum Teacher {
    /// The folder of the playbook.
    static let folder = "\(URL(fileURLWithPath: goldenPath("..")).standardizedFileURL.path)/../playbooks/socratic-zero"

    /// What a file or a folder beside the playbook holds.
    static func records(_ name: String) throws -> JSONValue {
        try RecordFiles(workingDirectory: folder).value(of: name)
    }

    /// The documents of the families, the shared words among them.
    static let documents: JSONValue = (try? records("families")) ?? .array([])

    /// The families; empty where they cannot be read, which a test of its own says.
    static let library = try? FamilyLibrary(documents: documents)

    /// The families' names, as arguments of tests.
    static var names: [String] { library?.families.map(\.name) ?? [] }

    /// Problems of all families in turn.
    static func problems(_ count: Int, seed: UInt64, levels: [Int] = [1, 2, 3, 4, 5]) throws -> [WordProblem] {
        guard let library else { return [] }
        let stream = RandomStream(seed: seed)
        let draw = ProblemDraw(words: library.words)
        return try (0..<count).map { index in
            try draw.problem(
                of: library.families[index % library.families.count], level: levels[index / 7 % levels.count],
                stream: stream.child(index), id: "p\(index)")
        }
    }

    /// Calls a tool and gives its value, or nil and an issue where it fails.
    static func call(_ name: String, _ arguments: JSONValue) -> JSONValue? {
        let result = CurriculumTools.all.first { $0.definition.name == name }?.call(arguments)
        return result?.status == .ok ? result?.value : nil
    }
}
