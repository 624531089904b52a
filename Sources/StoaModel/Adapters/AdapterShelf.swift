internal import StoaCore
internal import StoaTensor

/// Adapters that a model has in memory, read from a library when they are first asked for.
///
/// Those that were asked for least recently go when there are too many bytes of them; sequences under way keep theirs.
///
/// Isolation: a lane of its own, because reading and checking an adapter takes tens of milliseconds, in which neither
/// passes nor Swift's cooperative pool should stand still. Callers that want the same adapter wait for one reading.
actor AdapterShelf {
    private let lane = ComputeLane(threads: 1)
    private let library: AdapterLibrary
    private let model: (path: String, configuration: ModelConfiguration)
    private let limit: Int
    /// Least recently used first.
    private var adapters: [PackedAdapter] = []
    /// Adapters read so far.
    private(set) var loads = 0

    /// The lane's thread.
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// Creates an empty shelf.
    ///
    /// - Parameters:
    ///   - library: where adapters are.
    ///   - path: what errors call the model.
    ///   - configuration: the model's shape.
    ///   - limit: the most bytes to hold; the adapter asked for last stays whatever it takes.
    init(library: AdapterLibrary, path: String, configuration: ModelConfiguration, limit: Int) {
        self.library = library
        model = (path, configuration)
        self.limit = limit
    }

    /// An adapter.
    ///
    /// - Parameter reference: which.
    /// - Returns: the adapter, packed.
    /// - Throws: `AdapterError`: not in the library, damaged, or of another model, which is named.
    func adapter(_ reference: AdapterReference) throws(AdapterError) -> PackedAdapter {
        if let index = adapters.firstIndex(where: { $0.reference == reference }) {
            adapters.append(adapters.remove(at: index))
            return adapters[adapters.count - 1]
        }
        let adapter = try library.adapter(reference)
        let packed: PackedAdapter
        do {
            packed = try PackedAdapter(adapter, reference: reference, for: model.configuration)
        } catch {
            throw AdapterError.unfit(reference, model: model.path, reason: error.message)
        }
        loads += 1
        adapters.append(packed)
        while adapters.count > 1, adapters.reduce(0, { $0 + $1.bytes }) > limit { adapters.removeFirst() }
        return packed
    }
}
