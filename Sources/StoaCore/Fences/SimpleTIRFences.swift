/// The automaton of the expression by which SimpleTIR's code finds a block.
///
///     ```(?:py|python)?\n(.*?)\n```
///
/// A dot matches line endings too. The leftmost match is the one from the first opening, for whatever closes a later
/// opening closes that one too; so one pass finds it without going back.
///
/// Source: arXiv:2509.02479, the authors' code.
struct SimpleTIRFences: Sendable {
    private enum State {
        /// Before the opening, behind so many backticks, three at most.
        case backticks(Int)
        /// Behind three backticks and so many letters of "python".
        case word(Int)
        /// Within the block, behind so many characters of the closing fence and the line ending before it.
        case code(Int)
    }

    private static let word = Array("python".utf8)
    /// How many letters of the word are a language: those of "py" and those of "python".
    private static let languages: Set<Int> = [0, 2, 6]

    private var state = State.backticks(0)
    private var start = 0
    private var codeStart = 0
    private var language = ""

    /// Whether a block is open.
    var isOpen: Bool { if case .code = state { true } else { false } }

    /// Takes a byte.
    ///
    /// - Returns: the block, with the third backtick of its closing fence.
    mutating func advance(_ byte: UInt8, at position: Int) -> FenceScanner.Match? {
        switch state {
        case .backticks(Fence.shortest): advance(behind: 0, byte, at: position)
        case .word(let letters): advance(behind: letters, byte, at: position)
        case .backticks(let count): state = .backticks(byte == Fence.backtick ? count + 1 : 0)
        case .code(let matched):
            if byte == Fence.lineFeed {
                state = .code(1)
            } else if byte == Fence.backtick, matched > 0 {
                state = .code(matched + 1)
                guard matched == Fence.shortest else { break }
                return FenceScanner.Match(
                    language: language, range: start..<position + 1,
                    codeRange: codeStart..<position - Fence.shortest, end: position + 1, indentation: 0,
                    isVerbatim: true)
            } else {
                state = .code(0)
            }
        }
        return nil
    }

    /// Takes a byte behind three backticks and some letters.
    private mutating func advance(behind letters: Int, _ byte: UInt8, at position: Int) {
        if byte == Fence.lineFeed, Self.languages.contains(letters) {
            language = String(decoding: Self.word[..<letters], as: UTF8.self)
            start = position - letters - Fence.shortest
            codeStart = position + 1
            state = .code(0)
        } else if letters < Self.word.count, byte == Self.word[letters] {
            state = .word(letters + 1)
        } else if byte == Fence.backtick {
            // Of more than three backticks the last three count.
            state = .backticks(letters == 0 ? Fence.shortest : 1)
        } else {
            state = .backticks(0)
        }
    }
}
