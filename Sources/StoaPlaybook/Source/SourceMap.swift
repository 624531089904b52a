internal import StoaRuntime

/// Where the parts of a document were written.
///
/// A document that was put together from several files has one map.
struct SourceMap {
    /// Where one value was written.
    struct Entry {
        /// The key before it; nil for elements and the whole document.
        var key: SourcePosition?
        /// Where it begins.
        var value: SourcePosition
        /// How its text was written; nil for what is no text.
        var style: TextStyle?
    }

    private var entries: [PlanPath: Entry] = [:]
    private var lines: [String: [Substring]] = [:]

    subscript(path: PlanPath) -> Entry? {
        get { entries[path] }
        set { entries[path] = newValue }
    }

    /// Keeps the lines of a file, for places inside its texts.
    mutating func add(lines: [Substring], of file: String) { self.lines[file] = lines }

    /// Takes over what another map says of a value, as far as members of the value at a path are not known already.
    mutating func graftMissing(_ other: SourceMap, under path: PlanPath) {
        lines.merge(other.lines) { first, _ in first }
        let depth = path.components.count
        let known = Set(
            entries.keys.filter { $0.components.count == depth + 1 && $0.components.starts(with: path.components) })
        for (inner, entry) in other.entries {
            guard let first = inner.components.first, !known.contains(PlanPath(path.components + [first])) else {
                continue
            }
            entries[PlanPath(path.components + inner.components)] = entry
        }
    }

    /// Forgets a value and everything in it.
    mutating func remove(_ path: PlanPath) {
        for key in entries.keys where key.components.starts(with: path.components) { entries[key] = nil }
    }

    /// Where a problem is: the closest place that was written down.
    func position(of problem: PlanProblem) -> SourcePosition? {
        var path: PlanPath? = problem.path
        while let current = path {
            if let entry = entries[current] {
                let isExact = current == problem.path
                if isExact, problem.isAboutKey, let key = entry.key { return key }
                if isExact, let place = problem.place { return position(of: place, in: entry) }
                return isExact ? entry.value : entry.key ?? entry.value
            }
            path = current.parent
        }
        return nil
    }

    private func position(of place: PlanProblem.Place, in entry: Entry) -> SourcePosition {
        guard let style = entry.style, let lines = lines[entry.value.file] else { return entry.value }
        return style.position(of: place, startingAt: entry.value, in: lines)
    }
}
