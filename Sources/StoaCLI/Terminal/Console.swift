internal import Glibc
internal import StoaCore
internal import Synchronization

/// The terminal, or the files in its place: results go to standard output, everything else to standard error.
///
/// Text of a model or a file is made harmless on its way to a terminal and left exactly as it is on its way to a pipe.
final class Console: Sendable {
    /// Where results go.
    let output: TerminalStream
    /// Where narration and errors go.
    let error: TerminalStream
    private let quiet: Bool
    /// Whether a progress line stands on the terminal: there is one terminal, whoever writes to it.
    private static let progressShown = Mutex(false)

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
        guard error.isTerminal, !quiet else { return }
        let line = String(TerminalText.harmless(text).prefix(max(error.width - 1, 1)))
        Self.progressShown.withLock { $0 = true }
        try? error.writeRaw("\r\u{1B}[K" + line)
    }

    /// Removes the progress line.
    func clearProgress() {
        let wasShown = Self.progressShown.withLock { shown in
            defer { shown = false }
            return shown
        }
        if wasShown { try? error.writeRaw("\r\u{1B}[K") }
    }
}
