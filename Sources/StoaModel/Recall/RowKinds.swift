internal import StoaCore

extension JoinedLatents {
    /// The rows of the wanted kind and authors, ascending; the sink is not among them unless it is of that kind.
    ///
    /// - Parameter recall: which rows are wanted.
    /// - Returns: row numbers.
    func rows(of recall: LatentRecall) -> [Int] {
        let authors = recall.authors.map { Set($0) }
        let segments = cache.segments.filter { segment in
            guard authors?.contains(segment.author) ?? true else { return false }
            switch recall.rows {
            case .full, .own: return true
            case .latents, .thought: return segment.origin == .latent
            case .prompts: return segment.origin == .prompt
            case .text: return segment.origin == .text
            }
        }
        guard recall.rows == .own || recall.rows == .thought else { return segments.flatMap(\.rows) }
        // Both lists ascend, and neither overlaps itself.
        return segments.flatMap { segment in own.flatMap { $0.clamped(to: segment.rows) } }
    }

    /// The cache of some rows and the sink; the very cache where those are all.
    ///
    /// - Parameters:
    ///   - rows: row numbers, ascending.
    ///   - recall: how many of the first rows are kept in any case, and which positions rows get.
    /// - Returns: the kept rows at the positions that they get.
    /// - Throws: nothing: the rows are there.
    func keeping(_ rows: [Int], _ recall: LatentRecall) throws -> KVCache {
        let sink = min(recall.sink, cache.count)
        let kept = Array(0..<sink) + rows.drop { $0 < sink }
        guard kept.count < cache.count else { return cache }
        return try cache.select(kept, positions: recall.positions == .compact ? .compact : .keep)
    }
}
