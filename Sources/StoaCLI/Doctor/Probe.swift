internal import Subprocess

/// Runs a short program to see whether it works.
enum Probe {
    /// What a program said.
    struct Answer: Sendable {
        let succeeded: Bool
        /// Standard output and standard error, without white space at the ends.
        let text: String

        /// The last line, where programs put their reason.
        var lastLine: String { text.split(separator: "\n").last.map(String.init) ?? "no reason given" }
    }

    /// Runs a program of `PATH`.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - arguments: its arguments.
    ///   - environment: its environment.
    /// - Returns: what it said; nil where there is no such program.
    static func run(_ program: String, _ arguments: [String], _ environment: ProcessEnvironment) async -> Answer? {
        let variables = environment.variables.sorted { $0.key < $1.key }.map {
            Array("\($0.key)=\($0.value)".utf8) + [0]
        }
        let result = try? await Subprocess.run(
            .name(program), arguments: Arguments(arguments), environment: .custom(variables),
            output: .string(limit: 1 << 16), error: .combinedWithOutput)
        guard let result else { return nil }
        let text = result.standardOutput.split(whereSeparator: \.isNewline).joined(separator: "\n")
        return Answer(succeeded: result.terminationStatus.isSuccess, text: text)
    }
}
