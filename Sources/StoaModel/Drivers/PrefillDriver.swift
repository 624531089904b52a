internal import StoaCore

/// Feeds inputs and asks for nothing back: what remains is the cache.
final class PrefillDriver: SequenceDriver {
    private var demand: Demand?

    init(inputs: [ModelInput], origin: KVCache.Origin = .prompt) {
        demand = inputs.isEmpty ? nil : Demand(inputs: inputs, origin: origin)
    }

    func next() -> Demand? {
        defer { demand = nil }
        return demand
    }

    func receive(_ output: RowOutput) {}
}
