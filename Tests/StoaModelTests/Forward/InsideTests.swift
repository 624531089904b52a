import StoaCore
import StoaModel
import Testing

/// What is inside the model can be read (E1), written (E2) and hidden (E9).
@Suite struct InsideTests {
    private static let outputs = OutputRequest(logits: .all)

    @Test(arguments: TinyModel.floats)
    func `the residual stream behind every layer equals the reference (E1)`(_ tiny: TinyModel) async throws {
        let golden = try tiny.golden()
        for rows in [64, 7] {
            let model = try await tiny.load { $0.passRows = rows }
            let layers = model.information.layers
            let request = OutputRequest(hidden: .all, residuals: Array(0..<layers))
            let found = try await model.probe(golden.prompt.inputs, outputs: request).rows
            // [layers, 40, width]: the input of every layer; entry i + 1 is what slot i leaves.
            let inputs = try golden.rows("layer_inputs")
            let count = golden.prompt.count
            for slot in 0..<layers - 1 {
                let expected = Array(inputs[(slot + 1) * count..<(slot + 2) * count])
                #expect(largestDifference(found.map { $0.residuals[slot] }, expected) < 1e-4, "slot \(slot)")
            }
        }
    }

    @Test(arguments: TinyModel.floats)
    func `the reference's layer inputs, fed as vectors, are the tokens (E2)`(_ tiny: TinyModel) async throws {
        let golden = try tiny.golden()
        let model = try await tiny.load()
        let vectors = try golden.rows("layer_inputs")[..<golden.prompt.count].map { ModelInput.embedding($0) }
        let found = try await model.probe(vectors, outputs: Self.outputs).rows.map {
            logSoftmax(try #require($0.logits))
        }
        #expect(largestDifference(found, try golden.rows("logprobs")) < 1e-4)
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `the causal mask is no mask (E9)`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let model = try await tiny.load(precision)
        let tokens = sampleTokens(40, seed: 1, vocabulary: 96)
        let mask = AttentionMask(rows: (0..<40).map { row in (0..<40).map { $0 <= row } })
        let masked = try await model.probe(tokens.inputs, outputs: Self.outputs, mask: mask)
        let plain = try await model.probe(tokens.inputs, outputs: Self.outputs)
        #expect(sameBits(masked.rows.compactMap(\.logits), plain.rows.compactMap(\.logits)))
        // Behind a cache too, and what a mask allows of the future is still not seen.
        let head = try await model.prefill(Array(tokens[..<15]).inputs)
        let all = AttentionMask(rows: (0..<25).map { _ in [Bool](repeating: true, count: 40) })
        let tail = try await model.probe(Array(tokens[15...]).inputs, from: head, outputs: Self.outputs, mask: all)
        #expect(sameBits(tail.rows.compactMap(\.logits), plain.rows[15...].compactMap(\.logits)))
    }

    @Test(arguments: TinyModel.floats)
    func `hidden rows are as good as absent (E9)`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let tokens = sampleTokens(30, seed: 2, vocabulary: 96)
        let hidden = 6..<17
        let mask = AttentionMask(
            rows: (0..<30).map { row in (0..<30).map { $0 <= row && (!hidden.contains($0) || hidden.contains(row)) } })
        let masked = try await model.probe(tokens.inputs, outputs: Self.outputs, mask: mask)
        let kept = (0..<30).filter { !hidden.contains($0) }
        let absent = try await model.probe(
            kept.map { .token(tokens[$0]) }, outputs: Self.outputs, positions: kept.map { Int32($0) })
        let found = kept.map { masked.rows[$0].logits ?? [] }
        #expect(largestDifference(found, absent.rows.compactMap(\.logits)) < 1e-4)
    }

    @Test(arguments: ReproducibilityTests.cases)
    func `explicit positions from p on are a cache that begins at p`(_ tiny: TinyModel, _ precision: Precision)
        async throws
    {
        let model = try await tiny.load(precision)
        let tokens = sampleTokens(50, seed: 3, vocabulary: 96)
        let explicit = try await model.probe(
            tokens.inputs, outputs: Self.outputs, positions: (0..<50).map { 31 + $0 })
        let moved = try await model.probe(
            tokens.inputs, from: try await model.makeCache().moved(to: 31), outputs: Self.outputs)
        #expect(sameBits(explicit.rows.compactMap(\.logits), moved.rows.compactMap(\.logits)))
        #expect(explicit.cache.contentHash == moved.cache.contentHash)
    }

    /// Drafts at the same positions in one pass, each behind the prompt alone: what a tree of guesses needs.
    @Test(arguments: TinyModel.floats)
    func `branches of a tree in one pass are branches in passes of their own (E9)`(_ tiny: TinyModel) async throws {
        let model = try await tiny.load()
        let root = try await model.prefill(sampleTokens(20, seed: 4, vocabulary: 96).inputs)
        let branches = (0..<3).map { sampleTokens(4, seed: 5 + $0, vocabulary: 96) }
        let mask = AttentionMask(
            rows: (0..<12).map { row in
                (0..<32).map { column in column < 20 || (column - 20) / 4 == row / 4 && column - 20 <= row }
            })
        let tree = try await model.probe(
            branches.flatMap(\.inputs), from: root, outputs: Self.outputs,
            positions: (0..<12).map { Int32(20 + $0 % 4) }, mask: mask)
        for (index, branch) in branches.enumerated() {
            let alone = try await model.probe(branch.inputs, from: root, outputs: Self.outputs).rows
            let found = tree.rows[index * 4..<index * 4 + 4].compactMap(\.logits)
            #expect(largestDifference(found, alone.compactMap(\.logits)) < 1e-4)
        }
    }
}
