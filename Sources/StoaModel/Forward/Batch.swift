internal import CStoaKernels
internal import StoaCore

/// The rows of one pass: where each is written, at which position, and what attention needs to find the rest.
final class Batch {
    /// Rows in all.
    private(set) var rows = 0
    /// One past the highest position.
    private(set) var positionEnd = 0
    /// The page and slot of each new row.
    private(set) var targets: [KVCache.WriteSlot] = []
    /// The position of each new row.
    private(set) var positions: [Int32] = []

    private struct Sequence {
        var spans: Range<Int>
        var positions: Range<Int>
        var firstRow: Int
        var count: Int
        var mask: Range<Int>?
    }
    private var sequences: [Sequence] = []
    private var spans: [stk_kv_span] = []
    private var allPositions: [Int32] = []
    private var masks: [UInt8] = []

    /// Grows the caches of all slices, or none.
    ///
    /// - Parameters:
    ///   - slices: the sequences; their caches gain a row per input.
    ///   - pages: where pages come from.
    /// - Throws: `ModelError.cacheFull` where pages run out.
    init(_ slices: inout [ForwardSlice], pages: KVPagePool) throws {
        var claimed: Set<ObjectIdentifier> = []
        let needed = slices.reduce(0) { sum, slice in
            sum + slice.cache.pagesNeeded(for: slice.inputs.count, from: pages, claimed: &claimed)
        }
        // Checked before anything grows: this lane is the only one that takes pages of this model while it runs a pass.
        guard needed <= pages.availablePages else { throw Self.full(pages) }
        for index in slices.indices {
            let firstRow = slices[index].cache.count
            let tokens = slices[index].inputs.map(\.token)
            let slice = (slices[index].positions, slices[index].origin, slices[index].author)
            guard
                let slots = slices[index].cache.grow(
                    tokens: tokens, positions: slice.0, origin: slice.1, author: slice.2, pool: pages,
                    isCausal: slices[index].mask == nil)
            else { throw Self.full(pages) }
            add(slices[index].cache, firstRow: firstRow, slots: slots, mask: slices[index].mask)
        }
    }

    private static func full(_ pages: KVPagePool) -> ModelError {
        ModelError.cacheFull(limitBytes: pages.memory.limit)
    }

    private func add(_ cache: KVCache, firstRow: Int, slots: [KVCache.WriteSlot], mask: AttentionMask?) {
        let firstSpan = spans.count
        var start = 0
        for span in cache.spans {
            spans.append(
                stk_kv_span(
                    page: UnsafePointer(span.page.address.assumingMemoryBound(to: UInt8.self)), slot: UInt32(span.slot),
                    start: UInt32(start), count: UInt32(span.count)))
            start += span.count
        }
        let firstPosition = allPositions.count
        allPositions.append(contentsOf: cache.positions)
        var sequence = Sequence(
            spans: firstSpan..<spans.count, positions: firstPosition..<allPositions.count, firstRow: firstRow,
            count: slots.count)
        if let mask {
            precondition(
                mask.rows.count == slots.count && mask.rows.allSatisfy { $0.count == cache.count },
                "an attention mask has a row per input and a column per cached row")
            sequence.mask = masks.count..<masks.count + slots.count * cache.count
            for row in mask.rows { masks.append(contentsOf: row.map { $0 ? 1 : 0 }) }
        }
        sequences.append(sequence)
        targets.append(contentsOf: slots)
        positions.append(contentsOf: cache.positions[firstRow...])
        positionEnd = max(positionEnd, Int(cache.positionEnd))
        rows += slots.count
    }

    /// Gives the kernels' description of all sequences over query and output rows of the given width.
    func withQueries(
        q: UnsafePointer<Float>, out: UnsafeMutablePointer<Float>, width: Int,
        _ body: (UnsafeBufferPointer<stk_attention_queries>) -> Void
    ) {
        spans.withUnsafeBufferPointer { spans in
            allPositions.withUnsafeBufferPointer { positions in
                masks.withUnsafeBufferPointer { masks in
                    var row = 0
                    var queries: [stk_attention_queries] = []
                    queries.reserveCapacity(sequences.count)
                    for sequence in sequences {
                        queries.append(
                            stk_attention_queries(
                                spans: spans.baseAddress.unsafelyUnwrapped + sequence.spans.lowerBound,
                                span_count: sequence.spans.count,
                                positions: positions.baseAddress.unsafelyUnwrapped + sequence.positions.lowerBound,
                                first_row: sequence.firstRow, count: sequence.count, q: q + row * width,
                                q_stride: width,
                                out: out + row * width, out_stride: width,
                                mask: sequence.mask.flatMap { range in
                                    masks.baseAddress.map { $0 + range.lowerBound }
                                },
                                mask_stride: sequence.positions.count))
                        row += sequence.count
                    }
                    queries.withUnsafeBufferPointer(body)
                }
            }
        }
    }
}
