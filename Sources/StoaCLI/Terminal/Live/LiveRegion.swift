internal import Synchronization

/// The last lines of the terminal, which change in place: there is one terminal, whoever writes to it.
///
/// Whatever else is written to the terminal takes the picture away first; the next picture comes back below it.
final class LiveRegion: Sendable {
    private struct State {
        var painter = FramePainter()
        var isHeld = false
    }

    /// The one there is.
    static let shared = LiveRegion()

    private let state = Mutex(State())

    /// Draws a picture in place of the one before; nothing while the region is held.
    ///
    /// - Parameters:
    ///   - stream: the terminal.
    ///   - picture: given the cells of a line and the most lines, the lines that stay and those that change.
    func draw(
        on stream: TerminalStream,
        _ picture: (_ width: Int, _ height: Int) -> (above: [StyledText], frame: [StyledText])
    ) {
        let size = stream.size
        // The lock is held while writing, so that two pictures never mix; nobody waits for it for long.
        state.withLock { state in
            guard !state.isHeld else { return }
            // The last cell stays free: terminals disagree about what happens behind it. So does the last row.
            let (above, frame) = picture(max(size.columns - 1, 1), max(size.rows - 1, 1))
            let output = state.painter.paint(
                above: above, frame: frame, width: size.columns, colored: stream.isColored)
            if !output.isEmpty { try? stream.writeRaw(output) }
        }
    }

    /// Takes the picture away.
    func clear(on stream: TerminalStream) {
        state.withLock { state in
            let output = state.painter.clear(width: stream.size.columns)
            if !output.isEmpty { try? stream.writeRaw(output) }
        }
    }

    /// Takes the picture away and keeps it away until `release`: a person is typing.
    func hold(on stream: TerminalStream) {
        clear(on: stream)
        state.withLock { $0.isHeld = true }
    }

    /// Lets pictures be drawn again.
    func release() { state.withLock { $0.isHeld = false } }
}
