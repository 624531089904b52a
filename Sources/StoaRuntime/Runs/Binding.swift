internal import OrderedCollections
internal import StoaCore

/// What a name of a playbook stands for: messages, never their content.
///
/// Whoever needs the content reads it from shared memory, and needs a grant for that.
indirect enum Binding: Sendable, Hashable {
    /// A message's content, or a part of it.
    case message(EventKey, member: String? = nil)
    /// One thing per iteration of a loop.
    case list([Binding])
    /// A step that was not carried out.
    case missing

    /// The messages it takes to know the content.
    var messages: [EventKey] {
        switch self {
        case .message(let key, _): [key]
        case .list(let elements): elements.flatMap(\.messages)
        case .missing: []
        }
    }

    /// The content; nil for what does not exist.
    func value(in messages: [EventKey: Message], _ cache: ValueCache) -> TemplateValue? {
        switch self {
        case .message(let key, let member): messages[key].flatMap { cache.value(of: $0, member: member) }
        case .list(let elements): .list(elements.map { $0.value(in: messages, cache) ?? .null })
        case .missing: nil
        }
    }
}

/// The names that a step can read, with what they stand for.
struct Scope: Sendable {
    private(set) var bindings: OrderedDictionary<String, Binding> = [:]

    subscript(name: String) -> Binding? {
        get { bindings[name] }
        set { bindings[name] = newValue }
    }

    /// Those of some names that stand for something.
    func restricted(to names: [String]) -> Scope {
        var scope = Scope()
        for name in names { scope.bindings[name] = bindings[name] }
        return scope
    }

    /// The messages it takes to know everything, each once.
    var messages: [EventKey] {
        var seen: Set<EventKey> = []
        return bindings.values.flatMap(\.messages).filter { seen.insert($0).inserted }
    }

    /// What templates and expressions see.
    func context(_ messages: [Message], _ cache: ValueCache) -> OrderedDictionary<String, TemplateValue> {
        let byID = Dictionary(messages.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var context: OrderedDictionary<String, TemplateValue> = [:]
        for (name, binding) in bindings { context[name] = binding.value(in: byID, cache) }
        return context
    }

    /// Takes over what a branch or an iteration has defined.
    mutating func merge(_ other: Scope, defining names: Set<String>) {
        for (name, binding) in other.bindings where names.contains(name) { bindings[name] = binding }
    }
}
