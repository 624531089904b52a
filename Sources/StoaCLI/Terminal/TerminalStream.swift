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
    private let columns: Int?

    init(descriptor: Int32, environment: ProcessEnvironment, color: ColorChoice) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        columns = environment["COLUMNS"].flatMap { Int($0) }
        isColored =
            switch color {
            case .always: true
            case .never: false
            case .auto:
                isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
            }
    }

    /// Columns: of the terminal, else `COLUMNS`, else 80.
    var width: Int {
        var size = winsize()
        if isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return columns ?? 80
    }

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
