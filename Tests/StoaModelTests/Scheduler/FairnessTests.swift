import StoaCore
import StoaModel
import Testing

/// Nobody waits for others to finish: each pass serves whoever goes on by one, and a part of every long input.
@Suite struct FairnessTests {
    private static let tiny = TinyModel.floats[1]

    /// Who got a row, in order.
    private final class Log: Sendable {
        private let entries = Guarded<[Int]>([])
        func add(_ name: Int) { entries.withLock { $0.append(name) } }
        var all: [Int] { entries.withLock { $0 } }
    }

    private static func load(rows: Int, prefix: Bool = false) async throws -> LocalModel {
        try await tiny.load(.fast) {
            $0.passRows = rows
            if !prefix { $0.prefixMemory = 0 }
        }
    }

    private static func driver(_ name: Int, prompt: Int, steps: Int, log: Log) -> ScriptDriver {
        ScriptDriver(
            prompt: sampleTokens(prompt, seed: name, vocabulary: 96),
            continuation: sampleTokens(steps, seed: 50 + name, vocabulary: 96), onRow: { _ in log.add(name) })
    }

    @Test(arguments: [4, 8, 16]) func `a long prefill leaves every decoding sequence a row in each pass`(_ rows: Int)
        async throws
    {
        let model = try await Self.load(rows: rows)
        let log = Log()
        let decoding = (1...3).map { Self.driver($0, prompt: 1, steps: 120, log: log) }
        let long = Self.driver(0, prompt: 240, steps: 0, log: log)
        try await runTogether(decoding + [long], on: model)
        // Between two rows of a sequence that decodes lie one pass at most: `rows` rows in all.
        for name in 1...3 {
            let places = log.all.indices.filter { log.all[$0] == name }
            let gaps = zip(places.dropFirst(), places).map { $0 - $1 }
            #expect(gaps.max() ?? 0 <= 2 * rows, "sequence \(name)")
        }
    }

    @Test(arguments: [1, 2, 8]) func `more decoding sequences than rows take turns, and a long prefill with them`(
        _ rows: Int
    ) async throws {
        let model = try await Self.load(rows: rows)
        let log = Log()
        let count = 3 * rows + 5
        let decoding = (1...count).map { Self.driver($0, prompt: 1, steps: 40, log: log) }
        let long = Self.driver(0, prompt: 30, steps: 0, log: log)
        try await runTogether(decoding + [long], on: model)
        let all = log.all
        // As long as all are there, each is served once in a round of turns.
        for name in 1...count {
            let places = all.indices.filter { all[$0] == name }
            let gaps = zip(places.dropFirst(), places).map { $0 - $1 }
            #expect(gaps.max() ?? 0 <= 4 * (count + rows), "sequence \(name)")
        }
        let lastOfLong = try #require(all.lastIndex(of: 0))
        #expect(lastOfLong < all.count - 1, "the long prefill had to wait for everyone else")
    }

    @Test func `long prefills take turns`() async throws {
        let model = try await Self.load(rows: 8)
        let log = Log()
        try await runTogether((0..<4).map { Self.driver($0, prompt: 200, steps: 0, log: log) }, on: model)
        let all = log.all
        // When the first is done, the last is nearly done.
        let ends = (0..<4).compactMap { all.lastIndex(of: $0) }
        #expect((ends.max() ?? 0) - (ends.min() ?? 0) <= 8 * 8)
    }

    @Test(arguments: [3, 16]) func `an input that needs a whole pass gets one among others`(_ rows: Int) async throws {
        let model = try await Self.load(rows: rows)
        let log = Log()
        let decoding = (1...rows + 4).map { Self.driver($0, prompt: 1, steps: 60, log: log) }
        let tokens = sampleTokens(rows, seed: 9, vocabulary: 96)
        let mask = AttentionMask(rows: (0..<rows).map { row in (0..<rows).map { $0 <= row } })
        let masked = ScriptDriver(
            [Demand(inputs: tokens.inputs, origin: .prompt, outputs: OutputRequest(logits: .all), mask: mask)],
            onRow: { _ in log.add(0) })
        try await runTogether(decoding + [masked], on: model)
        let last = try #require(log.all.lastIndex(of: 0))
        #expect(last < log.all.count - 1)
    }

    @Test func `two hundred short sequences at once each get what they get alone`() async throws {
        let model = try await Self.load(rows: 64, prefix: true)
        let drivers = (0..<200).map { index in
            ScriptDriver(
                prompt: sampleTokens(1 + index % 23, seed: index, vocabulary: 96),
                continuation: sampleTokens(index % 7, seed: 500 + index, vocabulary: 96))
        }
        try await runTogether(drivers, on: model)
        let alone = try await Self.load(rows: 64)
        for (index, driver) in drivers.enumerated() {
            let expected = ScriptDriver(
                prompt: sampleTokens(1 + index % 23, seed: index, vocabulary: 96),
                continuation: sampleTokens(index % 7, seed: 500 + index, vocabulary: 96))
            _ = try await alone.run(expected)
            #expect(sameBits(driver.logits, expected.logits), "sequence \(index)")
        }
        let occupancy = await model.occupancy
        #expect(Double(occupancy.rows) / Double(occupancy.passes) > 1.5)
        #expect(await model.sequenceCount == 0)
    }

    @Test(arguments: [2, 8]) func `parallel decodes share passes`(_ count: Int) async throws {
        let model = try await Self.load(rows: 64)
        let log = Log()
        try await runTogether((0..<count).map { Self.driver($0, prompt: 1, steps: 60, log: log) }, on: model)
        let occupancy = await model.occupancy
        #expect(occupancy.rows == count * 61)
        #expect(Double(occupancy.rows) / Double(occupancy.passes) > 1.5)
    }
}
