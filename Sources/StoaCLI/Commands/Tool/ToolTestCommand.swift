internal import ArgumentParser
internal import StoaCore
internal import StoaPlaybook
internal import StoaRuntime
internal import StoaTools

/// `stoa tool test`: one call of one tool.
struct ToolTestCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Call a tool once.",
        discussion: """
            The value is printed; what the tool prints goes to standard error. The exit code is 0 where the call went well, 1 \
            where it failed, 64 where the arguments are not what the tool expects, 124 where it took too long, and 6 where it \
            needs a sandbox and there is none. Example: stoa tool test calculator --args '{"expression": "2^10"}'
            """)

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: ArgumentHelp("The arguments, or @FILE for those in a file.", valueName: "json"))
    var args: String = "{}"

    @Option(name: .long, help: "Where the tool's random numbers begin.")
    var seed: UInt64 = 0

    @Argument(help: "The tool: the name of its folder.")
    var name: String

    func run(in context: CommandContext) async throws {
        let arguments = try arguments()
        let tool = try context.playbooks().tool(name)
        let box = try context.toolbox([tool.specification], keepsReady: false)
        if let problems = box.problems(of: arguments, for: name), !problems.isEmpty {
            throw CLIError.wrongArguments(of: name, problems)
        }
        let clock = SystemTimeSource()
        let start = clock.now
        let result: ToolResult
        do {
            let call = ToolCall(id: "test", name: name, arguments: arguments)
            let toolContext = ToolContext(seed: SeedPath(seed: seed))
            result = try await clock.withTimeout(tool.timeout, of: "tool \(name)") {
                try await box.execute(call, in: toolContext)
            }
        } catch {
            await box.close()
            throw error
        }
        let seconds = (clock.now - start) / .seconds(1)
        await box.close()
        try show(result, seconds: seconds, in: context)
        let limit = result.details["limit"]?.stringValue
        switch result.status {
        case .ok: return
        case .limit where limit == "wall" || limit == "soft_wall" || limit == "cpu": throw EndWith(.timeout)
        default: throw EndWith(.failure)
        }
    }

    private func arguments() throws -> JSONValue {
        if args.hasPrefix("@") {
            let path = String(args.dropFirst())
            let document = try InputFile.json(InputFile.read(path), path: path)
            guard document.objectValue != nil else { throw CLIError.invalidInput(path, "expected a JSON object") }
            return document
        }
        guard let document = try? JSONParser.parse(args), document.objectValue != nil else {
            throw CLIError.invalidSetting("--args", value: args, expected: "a JSON object, or @FILE")
        }
        return document
    }

    private func show(_ result: ToolResult, seconds: Double, in context: CommandContext) throws {
        if context.json {
            let document: JSONValue = [
                "tool": .string(name), "status": .string(result.status.rawValue), "value": result.value,
                "output": .string(result.output), "seconds": .number(seconds), "details": result.details,
            ]
            return try context.console.writeLine(StyledText(document.text))
        }
        let console = context.console
        if result.status == .ok {
            if !result.output.isEmpty { try console.error.write(StyledText(result.output)) }
            return try console.writeLine(StyledText(result.value.text))
        }
        if let traceback = result.details["exception"]?["traceback"]?.stringValue, !traceback.isEmpty {
            try console.error.write(StyledText(traceback, .dim))
        }
        console.complain(StyledText("\(result.status.rawValue):", .red) + " \(result.output)")
    }
}

extension CLIError {
    fileprivate static func wrongArguments(of tool: String, _ problems: [JSONSchemaProblem]) -> CLIError {
        CLIError(
            code: .invalidSetting, kind: .usage,
            message: "tool \(tool): " + problems.map(\.description).joined(separator: "\n"),
            hint: "see its parameters with: stoa tool list --json")
    }
}
