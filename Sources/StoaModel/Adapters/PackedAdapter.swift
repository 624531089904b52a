internal import CStoaKernels
internal import StoaCore
internal import StoaTensor

/// An adapter in memory, packed for the kernels: everything that a pass reads of it and nothing that it writes.
///
/// Names: K inputs, N outputs, R rank rounded up to a multiple of 16.
///
/// `@unchecked Sendable`: immutable after its making.
final class PackedAdapter: @unchecked Sendable {
    /// Which adapter it is.
    let reference: AdapterReference
    /// R.
    let rank: Int
    /// One entry per layer and target, targets in their own order; nil where the matrix is not adapted.
    private let modules: [Module?]
    private let arena: AlignedBuffer<Float>

    /// The two matrices of one module.
    struct Module {
        /// Panels of A times the scale.
        ///
        /// Shape: [R / 16, K, 16].
        let down: UnsafePointer<Float>
        /// Panels of B.
        ///
        /// Shape: [N / 16 rounded up, R, 16].
        let up: UnsafePointer<Float>
    }

    /// Packs an adapter.
    ///
    /// - Parameters:
    ///   - adapter: the numbers.
    ///   - reference: its address.
    ///   - model: the shape of the model that is to answer with it.
    /// - Throws: `AdapterError` that names the first matrix that does not fit.
    init(_ adapter: Adapter, reference: AdapterReference, for model: ModelConfiguration) throws(AdapterError) {
        try adapter.validate(for: model)
        self.reference = reference
        let rank = Self.rounded(adapter.configuration.rank)
        let sizes = adapter.modules.map { (down: rank * $0.inputs, up: rank * Self.rounded($0.outputs)) }
        let arena = AlignedBuffer<Float>(count: sizes.reduce(0) { $0 + $1.down + $1.up })
        var modules = [Module?](repeating: nil, count: model.layers * AdapterTarget.allCases.count)
        var next = arena.base
        for (module, size) in zip(adapter.modules, sizes) {
            let (down, up) = (next, next + size.down)
            module.down.withUnsafeBufferPointer { d in
                module.up.withUnsafeBufferPointer { u in
                    guard let d = d.baseAddress, let u = u.baseAddress else { return }
                    stk_pack_low_rank(
                        d, u, adapter.configuration.rank, module.inputs, module.outputs, adapter.configuration.scale,
                        down, up)
                }
            }
            modules[Self.place(layer: module.layer, module.target)] = Module(
                down: UnsafePointer(down), up: UnsafePointer(up))
            next = up + size.up
        }
        self.rank = rank
        self.modules = modules
        self.arena = arena
    }

    /// Bytes in memory.
    var bytes: Int { arena.count * MemoryLayout<Float>.stride }

    /// What changes a matrix; nil where it is not adapted.
    func module(layer: Int, _ target: AdapterTarget) -> Module? { modules[Self.place(layer: layer, target)] }

    private static func place(layer: Int, _ target: AdapterTarget) -> Int { layer * 7 + target.place }

    private static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

extension AdapterTarget {
    /// The place among all targets.
    fileprivate var place: Int {
        switch self {
        case .query: 0
        case .key: 1
        case .value: 2
        case .output: 3
        case .gate: 4
        case .up: 5
        case .down: 6
        }
    }
}
