/// Takes tokens that a constraint does not allow out of the running: the hook of constrained decoding.
///
/// A mask with few tokens leaves a short list of candidates, so that the steps after it cost next to nothing. One with many,
/// such as that of a place inside a string, takes out the others instead: the row stays what the fast loops work on.
package struct ConstraintMask: SamplerTransform {
    /// Creates the step; the mask itself comes with the context.
    package init() {}

    package var isActive: Bool { true }

    package func apply(to row: LogitRow, context: SamplingContext) {
        guard let mask = context.mask else { return }
        precondition(mask.vocabularySize == row.count, "a mask is made for the vocabulary it is used with")
        guard mask.count < row.count / 4 else {
            row.edit { values in
                for (place, word) in mask.words.enumerated() where word != .max {
                    var rest = ~word
                    while rest != 0 {
                        let id = place * 64 + rest.trailingZeroBitCount
                        // Bits beyond the vocabulary.
                        guard id < values.count else { break }
                        values[id] = -.infinity
                        rest &= rest - 1
                    }
                }
            }
            return
        }
        var allowed: [Int32] = []
        let values = row.values
        for (place, word) in mask.words.enumerated() {
            var rest = word
            while rest != 0 {
                let id = place * 64 + rest.trailingZeroBitCount
                if values[id] > -.infinity { allowed.append(Int32(id)) }
                rest &= rest - 1
            }
        }
        row.restrict(to: allowed)
    }
}
