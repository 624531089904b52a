import StoaCore
import StoaModel
import Testing

/// The bits of a sequence do not depend on what else the engine does: batch, threads, chunks, sharing, company.
@Suite struct ReproducibilityTests {
    static let cases = TinyModel.all.flatMap { tiny in Precision.allCases.map { (tiny, $0) } }

    private static func reference(_ tiny: TinyModel, _ precision: Precision, prompt: [TokenID]) async throws
        -> [[UInt32]]
    {
        let model = try await tiny.load(precision) {
            $0.threads = 1
            $0.prefixMemory = 0
        }
        return bits(try await trace(model, prompt: prompt, continuation: try tiny.golden().continuation))
    }

    @Test(arguments: cases)
    func `chunk size and threads change no bit`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let golden = try tiny.golden()
        let expected = try await Self.reference(tiny, precision, prompt: golden.prompt)
        for (rows, threads) in [(1, 1), (3, 2), (7, 1), (16, 2), (33, 3), (64, 2)] {
            let model = try await tiny.load(precision) {
                $0.threads = threads
                $0.passRows = rows
            }
            let found = try await trace(model, prompt: golden.prompt, continuation: golden.continuation)
            #expect(bits(found) == expected, "passes of \(rows) rows on \(threads) threads")
        }
    }

    @Test(arguments: cases)
    func `company in the batch changes no bit`(_ tiny: TinyModel, _ precision: Precision) async throws {
        let golden = try tiny.golden()
        let vocabulary = 96
        let prompts = (0..<8).map { sampleTokens(5 + 9 * $0, seed: $0, vocabulary: vocabulary) }
        let model = try await tiny.load(precision)
        let together = try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask {
                    (index, try await trace(model, prompt: prompt, continuation: golden.continuation))
                }
            }
            return try await group.reduce(into: [Int: [[Float]]]()) { $0[$1.0] = $1.1 }
        }
        for (index, prompt) in prompts.enumerated() {
            let alone = try await Self.reference(tiny, precision, prompt: prompt)
            #expect(bits(together[index] ?? []) == alone, "sequence \(index) of 8")
        }
        let occupancy = await model.occupancy
        #expect(Double(occupancy.rows) / Double(occupancy.passes) > 1.5)
    }

    @Test(arguments: cases)
    func `rows found in the prefix cache are the rows that would be computed`(
        _ tiny: TinyModel, _ precision: Precision
    ) async throws {
        let golden = try tiny.golden()
        let prompt = sampleTokens(100, seed: 7, vocabulary: 96)
        let expected = try await Self.reference(tiny, precision, prompt: prompt)
        let model = try await tiny.load(precision)
        for _ in 0..<2 {
            let cache = try await model.prefill(Array(prompt.dropLast()).inputs)
            let rest = try await trace(model, prompt: [prompt[99]], continuation: golden.continuation, from: cache)
            #expect(bits(rest) == Array(expected[99...]))
        }
        #expect(await model.sharedRows == 96)
    }

    @Test(arguments: 0..<12)
    func `sequences that join, leave and are cancelled change no bit of the others`(_ seed: Int) async throws {
        let tiny = TinyModel.all[seed % TinyModel.all.count]
        let golden = try tiny.golden()
        let stream = RandomStream(seed: UInt64(seed)).child("company")
        let model = try await tiny.load(.fast) { $0.passRows = 8 + stream.integer(at: 0, below: 40) }
        let results = try await withThrowingTaskGroup(of: (Int, [[Float]]?).self) { group in
            for index in 0..<10 {
                let prompt = sampleTokens(
                    1 + stream.integer(at: UInt64(index + 1), below: 60), seed: index, vocabulary: 96)
                let delay = stream.integer(at: UInt64(index + 100), below: 20)
                let leaves = index % 3 == 2
                group.addTask {
                    for _ in 0..<delay { await Task.yield() }
                    if leaves {
                        let task = Task { try await trace(model, prompt: prompt, continuation: golden.continuation) }
                        for _ in 0..<delay { await Task.yield() }
                        task.cancel()
                        _ = try? await task.value
                        return (index, nil)
                    }
                    return (index, try await trace(model, prompt: prompt, continuation: golden.continuation))
                }
            }
            return try await group.reduce(into: [Int: [[Float]]]()) { $0[$1.0] = $1.1 }
        }
        for index in 0..<10 where index % 3 != 2 {
            let prompt = sampleTokens(1 + stream.integer(at: UInt64(index + 1), below: 60), seed: index, vocabulary: 96)
            let alone = try await Self.reference(tiny, .fast, prompt: prompt)
            #expect(bits(results[index] ?? []) == alone, "sequence \(index)")
        }
    }
}
