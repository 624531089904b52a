internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaPlaybook
internal import StoaRuntime

/// What is told of a run while it goes on.
enum StreamChoice: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// What models say, as they say it.
    case tokens
    /// Every event, as it goes into the journal.
    case events
    /// Nothing.
    case none
}

/// The option about what is told of a run.
struct StreamOptions: ParsableArguments {
    @Option(name: .long, help: "What to tell of the run: tokens, events or none; JSON Lines with --json.")
    var stream: StreamChoice?
}

/// The parameters of a playbook as the command line gives them.
struct ParameterOptions: ParsableArguments {
    @Option(
        name: [.customShort("P"), .customLong("parameter")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A parameter of the playbook; may be repeated.", valueName: "name=value"))
    var parameters: [String] = []

    @Option(name: .long, parsing: .unconditional, help: "The same as -P question=….")
    var question: String?

    /// The values by name, read as the playbook's parameters say.
    ///
    /// - Parameter plan: the playbook.
    /// - Returns: what was given, in the order in which it was given.
    /// - Throws: `CLIError` for what is no `name=value` or is given twice; `ParameterError` or
    ///   `PlaybookError` for a value that cannot be read.
    func values(for plan: Plan) throws -> JSONValue.Members {
        var texts: OrderedDictionary<String, String> = [:]
        for argument in parameters {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CLIError.invalidSetting("-P", value: argument, expected: "name=value")
            }
            guard texts.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw CLIError.invalidSetting("-P", value: argument, expected: "each parameter once")
            }
        }
        if let question, texts.updateValue(question, forKey: "question") != nil {
            throw CLIError.invalidSetting("--question", value: question, expected: "each parameter once")
        }
        let files = RecordFiles(workingDirectory: CommandContext.workingDirectory)
        var values: JSONValue.Members = [:]
        for (name, text) in texts {
            // An unknown one is kept as it is: checking all of them together names it.
            let parameter = plan.parameters.first { $0.name == name }
            values[name] = try parameter?.parse(text, readingRecordsFrom: files) ?? .string(text)
        }
        return values
    }
}
