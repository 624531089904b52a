import StoaCore

/// What happened, in order, for tests to look at.
final class Record<Element: Sendable>: Sendable {
    private let state = Guarded<[Element]>([])

    /// Everything so far.
    var elements: [Element] { state.withLock { $0 } }

    /// Notes one more.
    func append(_ element: Element) { state.withLock { $0.append(element) } }
}
