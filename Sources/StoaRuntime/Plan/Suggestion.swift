/// Guesses at what a misspelt name was meant to be.
package enum Suggestion {
    /// "did you mean 'x'?" for the closest candidate; nil where none is close.
    ///
    /// - Parameters:
    ///   - name: what was written.
    ///   - candidates: what there is.
    /// - Returns: the question; among equally close candidates the first is named.
    package static func text(for name: String, among candidates: some Sequence<String>) -> String? {
        closest(to: name, among: candidates).map { "did you mean '\($0)'?" }
    }

    /// The closest candidate that is close enough to be meant.
    ///
    /// - Parameters:
    ///   - name: what was written.
    ///   - candidates: what there is.
    /// - Returns: the candidate; among equally close ones the first.
    package static func closest(to name: String, among candidates: some Sequence<String>) -> String? {
        let written = Array(name.lowercased().unicodeScalars.prefix(64).map { $0 == "-" ? "_" : $0 })
        let allowed = max(1, written.count / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates where candidate != name {
            let other = Array(candidate.lowercased().unicodeScalars.prefix(64).map { $0 == "-" ? "_" : $0 })
            let distance = distance(written, other)
            // Replacing every letter is no slip.
            if distance <= allowed, distance < max(written.count, other.count), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.candidate
    }

    /// The least number of insertions, deletions, replacements and swaps of neighbours between two words.
    ///
    /// Source: optimal string alignment.
    static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
        guard !first.isEmpty, !second.isEmpty else { return max(first.count, second.count) }
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        for row in 1...first.count {
            var current = [row] + [Int](repeating: 0, count: second.count)
            for column in 1...second.count {
                let isEqual = first[row - 1] == second[column - 1]
                current[column] = min(
                    last[column] + 1, current[column - 1] + 1, last[column - 1] + (isEqual ? 0 : 1))
                if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    current[column] = min(current[column], beforeLast[column - 2] + 1)
                }
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
