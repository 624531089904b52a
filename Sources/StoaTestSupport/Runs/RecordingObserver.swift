internal import StoaCore
public import StoaRuntime

/// Keeps what it is told, and can call back.
public final class RecordingObserver: RunObserver {
    private let kept = Guarded<[RunUpdate]>([])
    private let onUpdate: @Sendable (RunUpdate) -> Void

    /// Creates an observer.
    ///
    /// - Parameter onUpdate: is called with each update; must not wait.
    public init(onUpdate: @escaping @Sendable (RunUpdate) -> Void = { _ in }) { self.onUpdate = onUpdate }

    /// What it was told, in order.
    public var updates: [RunUpdate] { kept.withLock { $0 } }

    /// Takes note of something.
    public func observe(_ update: RunUpdate) {
        kept.withLock { $0.append(update) }
        onUpdate(update)
    }
}
