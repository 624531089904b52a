internal import Glibc
internal import StoaCore

/// The terminal, or the files in its place: results go to standard output, everything else to standard error.
///
/// Text of a model or a file is made harmless on its way to a terminal and left exactly as it is on its way to a pipe.
final class Console: Sendable {
    /// Where results go.
    let output: TerminalStream
    /// Where narration and errors go.
    let error: TerminalStream
    /// Whether nothing but results and errors is wanted.
    let quiet: Bool

    init(environment: ProcessEnvironment, color: ColorChoice = .auto, quiet: Bool = false) {
        output = TerminalStream(descriptor: STDOUT_FILENO, environment: environment, color: color)
        error = TerminalStream(descriptor: STDERR_FILENO, environment: environment, color: color)
        self.quiet = quiet
    }

    /// The console before any option is known.
    static var standard: Console { Console(environment: .process) }

    // MARK: Results

    /// Writes text to standard output.
    ///
    /// - Parameter text: the text; control characters never reach a terminal raw.
    /// - Throws: `CLIError` when it cannot be written.
    func write(_ text: StyledText) throws {
        clearProgress()
        try output.write(text)
    }

    /// Writes text and a line break to standard output.
    func writeLine(_ text: StyledText) throws { try write(text + "\n") }

    // MARK: Narration

    /// Says what is going on, on standard error, unless `--quiet`.
    func note(_ text: StyledText) {
        guard !quiet else { return }
        complain(text)
    }

    /// Reports an error and its hint on standard error.
    func report(_ failure: any StoaError) {
        var text = StyledText("error:", .red) + " \(failure.message)"
        if let hint = failure.hint { text += StyledText("\nhint:", .cyan) + " \(hint)" }
        complain(text)
    }

    /// Writes a message to standard error as it is.
    ///
    /// Failing to complain has nowhere to be reported.
    func complain(_ text: StyledText) {
        clearProgress()
        try? error.write(text + "\n")
    }

    /// Shows one line that is overwritten by the next; only on a terminal, and not with `--quiet`.
    func progress(_ text: String) {
        guard isLive else { return }
        LiveRegion.shared.draw(on: error) { width, _ in ([], [StyledText(text).fitted(to: width)]) }
    }

    /// Removes the progress line, or whatever picture stands in its place.
    func clearProgress() {
        guard error.isTerminal else { return }
        LiveRegion.shared.clear(on: error)
    }

    /// Whether pictures that change in place are wanted and possible.
    var isLive: Bool { error.isTerminal && !error.isDumb && !quiet }
}
