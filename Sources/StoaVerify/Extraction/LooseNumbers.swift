/// Numbers in the middle of a text that nobody marked.
///
/// A number is one as a reader sees it: not the 2 of `x2` or `2nd`, not a part of a date, a time or a version, and no
/// minus that joins it to what is before.
enum LooseNumbers {
    /// How much of a line is looked at, from its end, in bytes.
    private static let lineBytes = 4000
    /// How many numbers are looked at before the search is given up.
    private static let attempts = 1000

    /// The last number.
    static func last(in bytes: [UInt8]) -> Range<Int>? { last(in: bytes) { _ in true } }

    /// The last number that stands alone behind an equals sign.
    static func lastResult(in bytes: [UInt8]) -> Range<Int>? {
        guard bytes.contains(0x3D) else { return nil }
        return last(in: bytes) { isResult(bytes, $0) }
    }

    /// The first number of a part of the text.
    static func first(in bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var first: Range<Int>?
        scan(bytes, range) {
            first = $0
            return false
        }
        return first
    }

    /// The last number that fulfils a condition: no number reaches over a line, so lines are read from the last on.
    private static func last(in bytes: [UInt8], where condition: (Range<Int>) -> Bool) -> Range<Int>? {
        var last: Range<Int>?
        var tries = 0
        var end = bytes.count
        while end > 0, last == nil, tries < attempts {
            let line = (bytes[..<end].lastIndex(of: 0x0A) ?? -1) + 1
            scan(bytes, beginning(of: line..<end, in: bytes)) { range in
                tries += 1
                if condition(range) { last = range }
                return true
            }
            end = line - 1
        }
        return last
    }

    /// The end of a long line, from a space on.
    private static func beginning(of line: Range<Int>, in bytes: [UInt8]) -> Range<Int> {
        guard line.count > lineBytes else { return line }
        let start = line.upperBound - lineBytes
        return (bytes[start..<line.upperBound].firstIndex(of: 0x20) ?? line.upperBound)..<line.upperBound
    }

    /// Goes over the numbers of a part of the text until `body` has had enough.
    private static func scan(_ bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Bool) {
        var scanner = TextScanner(bytes, from: range.lowerBound, to: range.upperBound)
        while let byte = scanner.next {
            let start = scanner.position
            guard isStart(byte), let found = scanner.takeLooseNumber(from: range.lowerBound) else {
                scanner.position = max(start + 1, scanner.position)
                continue
            }
            guard body(found) else { return }
        }
    }

    /// Bytes that a number can begin with; a quick test, not a sufficient one.
    private static func isStart(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isBeyondASCII || [0x24, 0x2B, 0x2D, 0x2E, 0x5C].contains(byte)
    }

    private static func isResult(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var before = range.lowerBound - 1
        while before >= 0, bytes[before] == 0x20 || bytes[before] == 0x24 || bytes[before] == 0x2A { before -= 1 }
        guard before >= 0, bytes[before] == 0x3D else { return false }
        var after = range.upperBound
        while after < bytes.count, bytes[after] == 0x20 { after += 1 }
        guard after < bytes.count else { return true }
        // What goes on calculating is not a result.
        return !Array("+-*/^=\\(xX".utf8).contains(bytes[after]) && !bytes[after].isBeyondASCII
    }
}

extension TextScanner {
    /// Reads a number with its sign, currency, percent sign and known unit where a number can begin.
    ///
    /// - Parameter start: where the text begins: nothing is known of what is before.
    /// - Returns: nil, where there is none, behind what cannot be part of one.
    fileprivate mutating func takeLooseNumber(from start: Int) -> Range<Int>? {
        let first = position
        let before = first > start ? bytes[first - 1] : 0x20
        if before.isLetter || before == 0x5F || before == 0x5E || before.isBeyondASCII && isAtDigit { return skipRun() }
        var ahead = self
        if let sign = ahead.takeSign() {
            // A sign belongs to the number right behind it unless it joins two.
            guard ahead.next.map({ $0.isDigit || $0 == 0x2E || $0 == 0x24 || $0 == 0x5C || $0.isBeyondASCII }) == true,
                !joins(before: first, from: start)
            else { return nil }
            _ = sign
        }
        ahead = self
        guard ahead.takeAmount() != nil else { return isAtDigit ? skipRun() : nil }
        ahead.skipKnownUnit()
        if let next = ahead.next {
            let isGlued = next.isLetter || next.isDigit || next == 0x5F || next == 0x5E || next == 0x21
            let isSplit = [0x2E, 0x2C, 0x3A, 0x2F].contains(next) && ahead.byte(1)?.isDigit == true
            if isGlued || isSplit {
                self = ahead
                return skipRun()
            }
        }
        self = ahead
        return first..<position
    }

    /// Steps over everything that hangs together.
    private mutating func skipRun() -> Range<Int>? {
        while let byte = next, byte.isLetter || byte.isDigit || [0x2E, 0x2C, 0x3A, 0x2F, 0x5F, 0x2D].contains(byte) {
            position += 1
        }
        return nil
    }

    /// Whether a sign here stands between two operands.
    private func joins(before place: Int, from start: Int) -> Bool {
        var before = place - 1
        var isApart = false
        while before >= start, bytes[before] == 0x20 {
            before -= 1
            isApart = true
        }
        guard before >= start else { return false }
        let byte = bytes[before]
        return byte.isDigit || [0x29, 0x5D, 0x7D, 0x25].contains(byte) || (!isApart && byte.isLetter)
    }
}
