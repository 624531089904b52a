import StoaCore
import StoaModel
import Testing

/// Everything a sequence's bits can be seen in: the logits of each prompt row, then of each token fed one at a time.
func trace(
    _ model: LocalModel, prompt: [TokenID], continuation: [TokenID], from cache: KVCache? = nil
) async throws -> [[Float]] {
    let outputs = OutputRequest(logits: .all)
    var (rows, cache) = try await model.probe(prompt.inputs, from: cache, outputs: outputs)
    for token in continuation {
        let step = try await model.probe([.token(token)], from: cache, outputs: outputs)
        rows += step.rows
        cache = step.cache
    }
    return try rows.map { try #require($0.logits) }
}

/// Reproducible token ids for a test, none of them special.
func sampleTokens(_ count: Int, seed: Int, vocabulary: Int) -> [TokenID] {
    let stream = RandomStream(seed: UInt64(seed))
    return (0..<count).map { TokenID(rawValue: Int32(3 + stream.integer(at: UInt64($0), below: vocabulary - 3))) }
}

/// The bits of numbers, so that a comparison tells 0 from -0 and one NaN from another.
func bits(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }
