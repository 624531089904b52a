internal import OrderedCollections
package import StoaCore
internal import StoaRuntime

/// Two runs held against each other: logical events in the order of their keys.
package struct RunComparison: Sendable {
    /// The first difference.
    package struct Difference: Sendable, Hashable {
        /// The event's key.
        package var key: EventKey
        /// Its number in either run; nil where a run does not have it.
        package var sequences: (first: Int?, second: Int?) { (firstSequence, secondSequence) }
        fileprivate(set) var firstSequence: Int?
        fileprivate(set) var secondSequence: Int?
        /// The place in its payload; empty for the whole event.
        package var path: String
        /// What either run has there.
        package var first: JSONValue?
        package var second: JSONValue?
    }

    /// What one agent did in either run.
    package struct AgentSummary: Sendable, Hashable {
        package var agent: String
        /// Its events in either run.
        package var first = 0
        package var second = 0
        /// How many of them are in one run only, or differ.
        package var different = 0
        /// The tokens that it generated in either run.
        package var firstTokens = 0
        package var secondTokens = 0
    }

    /// Logical events of either run.
    package private(set) var events = (first: 0, second: 0)
    /// The first difference by key; nil for equal runs.
    package private(set) var firstDifference: Difference?
    /// The agents in the order of their names.
    package private(set) var agents: [AgentSummary] = []

    /// Whether nothing differs.
    package var areIdentical: Bool { firstDifference == nil }

    /// Compares runs.
    ///
    /// - Parameters:
    ///   - first: the events of one run; those that tell of an execution alone are left out.
    ///   - second: those of the other.
    package init(_ first: [RecordedEvent], _ second: [RecordedEvent]) {
        let left = Self.logical(first)
        let right = Self.logical(second)
        events = (left.count, right.count)
        var summaries: [String: AgentSummary] = [:]
        for key in Set(left.keys).union(right.keys).sorted(by: Self.precedes) {
            let (one, other) = (left[key], right[key])
            let difference = Self.difference(key, one, other)
            if firstDifference == nil { firstDifference = difference }
            let role = (one ?? other)?.event.actor.role ?? ""
            var summary = summaries[role] ?? AgentSummary(agent: role)
            summary.first += one == nil ? 0 : 1
            summary.second += other == nil ? 0 : 1
            summary.different += difference == nil ? 0 : 1
            summary.firstTokens += Self.tokens(one)
            summary.secondTokens += Self.tokens(other)
            summaries[role] = summary
        }
        agents = summaries.values.sorted { $0.agent < $1.agent }
    }

    private static func logical(_ events: [RecordedEvent]) -> [EventKey: RecordedEvent] {
        Dictionary(events.filter { !$0.event.isObservation }.map { ($0.event.key, $0) }, uniquingKeysWith: { $1 })
    }

    /// Orders keys, those of the run itself last: what its steps did says more than that it ended otherwise.
    private static func precedes(_ first: EventKey, _ second: EventKey) -> Bool {
        let (isOwn, isOther) = (first.effect.node.hasPrefix("_"), second.effect.node.hasPrefix("_"))
        return isOwn == isOther ? first < second : isOther
    }

    private static func tokens(_ event: RecordedEvent?) -> Int {
        guard let event, event.event.key.kind == .effectCompleted else { return 0 }
        return event.event.payload["usage"]?["decoded_tokens"]?.intValue ?? 0
    }

    private static func difference(
        _ key: EventKey, _ first: RecordedEvent?, _ second: RecordedEvent?
    ) -> Difference? {
        var found = Difference(
            key: key, firstSequence: first?.sequence, secondSequence: second?.sequence, path: "",
            first: first?.event.payload, second: second?.event.payload)
        guard let first, let second else { return found }
        let (left, right) = (first.event.payload, second.event.payload)
        // What stands in the payload itself says more than the digest of what stands elsewhere.
        let place =
            JSONDifference.first(plain(left), plain(right)) ?? JSONDifference.first(left, right)
            ?? JSONDifference.first(first.event.document, second.event.document)
        guard let place else { return nil }
        (found.path, found.first, found.second) = (place.path, place.recorded, place.replayed)
        return found
    }

    /// A payload without references to contents.
    private static func plain(_ payload: JSONValue) -> JSONValue {
        guard case .object(let members) = payload else { return payload }
        return .object(members.filter { $0.value["blob"] == nil })
    }
}
