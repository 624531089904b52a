package import StoaCore

/// How much a row's keys look like a prompt: a cosine between the space of keys and that of embeddings, crude as that is.
///
/// A row is summed up by the mean over key heads of its keys in layer `floor(layers / 2)`, a prompt by the mean of its
/// input embeddings, folded to the width of a head: element j is the mean of the elements j, j + width of a head, ….
/// The reference compares rotated keys; ours are kept before rotation and are taken as they are, so that a row's score
/// does not depend on where it stands.
///
/// Source: kNN-latentMAS, as section 1.6 of the specification gives it. Determinism: double precision, in order.
package struct KeySimilarity {
    private let query: [Double]

    /// Looks for what is like a prompt.
    ///
    /// - Parameters:
    ///   - embedding: the mean of the prompt's effective input embeddings, [width].
    ///   - headWidth: the width of a key. Where it does not divide the embedding's, the first elements have one more
    ///     term.
    package init(embedding: [Double], headWidth: Int) {
        query = (0..<headWidth).map { element in
            let terms = stride(from: element, to: embedding.count, by: headWidth).map { embedding[$0] }
            return terms.isEmpty ? 0 : terms.reduce(0, +) / Double(terms.count)
        }
    }

    /// The score of each row.
    ///
    /// - Parameters:
    ///   - rows: row numbers.
    ///   - cache: where they are.
    /// - Returns: cosines, from -1 to 1; 0 for a row or a prompt of zeros.
    package func scores(of rows: [Int], in cache: KVCache) -> [Double] {
        let slot = cache.layout.slots / 2
        let heads = Double(cache.layout.kvHeads)
        return rows.map { row in
            let keys = cache.keys(row: row, slot: slot)
            var summary = [Double](repeating: 0, count: query.count)
            for (index, key) in keys.enumerated() { summary[index % query.count] += Double(key) / heads }
            return Self.cosine(summary, query)
        }
    }

    private static func cosine(_ first: [Double], _ second: [Double]) -> Double {
        var (product, left, right) = (0.0, 0.0, 0.0)
        for (a, b) in zip(first, second) {
            product += a * b
            left += a * a
            right += b * b
        }
        let norm = left.squareRoot() * right.squareRoot()
        return norm > 0 ? product / norm : 0
    }
}

extension LocalModel {
    /// The mean of tokens' effective input embeddings, in double precision. [width]
    package func meanEmbedding(of tokens: [TokenID]) -> [Double] {
        let width = information.width
        var sum = [Double](repeating: 0, count: width)
        var row = [Float](repeating: 0, count: width)
        for token in tokens {
            row.withUnsafeMutableBufferPointer { weights.readEmbedding(of: token, into: $0) }
            for index in 0..<width { sum[index] += Double(row[index]) }
        }
        return tokens.isEmpty ? sum : sum.map { $0 / Double(tokens.count) }
    }
}
