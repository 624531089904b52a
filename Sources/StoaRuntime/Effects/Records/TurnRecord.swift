internal import OrderedCollections
internal import StoaCore

/// How a turn that is under way stands in the journal: a chain of its pieces, the tokens of each by digest.
///
/// The turns of one loop begin alike, so each of them adds one block for what it adds, however long it has become.
extension Content {
    /// Stores a turn elsewhere and refers to it.
    mutating func refer(_ name: String, toTurn pieces: [TurnPiece]) {
        var chain = ContentChain()
        for piece in pieces {
            var content = Content()
            switch piece {
            case .tokens(let tokens, let text):
                content.refer("model", toTokens: tokens)
                content.set("text", .string(text))
            case .feedback(let text): content.set("tool", .string(text))
            }
            blobs += content.blobs
            chain.add(Array(JSONValue.object(content.document).canonicalText.utf8))
        }
        blobs += chain.blobs
        document[name] = BlobReference(digest: chain.last, form: .turn, count: pieces.count).document
    }
}

extension ContentReader {
    /// Reads back a turn, its tokens whether or not numbers are read otherwise.
    func turn(_ reference: JSONValue?, in place: String) async throws -> [TurnPiece] {
        let reference = try require(reference, .turn, in: place)
        var pieces: [TurnPiece] = []
        for block in try await ContentChain.contents(from: reference.digest, blob: journal.blob) {
            let document = try? JSONParser.parse(block)
            if let text = document?["tool"]?.stringValue {
                pieces.append(.feedback(text))
            } else if let text = document?["text"]?.stringValue {
                pieces.append(.tokens(try await tokens(document?["model"], in: place), text: text))
            } else {
                throw JournalError.damaged("\(place): expected a piece of a turn in blob \(reference.digest)")
            }
        }
        guard pieces.count == reference.count else {
            throw JournalError.damaged("\(place): expected \(reference.count) pieces, found \(pieces.count)")
        }
        return pieces
    }
}

/// Which of a call's tokens came from where: `[[origin, count], …]`, the prompt's and then the reply's.
///
/// Every position is marked, so that training knows which tokens the model chose.
enum TokenMask {
    static func document(of reply: ModelReply) -> JSONValue {
        let prompt = reply.promptSpans.isEmpty ? [TokenSpan(.prompt, reply.promptTokens.count)] : reply.promptSpans
        return .array(
            (prompt + [TokenSpan(.model, reply.tokens.count)]).map {
                [.string($0.origin.rawValue), .integer(Int64($0.count))]
            })
    }

    /// The prompt's spans; empty for a prompt that holds nothing but the conversation.
    static func promptSpans(_ document: JSONValue?) -> [TokenSpan] {
        let spans = (document?.arrayValue ?? []).compactMap { entry -> TokenSpan? in
            guard let pair = entry.arrayValue, pair.count == 2,
                let origin = pair[0].stringValue.flatMap(TokenSpan.Origin.init(rawValue:)), let count = pair[1].intValue
            else { return nil }
            return TokenSpan(origin, count)
        }
        let prompt = spans.dropLast()
        return prompt.count == 1 && prompt.first?.origin == .prompt ? [] : Array(prompt)
    }

    /// Refuses a reply whose spans do not mark every token of the prompt.
    static func check(_ reply: ModelReply, of model: any LanguageModel) throws {
        guard !reply.promptSpans.isEmpty else { return }
        let marked = reply.promptSpans.reduce(0) { $0 + $1.count }
        guard marked == reply.promptTokens.count else {
            throw EffectFailure(
                kind: .failure,
                message:
                    "model \(model.identity.name): expected every one of \(reply.promptTokens.count) prompt tokens to "
                    + "be marked with its origin, found \(marked) marks")
        }
    }
}
