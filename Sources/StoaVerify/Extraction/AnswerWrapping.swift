/// What may stand around an answer without meaning anything: spaces, math delimiters, boxes, markup, a full stop.
enum AnswerWrapping {
    private static let pairs: [(open: String, close: String)] = [
        ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("__", "__"), ("*", "*"), ("`", "`"),
        ("\"", "\""), ("'", "'"), ("“", "”"),
    ]
    private static let commands = ["\\boxed", "\\fbox", "\\text", "\\mathrm", "\\textbf", "\\mathbf", "\\mbox", ""]
    private static let prefixes = ["\\displaystyle", "\\left", "\\right"]

    /// A text without what stands around it.
    ///
    /// - Parameter bytes: the text.
    /// - Returns: what is inside.
    static func unwrapped(_ bytes: [UInt8]) -> [UInt8] {
        var range = trimmed(bytes, bytes.indices)
        // Each round takes something away; the bound is against texts made to need many.
        for _ in 0..<16 {
            guard let inner = inside(bytes, range) else { break }
            range = trimmed(bytes, inner)
        }
        return Array(bytes[range])
    }

    private static func inside(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        for (open, close) in pairs {
            let (first, last) = (open.utf8.count, close.utf8.count)
            guard range.count > first + last, bytes[range].starts(with: open.utf8),
                bytes[range].suffix(last).elementsEqual(close.utf8)
            else { continue }
            let inner = range.lowerBound + first..<range.upperBound - last
            // In `$1$ or $2$` the outer signs are not a pair.
            if !contains(bytes[inner], open.utf8) { return inner }
        }
        for command in commands {
            let start = range.lowerBound + command.utf8.count
            guard bytes[range].starts(with: command.utf8), start < range.upperBound, bytes[start] == 0x7B,
                bytes[range.upperBound - 1] == 0x7D,
                Braces.end(of: start, in: bytes, to: range.upperBound) == range.upperBound
            else { continue }
            return start + 1..<range.upperBound - 1
        }
        for prefix in prefixes where bytes[range].starts(with: prefix.utf8) {
            return range.lowerBound + prefix.utf8.count..<range.upperBound
        }
        // The full stop of a sentence; several are digits that were left out.
        if range.count > 1, bytes[range.upperBound - 1] == 0x2E, bytes[range.upperBound - 2] != 0x2E {
            return range.lowerBound..<range.upperBound - 1
        }
        return nil
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ part: String.UTF8View) -> Bool {
        guard let first = part.first else { return false }
        return bytes.indices.contains { bytes[$0] == first && bytes[$0...].starts(with: part) }
    }

    /// A part of a text without the spaces around it.
    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] <= 0x20 { start += 1 }
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        return start..<end
    }
}

/// Pairs of braces in LaTeX.
enum Braces {
    /// Where the brace at `start` closes: the position behind its partner; nil where it does not.
    static func end(of start: Int, in bytes: [UInt8], to end: Int) -> Int? {
        var depth = 0
        var place = start
        while place < end {
            switch bytes[place] {
            case 0x5C: place += 1
            case 0x7B: depth += 1
            case 0x7D:
                depth -= 1
                if depth == 0 { return place + 1 }
            default: break
            }
            place += 1
        }
        return nil
    }
}
