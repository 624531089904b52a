internal import ArgumentParser
private import Glibc
internal import StoaCore

/// The program: parses the command line, runs one command, and turns whatever happens into an exit code.
public enum StoaProgram {
    /// Runs the command named by the process's arguments and ends the process.
    public static func main() async -> Never {
        // Only this task's own command is cancelled by the first Ctrl-C; it is awaited right below.
        let work = Task { await run(arguments: Array(CommandLine.arguments.dropFirst())) }
        let interrupts = Interrupts { work.cancel() }
        var status = await work.value
        if interrupts != nil, Interrupts.received {
            status = .interrupted
            Console.standard.complain("interrupted")
        }
        exit(status.rawValue)
    }

    /// Parses and runs; every error is reported on standard error exactly once.
    ///
    /// - Parameter arguments: the words after the program's name.
    /// - Returns: the exit code.
    package static func run(arguments: [String]) async -> ExitStatus {
        do {
            var command = try StoaCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch {
            return report(error, arguments)
        }
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> ExitStatus {
        let console = Console.standard
        switch error {
        case let ending as EndWith: return ending.status
        case is CancellationError: return .interrupted
        case let error as any StoaError:
            console.report(error)
            return ExitStatus(error.kind)
        default:
            // ArgumentParser's own: help and completion scripts go to standard output, mistakes to standard error.
            let code = StoaCommand.exitCode(for: error)
            let text = StoaCommand.fullMessage(for: error)
            guard code.isSuccess else {
                let hint = CommandSuggestion.text(for: arguments).map { "\n" + StyledText("hint:", .cyan) + " \($0)" }
                console.complain(StyledText(text) + (hint ?? ""))
                return code == .validationFailure ? .usage : .failure
            }
            do {
                if !text.isEmpty { try console.writeLine(StyledText(text)) }
                return .success
            } catch {
                return report(error, arguments)
            }
        }
    }
}
