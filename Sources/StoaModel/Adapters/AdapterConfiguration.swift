internal import StoaCore

/// What a low-rank adapter is: y = W x + alpha / rank * B (A x) for the matrices it targets.
///
/// Source: LoRA, arXiv:2106.09685 §4.1. Names follow PEFT.
public struct AdapterConfiguration: Sendable, Hashable {
    /// Rows of A, columns of B.
    public var rank: Int
    /// Divided by the rank: what the adapter's part is multiplied by.
    public var alpha: Double
    /// The matrices of every layer that are adapted, in the order of `AdapterTarget.allCases`.
    public private(set) var targets: [AdapterTarget]

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - rank: from 1 to 1024.
    ///   - alpha: more than 0.
    ///   - targets: at least one; all seven unless told otherwise.
    /// - Throws: `AdapterError` where a value is out of its range.
    public init(
        rank: Int = 16, alpha: Double = 32, targets: some Sequence<AdapterTarget> = AdapterTarget.allCases
    ) throws(AdapterError) {
        let wanted = Set(targets)
        guard (1...1024).contains(rank) else {
            throw AdapterError(
                .invalidConfiguration, kind: .usage, "adapter rank: expected 1 to 1024, found \(rank)")
        }
        guard alpha.isFinite, alpha > 0 else {
            throw AdapterError(
                .invalidConfiguration, kind: .usage, "adapter alpha: expected a positive number, found \(alpha)")
        }
        guard !wanted.isEmpty else {
            throw AdapterError(
                .invalidConfiguration, kind: .usage, "adapter targets: expected at least one, found none",
                hint: "name some of \(AdapterTarget.allCases.map(\.shortName).joined(separator: ", "))")
        }
        self.rank = rank
        self.alpha = alpha
        self.targets = AdapterTarget.allCases.filter(wanted.contains)
    }

    /// What the adapter's part is multiplied by.
    public var scale: Float { Float(alpha / Double(rank)) }
}
