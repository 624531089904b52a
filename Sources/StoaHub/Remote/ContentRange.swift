/// The header that says which part of a file an answer holds: `bytes 100-199/1000`.
struct ContentRange: Sendable, Hashable {
    /// The first byte's place.
    let start: Int64
    /// The last byte's place.
    let end: Int64
    /// The whole file's size; nil for `*`.
    let total: Int64?

    /// Reads the header; nil where it is malformed or contradicts itself.
    init?(_ text: String) {
        guard text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = Int64(ends[0]), let end = Int64(ends[1]), start >= 0, end >= start else {
            return nil
        }
        let total = Int64(parts[1])
        guard total != nil || parts[1] == "*", total.map({ end < $0 }) ?? true else { return nil }
        self.start = start
        self.end = end
        self.total = total
    }

    /// The file's size in the header of an answer that holds nothing: `bytes */1000`.
    static func unsatisfied(_ text: String) -> Int64? {
        text.hasPrefix("bytes */") ? Int64(text.dropFirst(8)) : nil
    }
}
