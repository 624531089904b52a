private import Dispatch
private import Glibc
internal import StoaCore
internal import StoaRuntime
private import Synchronization

/// The person at the terminal.
///
/// Isolation: the terminal is read on a queue of its own; cancelling the asking task ends the wait within 100 ms.
struct TerminalPerson: Person {
    let console: Console
    /// Tells what happened before a question, so that it is on the terminal above it.
    let narrator: any RunNarrator
    private static let queue = DispatchQueue(label: "stoa.terminal")

    /// The person, where there is one: standard input and standard error are both a terminal.
    static func present(_ console: Console, _ narrator: any RunNarrator) -> TerminalPerson? {
        guard console.error.isTerminal, isatty(STDIN_FILENO) == 1 else { return nil }
        return TerminalPerson(console: console, narrator: narrator)
    }

    /// Asks until there is an answer that can be taken; the end of the input is none.
    func answer(_ question: String, choices: [String]) async throws -> String? {
        let flag = Flag()
        let answer: String? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // One question at a time: those of other branches wait in the queue.
                Self.queue.async { continuation.resume(returning: ask(question, choices, until: flag)) }
            }
        } onCancel: {
            flag.set()
        }
        try Task.checkCancellation()
        return answer
    }

    private func ask(_ question: String, _ choices: [String], until flag: Flag) -> String? {
        try? narrator.flush()
        LiveRegion.shared.hold(on: console.error)
        defer { LiveRegion.shared.release() }
        let suffix = choices.isEmpty ? "" : " [\(choices.joined(separator: "/"))]"
        while !flag.isSet {
            try? console.error.write(StyledText("? ", .yellow) + StyledText(question + suffix, .bold) + " ")
            guard let line = Self.line(until: flag) else {
                try? console.error.write("\n")
                return nil
            }
            let answer = String(line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
            if choices.isEmpty {
                if !answer.isEmpty { return answer }
            } else if let choice = Self.choice(answer, among: choices) {
                return choice
            } else if !answer.isEmpty {
                try? console.error.write("expected one of \(choices.joined(separator: ", "))\n")
            }
        }
        return nil
    }

    /// The choice that an answer names, in full or by its beginning; nil where it names none or several.
    static func choice(_ answer: String, among choices: [String]) -> String? {
        let answer = answer.lowercased()
        guard !answer.isEmpty else { return nil }
        if let exact = choices.first(where: { $0.lowercased() == answer }) { return exact }
        let found = choices.filter { $0.lowercased().hasPrefix(answer) }
        return found.count == 1 ? found[0] : nil
    }

    /// A line from the terminal; nil at the end of the input.
    private static func line(until flag: Flag) -> String? {
        var bytes: [UInt8] = []
        while !flag.isSet {
            var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 50) > 0 else { continue }
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else {
                return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
            }
            if byte == 0x0A { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }
}

/// Whether the asking task was cancelled.
private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
