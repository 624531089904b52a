internal import CStoaKernels
internal import StoaTensor

/// Where the attention of some rows of a pass goes (E1): gathered layer after layer, heads in order, in double precision.
///
/// Determinism: a row's numbers depend on the row and what it sees alone, not on what shares its pass.
final class AttentionCapture {
    private struct Part {
        let slice: Int
        /// The first captured row of the slice.
        let first: Int
        /// The first one's logical row in its cache.
        let firstRow: Int
        let stride: Int
        let mass: AlignedBuffer<Double>
    }

    private let parts: [Part]

    /// Makes room for what the slices ask for; nil where they ask for nothing.
    ///
    /// - Parameter slices: the slices of a pass, their caches grown by its inputs.
    init?(_ slices: [ForwardSlice]) {
        parts = slices.enumerated().compactMap { index, slice in
            let rows = min(slice.outputs.attention, slice.inputs.count)
            guard rows > 0 else { return nil }
            let mass = AlignedBuffer<Double>(count: rows * slice.cache.count)
            return Part(
                slice: index, first: slice.inputs.count - rows, firstRow: slice.cache.count - rows,
                stride: slice.cache.count, mass: mass)
        }
        if parts.isEmpty { return nil }
    }

    /// Adds one layer's attention.
    ///
    /// - Parameters:
    ///   - queries: all sequences of the pass, in the order of the slices.
    ///   - layer: where the layer's rows lie, and how it attends.
    ///   - pool: whose memory is used.
    func add(
        _ queries: UnsafeBufferPointer<stk_attention_queries>, of layer: inout stk_attention_layer, pool: OpaquePointer
    ) {
        for part in parts {
            var sequence = queries[part.slice]
            stk_attention_mass(pool, &layer, &sequence, part.first, part.mass.base, part.stride)
        }
    }

    /// The attention that a row of a slice pays to each row up to itself; empty for a row that is not captured.
    func row(_ row: Int, of slice: Int) -> [Double] {
        guard let part = parts.first(where: { $0.slice == slice }), row >= part.first else { return [] }
        let start = (row - part.first) * part.stride
        return Array(part.mass.elements[start..<start + part.firstRow + (row - part.first) + 1])
    }
}
