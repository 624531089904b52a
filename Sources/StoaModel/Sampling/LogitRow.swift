internal import StoaCore

/// The working state of one choice: a row of logits, and which tokens are still in the running.
///
/// The row starts as a view of the model's logits and is copied only when a transform edits it. A truncation replaces
/// "all tokens" by a list of candidates in ascending order of id, so that what follows costs as much as what is left.
/// One object serves any number of choices, one after another, and keeps its buffers.
///
/// Isolation: owned by whoever samples; not shared between threads.
package final class LogitRow {
    private var source: UnsafeBufferPointer<Float>
    /// Room for an edited copy of the source; grown when a longer row comes.
    private var copy = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
    private var isEdited = false
    /// The largest logit in the running, where it has been looked for since it last changed.
    var knownMaximum: Float?
    /// Tokens in the running, in ascending order; only while `isTruncated`.
    var candidates: [Int32] = []
    /// Weights of the candidates, in their order; only directly after `weighCandidates(around:)`.
    var weights: [Double] = []
    /// Whether the candidates are listed; all tokens are in the running otherwise.
    var isTruncated = false
    /// Occurrences by token, all zero between uses.
    private var occurrences: [Int32] = []
    private var occurring: [Int32] = []
    var selector = RankSelector()

    /// Creates an empty row.
    package init() { source = UnsafeBufferPointer(start: nil, count: 0) }

    deinit { copy.deallocate() }

    /// Starts a choice.
    ///
    /// - Parameter logits: the model's logits, NaN taken for -infinity; they must stay valid and unchanged until the
    ///   choice is made, and are not written.
    package func load(_ logits: UnsafeBufferPointer<Float>) {
        source = logits
        isEdited = false
        isTruncated = false
        knownMaximum = nil
        if LogitMath.containsNaN(logits) {
            edit { values in
                for index in values.indices where values[index].isNaN { values[index] = -.infinity }
            }
        }
    }

    /// How many tokens the vocabulary has.
    package var count: Int { source.count }

    /// How many tokens are in the running.
    package var candidateCount: Int { isTruncated ? candidates.count : count }

    /// The logits as the transforms have left them; valid until the next edit.
    var values: UnsafeBufferPointer<Float> {
        isEdited ? UnsafeBufferPointer(rebasing: copy[..<source.count]) : source
    }

    /// Changes logits in place.
    ///
    /// - Parameters:
    ///   - maximum: the largest value after the change, where it is known.
    ///   - body: the change; it must not produce NaN.
    func edit(maximum: Float? = nil, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        if !isEdited {
            if copy.count < source.count {
                copy.deallocate()
                copy = .allocate(capacity: source.count)
            }
            _ = copy.update(fromContentsOf: source)
            isEdited = true
        }
        body(UnsafeMutableBufferPointer(rebasing: copy[..<source.count]))
        knownMaximum = maximum
    }

    /// The largest logit in the running; -infinity where there is none.
    package var maximum: Float {
        if let knownMaximum { return knownMaximum }
        let values = values
        let value =
            isTruncated
            ? candidates.reduce(-.infinity) { max($0, values[Int($1)]) } : LogitMath.maximum(values)
        knownMaximum = value
        return value
    }

    /// The logit of a token as the transforms have left it, -infinity where it is out of the running.
    package subscript(id: Int) -> Float {
        if isTruncated, !containsCandidate(Int32(id)) { return -.infinity }
        return values[id]
    }

    private func containsCandidate(_ id: Int32) -> Bool {
        var (low, high) = (0, candidates.count)
        while low < high {
            let middle = (low + high) / 2
            if candidates[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < candidates.count && candidates[low] == id
    }

    /// Calls the body with every token that occurs in the sequences and how often it does, in order of first
    /// occurrence.
    ///
    /// Complexity: linear in the lengths of the sequences; no allocation once the buffers have grown.
    func forEachOccurrence(in sequences: [TokenID]..., body: (_ id: Int, _ times: Int) -> Void) {
        if occurrences.count < count {
            occurrences.append(contentsOf: repeatElement(0, count: count - occurrences.count))
        }
        occurring.removeAll(keepingCapacity: true)
        for sequence in sequences {
            for id in sequence {
                precondition((0..<count).contains(id.index), "token \(id) is outside the vocabulary of \(count)")
                if occurrences[id.index] == 0 { occurring.append(id.rawValue) }
                occurrences[id.index] += 1
            }
        }
        for id in occurring {
            body(Int(id), Int(occurrences[Int(id)]))
            occurrences[Int(id)] = 0
        }
    }
}
