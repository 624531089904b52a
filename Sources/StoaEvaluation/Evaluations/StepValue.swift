internal import OrderedCollections
internal import StoaCore

/// A number in what a step of a run came to.
struct StepValue: Sendable {
    private let step: String
    private let members: ArraySlice<String>

    /// Names a value: a step's id, then members inside each other.
    init(_ path: [String]) {
        step = path.first ?? ""
        members = path.dropFirst()
    }

    /// The number; of a step that was done several times, the last one's.
    ///
    /// - Returns: the number, 1 or 0 for a truth value; nil where there is none.
    func number(in run: RunID, _ journal: any Journal) async throws -> Double? {
        var found: Double?
        var sequence = 0
        while true {
            let events = try await journal.events(in: run, after: sequence, limit: 500)
            guard let last = events.last else { return found }
            for event in events where event.event.key.effect.node == step {
                guard let message = Message(event) else { continue }
                let value = members.reduce(Optional(message.payload)) { $0?[$1] }
                if let number = value?.doubleValue { found = number }
                if let flag = value?.boolValue { found = flag ? 1 : 0 }
            }
            sequence = last.sequence
        }
    }
}
