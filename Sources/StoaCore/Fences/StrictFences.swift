/// The automaton of CommonMark's fenced code blocks, over lines that end with `\n`, `\r` or both.
///
/// Source: CommonMark 0.31.2, section 4.5. Containers are not known: a fence in a list or a quotation counts only where
/// it is indented by at most three spaces, and by nothing else.
struct StrictFences: Sendable {
    /// The languages whose blocks are code to run; blocks of others are passed over as a whole.
    static let runnable: Set<String> = ["", "python", "py", "python3"]

    /// An open block.
    private struct Block {
        var character: UInt8
        var length: Int
        var indentation: Int
        var start: Int
        /// The language of code to run; nil for a block of another language.
        var language: String?
        var codeStart = 0
        /// Where the last line of code ends; nil before the first one.
        var codeEnd: Int?
    }

    /// How far the current line has been understood.
    private enum Line {
        /// So many spaces.
        case indentation(Int)
        /// A run of fence characters, which began at a place.
        case run(UInt8, length: Int, indentation: Int, start: Int)
        /// Behind the run of an opening fence.
        case info(Info)
        /// Behind the run of a closing fence that ended at a place: nothing but blanks so far.
        case blanks(end: Int)
        /// No fence, whatever comes.
        case text
    }

    /// The info string of an opening fence.
    private struct Info {
        var block: Block
        /// The first word, as far as it may be one of the languages.
        var word: [UInt8] = []
        var isWordOver = false

        /// Longer than any language that counts.
        private static let longest = 16

        /// Takes a byte of the info string.
        mutating func take(_ byte: UInt8) {
            guard !isWordOver else { return }
            if byte == Fence.space || byte == Fence.tab {
                isWordOver = !word.isEmpty
            } else if word.count < Self.longest {
                word.append(byte)
            } else {
                isWordOver = true
            }
        }
    }

    private var open: Block?
    private var line = Line.indentation(0)
    /// Whether the last byte was a `\r`, so that a `\n` belongs to it.
    private var isAfterReturn = false

    /// Whether a block is open.
    var isOpen: Bool { open != nil }

    /// Takes a byte.
    ///
    /// - Returns: the first block of code to run, with the byte that ends its closing fence's line.
    mutating func advance(_ byte: UInt8, at position: Int) -> FenceScanner.Match? {
        if isAfterReturn {
            isAfterReturn = false
            if byte == Fence.lineFeed {
                if open?.codeStart == position { open?.codeStart = position + 1 }
                return nil
            }
        }
        guard byte == Fence.lineFeed || byte == Fence.carriageReturn else {
            advance(within: byte, at: position)
            return nil
        }
        isAfterReturn = byte == Fence.carriageReturn
        return endLine(at: position, next: position + 1)
    }

    /// Ends the text, and with it the last line.
    mutating func finish(at position: Int) -> FenceScanner.Match? { endLine(at: position, next: position) }

    // MARK: - Within a line

    private mutating func advance(within byte: UInt8, at position: Int) {
        switch line {
        case .text: break
        case .indentation(let count):
            if byte == Fence.space {
                line = count < 3 ? .indentation(count + 1) : .text
            } else if open.map({ $0.character == byte }) ?? (byte == Fence.backtick || byte == Fence.tilde) {
                line = .run(byte, length: 1, indentation: count, start: position)
            } else {
                line = .text
            }
        case .run(let character, let length, let indentation, let start):
            if byte == character {
                line = .run(character, length: length + 1, indentation: indentation, start: start)
            } else if let open {
                let closes = length >= open.length && (byte == Fence.space || byte == Fence.tab)
                line = closes ? .blanks(end: position) : .text
            } else if length >= Fence.shortest {
                let block = Block(character: character, length: length, indentation: indentation, start: start)
                line = .info(Info(block: block))
                advance(within: byte, at: position)
            } else {
                line = .text
            }
        case .blanks:
            if byte != Fence.space, byte != Fence.tab { line = .text }
        case .info(var info):
            if byte == Fence.backtick, info.block.character == Fence.backtick {
                line = .text
                return
            }
            info.take(byte)
            line = .info(info)
        }
    }

    // MARK: - The end of a line

    private mutating func endLine(at end: Int, next: Int) -> FenceScanner.Match? {
        let ended = line
        line = .indentation(0)
        guard var block = open else {
            open = Self.opened(by: ended, next: next)
            return nil
        }
        let closing: Int
        switch ended {
        case .run(_, let length, _, let start) where length >= block.length: closing = start + length
        case .blanks(let end): closing = end
        default:
            block.codeEnd = end
            open = block
            return nil
        }
        open = nil
        guard let language = block.language else { return nil }
        return FenceScanner.Match(
            language: language, range: block.start..<closing,
            codeRange: block.codeStart..<(block.codeEnd ?? block.codeStart), end: next,
            indentation: block.indentation, isVerbatim: false)
    }

    private static func opened(by line: Line, next: Int) -> Block? {
        var info: Info
        switch line {
        case .run(let character, let length, let indentation, let start) where length >= Fence.shortest:
            info = Info(block: Block(character: character, length: length, indentation: indentation, start: start))
        case .info(let read): info = read
        default: return nil
        }
        let language = String(decoding: info.word, as: UTF8.self).lowercased()
        info.block.language = runnable.contains(language) ? language : nil
        info.block.codeStart = next
        return info.block
    }
}
