/// Answers in `\boxed{…}` and `\fbox{…}`.
enum BoxedAnswers {
    private static let commands = [Array("\\boxed".utf8), Array("\\fbox".utf8)]

    /// A box whose end has not come yet.
    private struct Open {
        var contentStart: Int
        /// The depth of braces outside of it.
        var depth: Int
        /// The last box that has been closed inside of it, which counts if it never is itself.
        var lastInside: Range<Int>?
    }

    /// The content of the last box that is not inside another, with its own boxes; a box that is never closed is none.
    ///
    /// Complexity: linear: one pass with a stack of open boxes.
    static func last(in bytes: [UInt8]) -> Range<Int>? {
        var open: [Open] = []
        var last: Range<Int>?
        var depth = 0
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case 0x5C:
                guard let start = contentStart(in: bytes, at: place) else {
                    place += 1
                    break
                }
                open.append(Open(contentStart: start, depth: depth))
                depth += 1
                place = start - 1
            case 0x7B: depth += 1
            case 0x7D:
                depth -= 1
                guard let box = open.last, box.depth == depth else { break }
                open.removeLast()
                let content = box.contentStart..<place
                if open.isEmpty { last = content } else { open[open.count - 1].lastInside = content }
            default: break
            }
            place += 1
        }
        return open.last { $0.lastInside != nil }?.lastInside ?? last
    }

    /// Where the content of a box that begins here begins; nil for any other command.
    private static func contentStart(in bytes: [UInt8], at place: Int) -> Int? {
        for command in commands where bytes[place...].starts(with: command) {
            var start = place + command.count
            while start < bytes.count, bytes[start] == 0x20 { start += 1 }
            if start < bytes.count, bytes[start] == 0x7B { return start + 1 }
        }
        return nil
    }
}
