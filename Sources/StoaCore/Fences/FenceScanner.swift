/// Finds the first complete block of code to run in a text that arrives in pieces.
///
/// Pieces are bytes of UTF-8 and may be cut anywhere, inside a character or inside a fence. The block is reported with the
/// byte that makes it certain, never before: in the strict syntax that is the end of the closing fence's line, since a
/// line that goes on is code like any other; in SimpleTIR's it is the closing fence's third backtick.
///
///     var scanner = FenceScanner(.strict)
///     while let piece = nextPiece(), scanner.feed(piece.utf8) == nil {}
///     let match = scanner.finish()
///
/// Determinism: depends on the bytes only, not on how they were cut into pieces.
/// Complexity: linear in the bytes, in constant memory: it keeps places, not text.
public struct FenceScanner: Sendable {
    /// Where a block lies.
    public struct Match: Sendable, Hashable {
        /// The first word behind the opening fence, in lower case; empty where there is none.
        public let language: String
        /// From the first character of the opening fence to the last one of the closing fence, in bytes of the text.
        public let range: Range<Int>
        /// The lines between the fences, without the line ending of the last one, in bytes of the text.
        public let codeRange: Range<Int>
        /// How many bytes of the text it took to be certain of the block.
        public let end: Int
        /// The indentation of the opening fence, which the lines are freed of.
        let indentation: Int
        /// Whether the lines are code as they stand.
        let isVerbatim: Bool
    }

    private enum State {
        case strict(StrictFences)
        case simpleTIR(SimpleTIRFences)
    }

    private var state: State
    private var position = 0

    /// The block that was found; nil while there is none.
    public private(set) var match: Match?

    /// Creates a scanner at the beginning of a text.
    ///
    /// - Parameter syntax: how blocks are fenced.
    public init(_ syntax: FenceSyntax) {
        switch syntax {
        case .strict: state = .strict(StrictFences())
        case .simpletir: state = .simpleTIR(SimpleTIRFences())
        }
    }

    /// Whether a block of any kind is open: after `finish`, whether the text ended within one.
    public var isOpen: Bool {
        guard match == nil else { return false }
        return switch state {
        case .strict(let fences): fences.isOpen
        case .simpleTIR(let fences): fences.isOpen
        }
    }

    /// Takes the next piece of the text.
    ///
    /// - Parameter bytes: the piece; may be empty.
    /// - Returns: the block if it is certain by now; bytes behind those that made it certain are not looked at.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> Match? {
        guard match == nil else { return match }
        // One automaton for the whole piece, so that it is not copied in and out for every byte.
        switch state {
        case .strict(var fences):
            for byte in bytes where match == nil {
                match = fences.advance(byte, at: position)
                position += 1
            }
            state = .strict(fences)
        case .simpleTIR(var fences):
            for byte in bytes where match == nil {
                match = fences.advance(byte, at: position)
                position += 1
            }
            state = .simpleTIR(fences)
        }
        return match
    }

    /// Ends the text: nothing more will come, so a closing fence at its very end closes.
    ///
    /// - Returns: the block, found now or before.
    public mutating func finish() -> Match? {
        guard match == nil, case .strict(var fences) = state else { return match }
        match = fences.finish(at: position)
        state = .strict(fences)
        return match
    }
}

/// The bytes that fences are made of.
enum Fence {
    static let backtick = UInt8(ascii: "`")
    static let tilde = UInt8(ascii: "~")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    /// The least length of a fence.
    static let shortest = 3
}
