internal import OrderedCollections
public import StoaCore

/// The examples of a file in the formats of TRL: JSON Lines, an object per line.
///
///     {"messages": […]}                                 the last message is learned, behind those before it
///     {"prompt": …, "completion": …}                    a completion behind its prompt
///     {"prompt": …, "chosen": …, "rejected": …}         one completion is better than another
///
/// A prompt is a text, which is what a user says, or a list of messages; a completion is a text or a list of one message
/// of the assistant's. Where there is no prompt, `chosen` and `rejected` are conversations that differ in their last
/// message. Any line may have a `weight`; other members are left alone.
///
/// Lines that `stoa log export` writes have token ids beside the words: `prompt_ids` with `completion_ids`, `chosen_ids` or
/// `rejected_ids`. Then these are learned, and the words only read. They mean something to the model alone whose `fingerprint`
/// the line has.
public struct TrainingFile: Sendable, Hashable {
    /// The name of the file.
    public let path: String
    /// The examples, in the order of the file.
    public let examples: [TrainingExample]
    /// The fingerprints of the models whose tokens are among the examples.
    public let fingerprints: Set<String>

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: its name, for errors.
    ///   - comparesSides: whether every example must have a rejected side.
    /// - Throws: `TrainingError` that names the line.
    public init(_ bytes: [UInt8], path: String, comparesSides: Bool) throws(TrainingError) {
        self.path = path
        var examples: [TrainingExample] = []
        var fingerprints: Set<String> = []
        for (number, line) in JSONLines.lines(of: bytes) {
            let document: JSONValue
            do {
                document = try JSONParser.parse(line)
            } catch {
                throw TrainingError(.invalidData, "\(path):\(number):\(error.column): \(error.reason)")
            }
            let record = TrainingLine(document: document, place: "\(path):\(number)")
            let example = try record.example(comparesSides: comparesSides)
            if example.hasTokens { fingerprints.insert(try record.fingerprint()) }
            examples.append(example)
        }
        guard !examples.isEmpty else {
            throw TrainingError(.invalidData, "\(path): expected at least one example, found none")
        }
        self.examples = examples
        self.fingerprints = fingerprints
    }
}

/// One line of a file.
private struct TrainingLine {
    let document: JSONValue
    let place: String

    func error(_ problem: String, hint: String? = nil) -> TrainingError {
        TrainingError(.invalidData, "\(place): \(problem)", hint: hint)
    }

    func example(comparesSides: Bool) throws(TrainingError) -> TrainingExample {
        guard case .object = document else { throw error("expected an object, found \(document.kind)") }
        let weight = try self.weight()
        if comparesSides {
            guard document["chosen"] != nil, document["rejected"] != nil else {
                throw error(
                    "expected \"chosen\" and \"rejected\", found \(found)",
                    hint: "a preference is {\"prompt\", \"chosen\", \"rejected\"}")
            }
            let (chosen, rejected) = (try side("chosen"), try side("rejected"))
            guard chosen.prompt == rejected.prompt else {
                throw error("\"chosen\" and \"rejected\" go on from different conversations")
            }
            return TrainingExample(chosen: chosen.text, rejected: rejected.text, weight: weight)
        }
        if document["messages"] != nil { return TrainingExample(chosen: try side("messages").text, weight: weight) }
        for name in ["completion", "chosen"] where document[name] != nil {
            return TrainingExample(chosen: try side(name).text, weight: weight)
        }
        throw error(
            "expected \"messages\", or \"prompt\" and \"completion\", found \(found)",
            hint: "an example is {\"messages\"}, {\"prompt\", \"completion\"} or {\"prompt\", \"chosen\", \"rejected\"}"
        )
    }

    /// The model whose tokens the line has.
    func fingerprint() throws(TrainingError) -> String {
        guard let text = document["fingerprint"]?.stringValue, !text.isEmpty else {
            throw error(
                "expected the \"fingerprint\" of the model whose tokens these are, found none",
                hint: "or leave the ids out: then the words are learned")
        }
        return text
    }

    private var found: String {
        let names = (document.objectValue?.keys).map { $0.map { "\"\($0)\"" }.joined(separator: ", ") } ?? ""
        return names.isEmpty ? "no members" : names
    }

    private func weight() throws(TrainingError) -> Double {
        guard let value = document["weight"], value != .null else { return 1 }
        guard let weight = value.doubleValue, weight.isFinite, weight >= 0 else {
            throw error("\"weight\": expected a number from 0 on, found \(value.text)")
        }
        return weight
    }

    // MARK: - Sides

    private struct Side {
        var prompt: [ChatMessage]
        var completion: String
        var tokens: TrainingText?
        var text: TrainingText { tokens ?? .words(messages: prompt, completion: completion) }
    }

    /// The ids of a side, where the line has them.
    private func tokens(_ name: String) throws(TrainingError) -> TrainingText? {
        guard let completion = try ids("\(name)_ids") else { return nil }
        guard let prompt = try ids("prompt_ids"), !prompt.isEmpty else {
            throw error("\"\(name)_ids\" without \"prompt_ids\"")
        }
        guard document["env_mask"]?.arrayValue?.contains(0) != true else {
            throw error("what tools said stands among \"\(name)_ids\"", hint: "an example is what a model said")
        }
        return .tokens(prompt: prompt, completion: completion)
    }

    private func ids(_ name: String) throws(TrainingError) -> [TokenID]? {
        guard let value = document[name], value != .null else { return nil }
        guard let list = value.arrayValue else {
            throw error("\"\(name)\": expected a list of token ids, found \(value.kind)")
        }
        var ids: [TokenID] = []
        for element in list {
            guard let number = element.intValue, let id = Int32(exactly: number), id >= 0 else {
                throw error("\"\(name)\": expected token ids, found \(element.text.prefix(40))")
            }
            ids.append(TokenID(id))
        }
        return ids
    }

    /// What is said, and behind what.
    private func side(_ name: String) throws(TrainingError) -> Side {
        guard let value = document[name] else { throw error("\"\(name)\" is missing") }
        let prompt = name == "messages" ? nil : document["prompt"]
        if let text = value.stringValue {
            guard let prompt else {
                throw error("\"prompt\" is missing", hint: "a text is learned behind a prompt; it may be a text too")
            }
            return Side(prompt: try messages(prompt, "prompt"), completion: text, tokens: try tokens(name))
        }
        var conversation = try messages(value, name)
        guard let last = conversation.popLast(), last.role == .assistant, last.toolCalls.isEmpty else {
            throw error("\"\(name)\": expected words of the assistant as the last message")
        }
        guard let prompt else {
            guard !conversation.isEmpty else {
                throw error("\"\(name)\": expected messages before the assistant's, found none")
            }
            return Side(prompt: conversation, completion: last.content)
        }
        guard conversation.isEmpty else {
            throw error("\"\(name)\": expected one message behind a prompt, found \(conversation.count + 1)")
        }
        return Side(
            prompt: try messages(prompt, "prompt"), completion: last.content, tokens: try tokens(name))
    }

    /// A list of messages; a text is what a user says.
    private func messages(_ value: JSONValue, _ name: String) throws(TrainingError) -> [ChatMessage] {
        if let text = value.stringValue { return [ChatMessage(.user, text)] }
        guard let list = value.arrayValue else {
            throw error("\"\(name)\": expected a text or a list of messages, found \(value.kind)")
        }
        var messages: [ChatMessage] = []
        for (index, entry) in list.enumerated() {
            guard let message = ChatMessage(document: entry) else {
                throw error(
                    "\"\(name)\": message \(index): expected {\"role\", \"content\"}, found \(entry.text.prefix(60))",
                    hint: "roles are \(ChatMessage.Role.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            messages.append(message)
        }
        return messages
    }
}

extension TrainingExample {
    /// Whether any side is tokens and not words.
    fileprivate var hasTokens: Bool {
        [chosen, rejected].contains { if case .tokens? = $0 { true } else { false } }
    }
}

extension JSONValue {
    /// What sort of value it is, for errors.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
