internal import StoaCore

/// What an attempt has received so far, for those who watch it.
final class Pulse: Sendable {
    private struct State {
        var last: Duration
        var characters = 0
    }

    private let state: Guarded<State>

    init(at now: Duration) { state = Guarded(State(last: now)) }

    /// When bytes last arrived.
    var last: Duration { state.withLock { $0.last } }

    /// How many characters of the answer were delivered.
    var characters: Int { state.withLock { $0.characters } }

    /// Notes that bytes arrived.
    func beat(at now: Duration) { state.withLock { $0.last = now } }

    /// Notes that text was delivered.
    func deliver(_ text: String) {
        let count = text.count
        state.withLock { $0.characters += count }
    }
}
