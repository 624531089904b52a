/// Finds the name that a user probably meant.
enum NameDistance {
    /// The closest candidate, if it is close.
    ///
    /// A text is close to a name when at most two fifths of its letters must change to make it the name, or the name's
    /// beginning: `gema3` means `gemma3-270m`.
    ///
    /// - Parameters:
    ///   - text: what was typed.
    ///   - candidates: what there is.
    /// - Returns: a candidate, or nil.
    static func nearest(to text: String, in candidates: [String]) -> String? {
        let text = text.lowercased()
        guard text.count >= 3 else { return nil }
        let scored = candidates.map { candidate in
            let distances = prefixDistances(text, candidate.lowercased())
            return (name: candidate, start: distances.min() ?? text.count, whole: distances.last ?? text.count)
        }
        guard let best = scored.min(by: { ($0.start, $0.whole) < ($1.start, $1.whole) }) else { return nil }
        return 5 * best.start <= 2 * text.count ? best.name : nil
    }

    /// The insertions, deletions and replacements that turn `text` into each beginning of `name` (Levenshtein).
    ///
    /// - Parameters:
    ///   - text: what is turned.
    ///   - name: what it is turned into.
    /// - Returns: the distances to the beginnings of 0, 1, … letters.
    static func prefixDistances(_ text: String, _ name: String) -> [Int] {
        let name = Array(name)
        var row = Array(0...name.count)
        for (index, character) in text.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in name.indices {
                let replaced = diagonal + (name[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row
    }
}
