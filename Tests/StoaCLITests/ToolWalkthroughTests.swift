import Foundation
import StoaCore
import Testing

/// What `docs/tools.md` tells a stranger to do, done exactly so.
@Suite(.timeLimit(.minutes(30))) struct ToolWalkthroughTests {
    /// One thing to do.
    private enum Step {
        case file(path: String, content: String)
        case command(String, output: String)
    }

    private static var document: String {
        get throws {
            var url = URL(fileURLWithPath: #filePath)
            for _ in 0..<3 { url.deleteLastPathComponent() }
            return try String(contentsOf: url.appendingPathComponent("docs/tools.md"), encoding: .utf8)
        }
    }

    /// The steps of the section: a block belongs to the file that the sentence before it names in backquotes, the last it names;
    /// in a console block, `$` begins a command, and the rest is what it prints.
    private static func steps(of document: String) throws -> [Step] {
        let sections = document.components(separatedBy: "\n## ")
        let section = try #require(sections.first { $0.hasPrefix("From an empty folder") })
        var steps: [Step] = []
        let parts = section.components(separatedBy: "\n```")
        // Texts and blocks take turns.
        for index in stride(from: 1, to: parts.count, by: 2) {
            let lines = parts[index].components(separatedBy: "\n")
            let content = lines.dropFirst().joined(separator: "\n")
            guard lines[0] == "console" else {
                let names = parts[index - 1].components(separatedBy: "`").enumerated()
                let path = names.filter { $0.offset % 2 == 1 && $0.element.contains("/") }.last?.element
                steps.append(.file(path: try #require(path), content: content + "\n"))
                continue
            }
            for command in ("\n" + content).components(separatedBy: "\n$ ").dropFirst() {
                let lines = command.components(separatedBy: "\n")
                steps.append(.command(lines[0], output: lines.dropFirst().map { $0 + "\n" }.joined()))
            }
        }
        return steps
    }

    @Test(.enabled(if: SandboxCommandTests.isUsable()))
    func `the walkthrough leads where it says`() throws {
        let folder = try RunFolder()
        let program = try StoaBinary.url.deletingLastPathComponent().path
        var commands = 0
        for step in try Self.steps(of: Self.document) {
            switch step {
            case .file(let path, let content): try folder.write(content, to: path)
            case .command(let command, let output):
                let process = try folder.process([])
                process.executableURL = URL(fileURLWithPath: "/bin/sh")
                process.arguments = ["-c", command]
                process.environment?["PATH"] = "\(program):/usr/bin:/bin"
                let result = try StoaBinary.run(process)
                #expect(result.status == 0 && result.output == output, "\(command): \(result.output)\(result.error)")
                commands += 1
            }
        }
        #expect(commands == 5)
    }
}
