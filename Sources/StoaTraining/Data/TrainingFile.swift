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
public struct TrainingFile: Sendable, Hashable {
    /// The name of the file.
    public let path: String
    /// The examples, in the order of the file.
    public let examples: [TrainingExample]

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
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            let document: JSONValue
            do {
                document = try JSONParser.parse(line)
            } catch {
                throw TrainingError(.invalidData, "\(path):\(index + 1):\(error.column): \(error.reason)")
            }
            let record = TrainingLine(document: document, place: "\(path):\(index + 1)")
            examples.append(try record.example(comparesSides: comparesSides))
        }
        guard !examples.isEmpty else {
            throw TrainingError(.invalidData, "\(path): expected at least one example, found none")
        }
        self.examples = examples
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
        var text: TrainingText { .words(messages: prompt, completion: completion) }
    }

    /// What is said, and behind what.
    private func side(_ name: String) throws(TrainingError) -> Side {
        guard let value = document[name] else { throw error("\"\(name)\" is missing") }
        let prompt = name == "messages" ? nil : document["prompt"]
        if let text = value.stringValue {
            guard let prompt else {
                throw error("\"prompt\" is missing", hint: "a text is learned behind a prompt; it may be a text too")
            }
            return Side(prompt: try messages(prompt, "prompt"), completion: text)
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
        return Side(prompt: try messages(prompt, "prompt"), completion: last.content)
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
