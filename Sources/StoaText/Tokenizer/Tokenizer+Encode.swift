public import StoaCore

extension Tokenizer {
    /// The ids of a text.
    ///
    /// A byte for which a byte-level vocabulary has no token at all is dropped, as the reference does.
    ///
    /// Complexity: n log n in the text at worst, linear on ordinary text.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - specialTokens: whether the names of control tokens become these tokens.
    ///   - addSpecial: whether `bos` and `eos` are added where the model wants them.
    /// - Returns: the ids.
    public func encode(
        _ text: String, specialTokens: SpecialTokenPolicy = .ignore, addSpecial: Bool = false
    ) -> [TokenID] {
        let bytes = Array(text.utf8)
        return encode(
            valid: bytes, trusted: specialTokens == .parse ? [0..<bytes.count] : [], addSpecial: addSpecial)
    }

    /// The ids of a text that may not be valid UTF-8: what is not becomes U+FFFD first.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - specialTokens: whether the names of control tokens become these tokens.
    ///   - addSpecial: whether `bos` and `eos` are added where the model wants them.
    /// - Returns: the ids.
    public func encode(
        utf8 bytes: some Collection<UInt8>, specialTokens: SpecialTokenPolicy = .ignore, addSpecial: Bool = false
    ) -> [TokenID] {
        encode(String(decoding: bytes, as: UTF8.self), specialTokens: specialTokens, addSpecial: addSpecial)
    }

    /// The ids of a text that goes on with what was there before, and is not to be trusted.
    ///
    /// No name of a control token becomes that token, nothing is added, and no space is put before the text. It is spelt by
    /// itself: no word or merge reaches over its beginning.
    ///
    /// - Parameter text: any text.
    /// - Returns: the ids.
    public func encode(continuing text: String) -> [TokenID] {
        encode(valid: Array(text.utf8), trusted: [], addSpecial: false, isContinuation: true)
    }

    /// The ids of a prompt whose markup is to be believed and whose contents are not.
    ///
    /// The segments are one text, so that words and merges reach over their borders as they do in the reference;
    /// but a control token is parsed only where it lies within trusted text, and what surrounds a trusted one
    /// cannot take it apart.
    ///
    /// - Parameters:
    ///   - segments: the prompt in order.
    ///   - addSpecial: whether `bos` and `eos` are added where the model wants them.
    /// - Returns: the ids.
    public func encode(segments: [TemplateSegment], addSpecial: Bool = false) -> [TokenID] {
        var bytes: [UInt8] = []
        var trusted: [Range<Int>] = []
        for segment in segments {
            let start = bytes.count
            bytes.append(contentsOf: segment.text.utf8)
            guard segment.isTrusted, start < bytes.count else { continue }
            if let last = trusted.last, last.upperBound == start {
                trusted[trusted.count - 1] = last.lowerBound..<bytes.count
            } else {
                trusted.append(start..<bytes.count)
            }
        }
        return encode(valid: bytes, trusted: trusted, addSpecial: addSpecial)
    }

    /// The ids of valid UTF-8; `trusted` holds ascending ranges that do not touch.
    private func encode(
        valid bytes: [UInt8], trusted: [Range<Int>], addSpecial: Bool, isContinuation: Bool = false
    ) -> [TokenID] {
        precondition(bytes.count < Int(Int32.max), "a text of 2 GiB or more")
        var pieces = [Piece(range: 0..<bytes.count, id: nil)]
        for matcher in matchers { pieces = divide(pieces, bytes, trusted, matcher) }
        var output: [Int32] = []
        output.reserveCapacity(bytes.count / 3 + 2)
        if addSpecial, addsBOS, let bos = special.bos { output.append(bos.rawValue) }
        switch merges {
        case .listed(let rule): encode(pieces, bytes, isContinuation: isContinuation, rule, into: &output)
        case .scored(let rule): encode(pieces, bytes, isContinuation: isContinuation, rule, into: &output)
        }
        if addSpecial, addsEOS, let eos = special.eos { output.append(eos.rawValue) }
        return output.map { TokenID($0) }
    }

    private func encode(
        _ pieces: [Piece], _ bytes: [UInt8], isContinuation: Bool, _ rule: some MergeRule, into output: inout [Int32]
    ) {
        var merger = BytePairMerger(rule: rule)
        let scanner = ScalarScanner(bytes)
        for piece in pieces {
            if let id = piece.id {
                output.append(id)
                continue
            }
            let changed = normalizes ? NFCNormalizer.shared.normalize(bytes, piece.range) : nil
            let text = changed ?? bytes
            let range = changed.map { 0..<$0.count } ?? piece.range
            switch speller {
            case .byteLevel(let speller):
                let scanner = changed.map { ScalarScanner($0) } ?? scanner
                speller.encode(scanner, range, &merger, into: &output)
            case .sentencePiece(let speller):
                let continues = isContinuation && piece.range.lowerBound == 0
                speller.encode(text, range, isContinuation: continues, &merger, into: &output)
            }
        }
    }
}

// MARK: - Tokens that stand in the text

extension Tokenizer {
    /// A stretch of the text: a token that was found, or text.
    private struct Piece {
        var range: Range<Int>
        var id: Int32?
    }

    /// Looks for tokens in the pieces that are text.
    ///
    /// Control tokens are sought within trusted ranges alone, then the others in what is left; so that text from
    /// outside can neither bring a control token nor, by a token that begins in it, swallow a trusted one.
    private func divide(
        _ pieces: [Piece], _ bytes: [UInt8], _ trusted: [Range<Int>], _ matcher: AddedTokenMatcher
    ) -> [Piece] {
        var controls: [Piece] = []
        var output: [Piece] = []
        var nextTrusted = 0
        for piece in pieces {
            guard piece.id == nil else {
                output.append(piece)
                continue
            }
            controls.removeAll(keepingCapacity: true)
            while nextTrusted < trusted.count, trusted[nextTrusted].lowerBound < piece.range.upperBound {
                let range = trusted[nextTrusted].clamped(to: piece.range)
                matcher.scan(bytes, range) { found, id in
                    if types[Int(id)].isControl { controls.append(Piece(range: found, id: id)) }
                }
                // A range that reaches beyond this piece goes on in the next one.
                if trusted[nextTrusted].upperBound > piece.range.upperBound { break }
                nextTrusted += 1
            }
            var start = piece.range.lowerBound
            for control in controls {
                appendText(start..<control.range.lowerBound, bytes, matcher, to: &output)
                output.append(control)
                start = control.range.upperBound
            }
            appendText(start..<piece.range.upperBound, bytes, matcher, to: &output)
        }
        return output
    }

    private func appendText(
        _ range: Range<Int>, _ bytes: [UInt8], _ matcher: AddedTokenMatcher, to output: inout [Piece]
    ) {
        var start = range.lowerBound
        matcher.scan(bytes, range) { found, id in
            guard !types[Int(id)].isControl else { return }
            if start < found.lowerBound { output.append(Piece(range: start..<found.lowerBound, id: nil)) }
            output.append(Piece(range: found, id: id))
            start = found.upperBound
        }
        if start < range.upperBound { output.append(Piece(range: start..<range.upperBound, id: nil)) }
    }
}
