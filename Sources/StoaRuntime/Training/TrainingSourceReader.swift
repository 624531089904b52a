internal import OrderedCollections
internal import StoaCore

/// Reads examples out of a list that a playbook computes.
struct TrainingSourceReader {
    /// The step and key that the list is of, for errors.
    let subject: String
    /// The agent's instructions, which stand before an example's prompt; nil for none.
    let system: String?
    /// Whether the loss compares: then every example is a preference, and otherwise none is.
    let compares: Bool
    /// The loss, for errors.
    let loss: String

    /// The examples of a list.
    ///
    /// - Parameter value: the list.
    /// - Returns: the examples, in its order.
    /// - Throws: `WorkFailure` naming the first element that is none.
    func sources(in value: JSONValue) throws -> [TrainingSource] {
        guard let elements = value.arrayValue else {
            throw failure("expected a list of examples, found \(JSONText.kind(of: value))")
        }
        return try elements.enumerated().map { try source($0.element, at: "element \($0.offset)") }
    }

    private func source(_ element: JSONValue, at place: String) throws -> TrainingSource {
        guard let members = element.objectValue else {
            throw failure("\(place): expected a mapping, found \(JSONText.kind(of: element))")
        }
        let isPreference = members["chosen"] != nil || members["rejected"] != nil
        guard isPreference == compares else {
            throw failure(
                compares
                    ? "\(place): the loss '\(loss)' compares, expected 'chosen' and 'rejected', found neither"
                    : "\(place): the loss '\(loss)' compares nothing, found 'chosen' or 'rejected'",
                hint: compares ? "or learn texts with 'loss: sft'" : "learn preferences with 'loss: dpo'")
        }
        var source: TrainingSource
        if isPreference {
            source = TrainingSource(
                chosen: try side(of: members, "chosen", at: place),
                rejected: try side(of: members, "rejected", at: place))
        } else {
            source = TrainingSource(chosen: try side(members, at: place))
        }
        if let weight = members["weight"], weight != .null {
            guard let number = weight.doubleValue, number.isFinite, number >= 0 else {
                throw failure("\(place): expected a weight of at least 0, found \(JSONText.kind(of: weight))")
            }
            source.weight = number
        }
        return source
    }

    /// One side of a preference: an example by itself, or a completion of the conversation that both share.
    private func side(of members: JSONValue.Members, _ key: String, at place: String) throws -> TrainingSource.Side {
        switch members[key] {
        case .object(let side)?: return try self.side(side, at: "\(place), '\(key)'")
        case .string(let completion)?: return .words(try conversation(members, at: place), completion: completion)
        case let found:
            throw failure(
                "\(place): expected '\(key)' to be a text or an example, found "
                    + (found.map { JSONText.kind(of: $0) } ?? "nothing"))
        }
    }

    private func side(_ members: JSONValue.Members, at place: String) throws -> TrainingSource.Side {
        if let sample = members["sample"], sample != .null {
            guard let key = sample.stringValue.flatMap({ EffectKey($0) }) else {
                throw failure(
                    "\(place): expected 'sample' to name a call, found \(JSONText.kind(of: sample))",
                    hint: "it is what a step's value says whose 'sample' is true")
            }
            return .sample(key)
        }
        guard let completion = members["completion"]?.stringValue else {
            throw failure(
                "\(place): expected 'sample', or 'completion' behind 'messages' or 'prompt', found "
                    + (members.isEmpty ? "nothing" : members.keys.sorted().joined(separator: ", ")))
        }
        return .words(try conversation(members, at: place), completion: completion)
    }

    private func conversation(_ members: JSONValue.Members, at place: String) throws -> [ChatMessage] {
        if let prompt = members["prompt"]?.stringValue {
            return (system.map { [ChatMessage(.system, $0)] } ?? []) + [ChatMessage(.user, prompt)]
        }
        guard let documents = members["messages"]?.arrayValue, !documents.isEmpty else {
            throw failure("\(place): expected a 'prompt', or 'messages' with at least one in it")
        }
        return try documents.map { document in
            guard let message = ChatMessage(document: document) else {
                throw failure("\(place): expected messages of {role, content}, found \(JSONText.kind(of: document))")
            }
            return message
        }
    }

    private func failure(_ message: String, hint: String? = nil) -> WorkFailure {
        WorkFailure(failure: EffectFailure(kind: .badInput, message: "\(subject): \(message)", hint: hint))
    }
}
