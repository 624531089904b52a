import StoaCore
import StoaTensor
import StoaTestKit

@testable import StoaModel

/// A tiny model with a library of adapters that were never trained, but change every matrix they target.
struct AdapterScene: Sendable {
    let tiny: TinyModel
    let folder: TemporaryFolder
    let library: AdapterLibrary
    let configuration: ModelConfiguration

    init(_ tiny: TinyModel) throws {
        self.tiny = tiny
        folder = try TemporaryFolder()
        library = AdapterLibrary(root: "\(folder.path)/adapters")
        configuration = try ModelWeights(path: tiny.path).configuration
    }

    /// An adapter with random numbers in both matrices.
    func adapter(
        seed: Int, rank: Int = 5, targets: [AdapterTarget] = AdapterTarget.allCases, size: Float = 0.15
    ) throws -> Adapter {
        let settings = try AdapterConfiguration(rank: rank, alpha: 1.5 * Double(rank), targets: targets)
        var adapter = Adapter(settings, for: configuration, seed: UInt64(seed))
        let stream = RandomStream(seed: UInt64(seed)).child("up")
        for index in adapter.modules.indices {
            let numbers = stream.child(index)
            for place in adapter.modules[index].up.indices {
                adapter.modules[index].up[place] = size * Float(numbers.normal(at: UInt64(place)))
            }
        }
        return adapter
    }

    func stored(
        seed: Int, rank: Int = 5, targets: [AdapterTarget] = AdapterTarget.allCases, size: Float = 0.15
    ) throws -> AdapterReference {
        try library.store(adapter(seed: seed, rank: rank, targets: targets, size: size), baseModel: tiny.name)
    }

    func load(
        _ precision: Precision = .exact, _ change: (inout LocalModel.Options) -> Void = { _ in }
    ) async throws -> LocalModel {
        var options = LocalModel.Options()
        options.precision = precision
        change(&options)
        return try await LocalModel.load(tiny.path, options: options, adapters: library)
    }
}

/// What an adapted sequence's bits can be seen in: see `trace`.
func trace(
    _ model: LocalModel, prompt: [TokenID], continuation: [TokenID], adapter: AdapterReference?,
    from cache: KVCache? = nil
) async throws -> [[UInt32]] {
    let outputs = OutputRequest(logits: .all)
    var (rows, cache) = try await model.probe(prompt.inputs, from: cache, outputs: outputs, adapter: adapter)
    for token in continuation {
        let step = try await model.probe([.token(token)], from: cache, outputs: outputs, adapter: adapter)
        rows += step.rows
        cache = step.cache
    }
    return bits(rows.compactMap(\.logits))
}
