/// The four kinds of scalar that the pre-tokenizers' patterns tell apart; every scalar is of exactly one.
enum ScalarKind: UInt8, Sendable {
    /// None of the others.
    case other = 0
    /// `\p{L}`
    case letter = 1
    /// `\p{N}`
    case number = 2
    /// `\s`
    case space = 3
}

/// The kind of every scalar, two bits each (272 KiB), unpacked from the generated runs at first use.
struct ScalarKinds: Sendable {
    static let shared = ScalarKinds()

    private var packed = [UInt8](repeating: 0, count: 0x110000 / 4)

    private init() {
        fill(ScalarClassTable.letters, .letter)
        fill(ScalarClassTable.numbers, .number)
        fill(ScalarClassTable.spaces, .space)
    }

    private mutating func fill(_ runs: [UInt32], _ kind: ScalarKind) {
        for run in stride(from: 0, to: runs.count, by: 2) {
            for scalar in runs[run]..<runs[run] + runs[run + 1] {
                packed[Int(scalar >> 2)] |= kind.rawValue << UInt8((scalar & 3) * 2)
            }
        }
    }

    @inline(__always)
    subscript(scalar: UInt32) -> ScalarKind {
        switch packed[Int(scalar >> 2)] >> UInt8((scalar & 3) * 2) & 3 {
        case 0: .other
        case 1: .letter
        case 2: .number
        default: .space
        }
    }
}

/// The steps that the patterns are made of, over valid UTF-8.
///
/// All indices are byte offsets.
struct ScalarScanner {
    let bytes: [UInt8]
    private let kinds = ScalarKinds.shared

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The kind of the scalar at `index`, and the index after it.
    @inline(__always)
    func kind(at index: Int) -> (kind: ScalarKind, end: Int) {
        let (scalar, end) = UTF8Scalars.decode(bytes, at: index)
        return (kinds[scalar], end)
    }

    /// Whether the scalar at `index` exists below `limit` and is of `kind`.
    @inline(__always)
    func isKind(_ kind: ScalarKind, at index: Int, _ limit: Int) -> Bool {
        index < limit && self.kind(at: index).kind == kind
    }

    /// The end of the longest run of `kind` from `index` on: `X*`.
    @inline(__always)
    func endOfRun(_ kind: ScalarKind, from index: Int, _ limit: Int) -> Int {
        var end = index
        while end < limit {
            let (found, after) = self.kind(at: end)
            guard found == kind else { return end }
            end = after
        }
        return end
    }

    /// Whether the byte at `index` is a line feed or a carriage return.
    @inline(__always)
    func isLineBreak(at index: Int) -> Bool { bytes[index] == 0x0A || bytes[index] == 0x0D }

    /// The end of `\s+(?!\S)|\s+` from a space at `start`: white space before a word leaves it the last scalar.
    func endOfSpaces(from start: Int, _ limit: Int) -> Int {
        var end = start
        var last = start
        while end < limit {
            let (found, after) = kind(at: end)
            guard found == .space else { return last > start ? last : end }
            last = end
            end = after
        }
        return end
    }

    /// The end of `\s*[\r\n]+` from `start`, or nil where the white space holds no line break.
    func endOfLastLineBreak(from start: Int, _ limit: Int) -> Int? {
        var found: Int?
        var end = start
        while end < limit {
            let (kind, after) = self.kind(at: end)
            guard kind == .space else { break }
            if isLineBreak(at: end) { found = after }
            end = after
        }
        return found
    }
}
