internal import OrderedCollections
internal import StoaCore

/// Contents of messages in the form that expressions compute with, for those that take long to convert.
///
/// A step in a loop that reads one member of a long list's message would otherwise convert the list for every iteration, and
/// a loop over n items would take n² of time. What is kept is what the message says, so whether it is kept changes nothing.
final class ValueCache: Sendable {
    private struct Key: Hashable {
        var message: EventKey
        var member: String?
    }

    private struct State {
        var values: [Key: (value: TemplateValue, weight: Int)] = [:]
        /// In the order in which they came.
        var order = FIFO<Key>()
        var weight = 0
    }

    /// From how many values inside of it on a content is kept.
    private let least: Int
    /// How many values are kept in all.
    private let most: Int
    private let state = Guarded(State())

    /// Creates an empty cache.
    ///
    /// - Parameters:
    ///   - least: from how many values inside of it on a content is kept.
    ///   - most: how many values are kept in all.
    init(least: Int = 64, most: Int = 400_000) {
        self.least = least
        self.most = most
    }

    /// The content of a message, or one member of it.
    func value(of message: Message, member: String?) -> TemplateValue? {
        let key = Key(message: message.id, member: member)
        if let found = state.withLock({ $0.values[key]?.value }) { return found }
        guard let json = member == nil ? message.payload : member.flatMap({ message.payload[$0] }) else { return nil }
        let value = TemplateValue(json)
        let weight = Self.weight(of: json)
        guard weight >= least, weight <= most / 4 else { return value }
        state.withLock { state in
            guard state.values.updateValue((value, weight), forKey: key) == nil else { return }
            state.order.append(key)
            state.weight += weight
            while state.weight > most, let oldest = state.order.popFirst() {
                state.weight -= state.values.removeValue(forKey: oldest)?.weight ?? 0
            }
        }
        return value
    }

    private static func weight(of value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .integer, .number, .string: 1
        case .array(let elements): elements.reduce(1) { $0 + weight(of: $1) }
        case .object(let members): members.values.reduce(1) { $0 + weight(of: $1) }
        }
    }
}
