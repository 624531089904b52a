import Foundation
import Glibc
import StoaCLI
import Testing

/// A terminal for the program to write to.
enum PseudoTerminal {
    /// Runs a command with standard output and standard error on a terminal.
    ///
    /// - Parameters:
    ///   - process: the command; it has not started.
    ///   - columns: the cells of a line.
    ///   - input: whether standard input is the terminal too, and what is typed there once `prompt` was shown.
    /// - Returns: the exit code, what was written, and what stands on the terminal in the end.
    /// - Throws: a failed requirement where there is no terminal to be had; what starting the process throws.
    static func run(
        _ process: Process, columns: Int, typing input: (prompt: String, text: String)? = nil
    ) throws -> (status: Int32, bytes: String, screen: ScreenModel) {
        var (master, slave) = (Int32(-1), Int32(-1))
        var size = winsize(ws_row: 30, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(openpty(&master, &slave, nil, nil, &size) == 0)
        let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        process.standardOutput = terminal
        process.standardError = terminal
        if input != nil { process.standardInput = terminal }
        try process.run()
        close(slave)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        var waiting = input
        while true {
            let count = read(master, &chunk, chunk.count)
            // The last writer's end shows as an error.
            guard count > 0 else { break }
            bytes += chunk[..<count]
            if let typed = waiting, String(decoding: bytes, as: UTF8.self).contains(typed.prompt) {
                let text = Array((typed.text + "\n").utf8)
                _ = write(master, text, text.count)
                waiting = nil
            }
        }
        close(master)
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self)
        var screen = ScreenModel(width: columns)
        screen.write(text)
        return (process.terminationStatus, text, screen)
    }
}
