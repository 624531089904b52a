/// A block of code in a text.
public struct FencedBlock: Sendable, Hashable {
    /// The code: its lines with `\n` between them, without the indentation of the fence.
    public var code: String
    /// The first word behind the opening fence, in lower case; empty where there is none.
    public var language: String
    /// Where it lies in the text's UTF-8: from the first character of the opening fence to the last one of the closing
    /// fence.
    public var range: Range<Int>
    /// Where its lines lie in the text's UTF-8, without the line ending of the last one.
    public var codeRange: Range<Int>

    /// Creates a block.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - language: the first word behind the opening fence.
    ///   - range: where it lies in the text's UTF-8.
    ///   - codeRange: where its lines lie.
    public init(code: String, language: String, range: Range<Int>, codeRange: Range<Int>) {
        self.code = code
        self.language = language
        self.range = range
        self.codeRange = codeRange
    }
}

/// What a whole text has of code to run.
public struct FenceScan: Sendable, Hashable {
    /// The first complete block of code to run; nil where there is none.
    public var block: FencedBlock?
    /// Whether the text ends within a block, so that something was begun and not ended.
    ///
    /// False where a block was found: what follows it is not looked at.
    public var isUnterminated: Bool

    /// Looks for code to run.
    ///
    /// Complexity: linear in the text.
    ///
    /// - Parameters:
    ///   - text: the whole text: a closing fence may be its end.
    ///   - syntax: how blocks are fenced.
    public init(_ text: String, _ syntax: FenceSyntax) {
        var scanner = FenceScanner(syntax)
        _ = scanner.feed(text.utf8)
        let match = scanner.finish()
        block = match.map { $0.block(in: Array(text.utf8)) }
        isUnterminated = match == nil && scanner.isOpen
    }
}

extension FenceScanner.Match {
    /// The block, cut out of the text.
    ///
    /// - Parameter text: the UTF-8 of the text that was scanned, or of as much of it as was scanned.
    /// - Returns: the block; invalid UTF-8 is repaired.
    public func block(in text: [UInt8]) -> FencedBlock {
        let lines = text[codeRange]
        return FencedBlock(
            code: String(decoding: isVerbatim ? Array(lines) : Self.outdented(lines, by: indentation), as: UTF8.self),
            language: language, range: range, codeRange: codeRange)
    }

    /// Lines with `\n` as their ending, each without up to so many columns of indentation.
    private static func outdented(_ text: ArraySlice<UInt8>, by indentation: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        /// Columns of the line's indentation that are still to go.
        var remaining = indentation
        var previous: UInt8 = 0
        for byte in text {
            defer { previous = byte }
            switch byte {
            case Fence.lineFeed where previous == Fence.carriageReturn: continue
            case Fence.lineFeed, Fence.carriageReturn:
                result.append(Fence.lineFeed)
                remaining = indentation
            case Fence.space where remaining > 0: remaining -= 1
            case Fence.tab where remaining > 0:
                // A tab reaches to column 4, and what the fence's indentation leaves of it are spaces.
                result.append(contentsOf: repeatElement(Fence.space, count: 4 - indentation))
                remaining = 0
            default:
                remaining = 0
                result.append(byte)
            }
        }
        return result
    }
}
