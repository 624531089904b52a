internal import Glibc

/// When output is coloured.
enum ColorChoice: String, Sendable, CaseIterable {
    case auto, always, never
}

/// One of the standard streams: whether it is a terminal, how wide, whether coloured, and how to write to it.
struct TerminalStream: Sendable {
    let descriptor: Int32
    let isTerminal: Bool
    let isColored: Bool
    /// Whether the terminal says that it knows no escape sequences.
    let isDumb: Bool
    private let columns: Int?
    private let rows: Int?

    init(descriptor: Int32, environment: ProcessEnvironment, color: ColorChoice) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        columns = environment["COLUMNS"].flatMap { Int($0) }
        rows = environment["LINES"].flatMap { Int($0) }
        isDumb = environment["TERM"] == "dumb"
        isColored =
            switch color {
            case .always: true
            case .never: false
            case .auto:
                isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && !isDumb
            }
    }

    /// Columns and rows: of the terminal as it is now, else `COLUMNS` and `LINES`, else 80 and 24.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        if isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
            return (Int(size.ws_col), Int(size.ws_row))
        }
        return (max(columns ?? 80, 1), max(rows ?? 24, 1))
    }

    /// Columns: of the terminal as it is now, else `COLUMNS`, else 80.
    var width: Int { size.columns }

    /// Writes text: on a terminal with its control characters made visible, into a pipe or a file exactly as it is.
    ///
    /// - Parameter text: what to write.
    /// - Throws: `CLIError` when the stream cannot take it.
    func write(_ text: StyledText) throws {
        try writeRaw(text.rendered(colored: isColored, terminal: isTerminal))
    }

    /// Writes bytes as they are, all of them.
    func writeRaw(_ text: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if errno == EPIPE {
                    // The reader went away, as in `stoa … | head`: end as SIGPIPE would have.
                    _exit(128 + SIGPIPE)
                } else if errno != EINTR {
                    let stream = descriptor == STDOUT_FILENO ? "standard output" : "standard error"
                    throw CLIError.outputFailed(stream, reason: String(cString: strerror(errno)))
                }
            }
        }
    }
}
