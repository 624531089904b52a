internal import CStoaKernels

extension KVCache {
    /// The keys of a row before rotation, all heads of one program slot. [kvHeads * headDim]
    ///
    /// - Parameters:
    ///   - row: a row of the cache.
    ///   - slot: a step of the layer program.
    /// - Returns: the stored numbers as floats.
    public func keys(row: Int, slot: Int) -> [Float] { read(row: row, offset: layout.keyOffset(slot: slot)) }

    /// The values of a row, all heads of one program slot. [kvHeads * headDim]
    ///
    /// - Parameters:
    ///   - row: a row of the cache.
    ///   - slot: a step of the layer program.
    /// - Returns: the stored numbers as floats.
    public func values(row: Int, slot: Int) -> [Float] { read(row: row, offset: layout.valueOffset(slot: slot)) }

    private func read(row: Int, offset: Int) -> [Float] {
        precondition(0..<count ~= row, "row \(row) of a cache of \(count)")
        var start = 0
        for span in spans {
            guard row >= start + span.count else {
                return read(span.page.address + offset, slot: span.slot + row - start)
            }
            start += span.count
        }
        return []
    }

    private func read(_ plane: UnsafeMutableRawPointer, slot: Int) -> [Float] {
        var result: [Float] = []
        for head in 0..<layout.kvHeads {
            let place = plane + head * layout.headStride + slot * layout.rowStride
            switch layout.element {
            case .float32:
                let numbers = place.assumingMemoryBound(to: Float.self)
                result.append(contentsOf: UnsafeBufferPointer(start: numbers, count: layout.headDim))
            case .float16:
                var numbers = [Float](repeating: 0, count: layout.headDim)
                stk_f16_to_f32(place.assumingMemoryBound(to: UInt16.self), &numbers, layout.headDim)
                result.append(contentsOf: numbers)
            }
        }
        return result
    }
}
