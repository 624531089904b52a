/// Neighbouring rows of a pass that have one adapter.
struct AdaptedRows {
    let adapter: PackedAdapter
    let rows: Range<Int>

    /// The runs of a pass, in order; slices of one adapter that lie next to each other are one run.
    static func runs(of slices: [ForwardSlice]) -> [AdaptedRows] {
        var runs: [AdaptedRows] = []
        var first = 0
        for slice in slices {
            let end = first + slice.inputs.count
            defer { first = end }
            guard let adapter = slice.adapter else { continue }
            if let last = runs.last, last.adapter === adapter, last.rows.upperBound == first {
                runs[runs.count - 1] = AdaptedRows(adapter: adapter, rows: last.rows.lowerBound..<end)
            } else {
                runs.append(AdaptedRows(adapter: adapter, rows: first..<end))
            }
        }
        return runs
    }
}
