/// The stable name of an event in its run: the work it belongs to, what it says, and which of several.
///
/// The text form is `effect/kind` or `effect/kind/n`, as in `plan@planner#0.0/message_posted`. No two events of a run
/// have the same key.
public struct EventKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The work the event belongs to.
    public var effect: EffectKey
    /// What the event says.
    public var kind: EventKind
    /// Which of several events of this kind at this piece of work, from 0.
    public var ordinal: Int

    /// Creates a key.
    ///
    /// - Parameters:
    ///   - effect: the work the event belongs to.
    ///   - kind: what the event says.
    ///   - ordinal: which of several.
    public init(_ effect: EffectKey, _ kind: EventKind, ordinal: Int = 0) {
        self.effect = effect
        self.kind = kind
        self.ordinal = ordinal
    }

    /// Hashes the effect and, for the kind, its length, which tells kinds apart and costs nothing.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(effect)
        hasher.combine(kind.rawValue.utf8.count)
        hasher.combine(ordinal)
    }

    /// Reads the text form; nil for anything else.
    public init?(_ text: String) {
        // An agent's name may hold slashes, so the parts are taken from the end.
        var words = text.split(separator: "/", omittingEmptySubsequences: false)
        var ordinal = 0
        if let last = words.last, let number = Int(last) {
            ordinal = number
            words.removeLast()
        }
        guard words.count >= 2, let kind = words.popLast(), let effect = EffectKey(words.joined(separator: "/")) else {
            return nil
        }
        self.init(effect, EventKind(String(kind)), ordinal: ordinal)
    }

    /// The text form.
    public var description: String { "\(effect)/\(kind)\(ordinal == 0 ? "" : "/\(ordinal)")" }

    /// Orders keys by effect, kind and ordinal.
    public static func < (left: EventKey, right: EventKey) -> Bool {
        if left.effect != right.effect { return left.effect < right.effect }
        return (left.kind.rawValue, left.ordinal) < (right.kind.rawValue, right.ordinal)
    }
}
