internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

/// `stoa sandbox exec`: cells of one session, from one document to another.
struct SandboxExecCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run the cells of a document on standard input in one session.",
        discussion: """
            The document is {cells: [code, …], limits: {wall_seconds, memory_mb, output_bytes}, seed}; everything but the \
            cells may be left out. The answer is {results: [result object, …]} on standard output, in JSON in any case. The exit \
            code is 0 whenever there is an answer.
            """)

    @OptionGroup var strictness: SandboxProfileOption
    @OptionGroup var output: OutputOptions

    private static let path = "standard input"

    func run(in context: CommandContext) async throws {
        let document = try InputFile.json(InputFile.read("-"), path: Self.path)
        guard let members = document.objectValue, let list = document["cells"]?.arrayValue else {
            throw CLIError.invalidInput(Self.path, "expected an object with an array of cells")
        }
        for name in members.keys where !["cells", "limits", "seed"].contains(name) {
            throw CLIError.invalidInput(Self.path, "\(name): expected cells, limits or seed")
        }
        let cells = try list.enumerated().map { index, cell in
            guard let code = cell.stringValue else {
                throw CLIError.invalidInput(Self.path, "cells[\(index)]: expected a string, found \(cell.text)")
            }
            return code
        }
        let limits = try SandboxLimits(document["limits"], path: Self.path)
        let seed = try Self.seed(document["seed"])
        let sandbox = try await SandboxAccess(context: context, profile: strictness.profile).sandbox(
            for: cells, limits: limits)
        let results: [JSONValue]
        do {
            results = try await Self.run(cells, seed, sandbox)
        } catch {
            await sandbox.close()
            throw error
        }
        await sandbox.close()
        let answer: JSONValue = ["results": .array(results)]
        try context.console.writeLine(StyledText(answer.text))
    }

    private static func run(_ cells: [String], _ seed: UInt64, _ sandbox: PythonSandbox) async throws -> [JSONValue] {
        guard let session = try await sandbox.openSession(seed: seed) else { throw CancellationError() }
        var results: [JSONValue] = []
        do {
            for cell in cells { results.append(try await session.run(cell).document) }
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        return results
    }

    private static func seed(_ value: JSONValue?) throws -> UInt64 {
        switch value {
        case nil, .null?: return 0
        case .integer(let seed)? where seed >= 0: return UInt64(seed)
        case let value?:
            throw CLIError.invalidInput(path, "seed: expected a whole number, 0 or more, found \(value.text)")
        }
    }
}
