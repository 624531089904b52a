internal import StoaCore
internal import StoaText

// A turn that is under way: nothing of it is tokenised twice. What the model chose is fed as the tokens that it chose, and
// what was put in between is spelt as plain text, each piece by itself, so that a prompt that grows keeps its beginning.
extension PromptWriter.Prompt {
    /// Adds the pieces of a turn.
    ///
    /// - Parameters:
    ///   - turn: the pieces.
    ///   - writer: whose tokens they are.
    ///   - allowsEnds: whether tokens that end a turn are text like any other.
    /// - Throws: `ModelError` for words without tokens, and for tokens that end a turn.
    mutating func add(_ turn: [TurnPiece], of writer: PromptWriter, allowsEnds: Bool) throws {
        guard !turn.isEmpty else { return }
        spans = [TokenSpan(.prompt, tokens.count)]
        for (index, piece) in turn.enumerated() {
            switch piece {
            case .tokens(let chosen, let text):
                guard !chosen.isEmpty || text.isEmpty else { throw ModelError.turnWithoutTokens(piece: index) }
                if !allowsEnds, let place = chosen.firstIndex(where: writer.tokenizer.special.endOfTurn.contains) {
                    throw ModelError.endedTurn(
                        piece: index, place: place, name: writer.tokenizer.piece(of: chosen[place]))
                }
                tokens += chosen
                spans.append(TokenSpan(.model, chosen.count))
            case .feedback(let text):
                let spelt = writer.spell(text)
                tokens += spelt
                spans.append(TokenSpan(.tool, spelt.count))
            }
        }
    }
}

extension PromptWriter {
    /// The tokens of words that are not to be trusted: none of them is a mark of the protocol.
    ///
    /// Some vocabularies state a token that ends a turn as if it were text. Words that spell its name are taken apart behind
    /// the first character of the name, so that not even such a token can be forged.
    func spell(_ text: String) -> [TokenID] {
        let ends = tokenizer.special.endOfTurn.filter { !tokenizer.isControl($0) }
        guard !ends.isEmpty else { return tokenizer.encode(continuing: text) }
        var parts = [Array(text.utf8)[...]]
        for end in ends.sorted() {
            let name = tokenizer.bytes(of: end)
            guard name.count > 1 else { continue }
            parts = parts.flatMap { Self.split($0, within: name) }
        }
        return parts.flatMap { tokenizer.encode(continuing: String(decoding: $0, as: UTF8.self)) }
    }

    /// The text in parts that do not have the name: each occurrence is cut behind its first character.
    private static func split(_ text: ArraySlice<UInt8>, within name: [UInt8]) -> [ArraySlice<UInt8>] {
        let first = name.dropFirst().firstIndex { $0 & 0xC0 != 0x80 } ?? name.count
        var parts: [ArraySlice<UInt8>] = []
        var (start, place) = (text.startIndex, text.startIndex)
        while place + name.count <= text.endIndex {
            if text[place..<place + name.count].elementsEqual(name) {
                parts.append(text[start..<place + first])
                start = place + first
            }
            place += 1
        }
        return parts + [text[start...]]
    }
}

extension ModelError {
    static func turnWithoutTokens(piece: Int) -> ModelError {
        invalidRequest(
            "piece \(piece) of the turn has the model's words, but not its tokens",
            hint:
                "go on with the tokens of the model's own replies; a turn of a remote model can't be gone on with here")
    }

    static func endedTurn(piece: Int, place: Int, name: String) -> ModelError {
        invalidRequest(
            "piece \(piece) of the turn: token \(place) is \(name), which ends a turn",
            hint: "go on with the tokens of replies as they are, which are without it, or begin another message")
    }
}
