internal import StoaCore

/// Lets as many calls reach a model at a time as it can make use of; the others wait, first come, first served.
///
/// The order in which calls get their turn has no influence on what they come to.
struct Scheduler: Sendable {
    private let gates: [String: Turnstile]

    init(models: [String: any LanguageModel]) {
        gates = models.mapValues { Turnstile(slots: max(1, $0.concurrency)) }
    }

    /// Runs a call when its model has a slot for it.
    ///
    /// - Parameters:
    ///   - model: the plan's name for the model.
    ///   - operation: the call.
    /// - Returns: what the call returned.
    /// - Throws: what the call throws, or `CancellationError` while waiting.
    func withSlot<Value: Sendable>(
        for model: String, _ operation: () async throws -> Value
    ) async throws -> Value {
        guard let gate = gates[model] else { return try await operation() }
        return try await gate.pass(operation)
    }
}
