import StoaCore
import StoaModel
import Testing

/// Who stops waiting is out before the next pass, and nobody else notices.
@Suite struct CancellationTests {
    private static func load(_ change: (inout LocalModel.Options) -> Void = { _ in }) async throws -> LocalModel {
        try await TinyModel.floats[1].load(.fast) {
            $0.prefixMemory = 0
            change(&$0)
        }
    }

    /// Runs a driver in a task of its own that the driver's hook can cancel.
    private static func started(_ driver: ScriptDriver, on model: LocalModel) -> Task<Void, any Error> {
        Task { _ = try await model.run(driver) }
    }

    private static func cancelCurrent() { withUnsafeCurrentTask { $0?.cancel() } }

    @Test(arguments: [1, 5, 20]) func `a cancelled sequence gets no further pass`(_ row: Int) async throws {
        let model = try await Self.load()
        let driver = ScriptDriver(
            prompt: [5], continuation: sampleTokens(40, seed: 1, vocabulary: 96),
            onRow: { if $0 == row { Self.cancelCurrent() } })
        await #expect(throws: CancellationError.self) { try await Self.started(driver, on: model).value }
        #expect(driver.logits.count == row)
        #expect(await model.occupancy.passes == row)
        #expect(await model.usedMemory == 0)
        #expect(await model.sequenceCount == 0)
    }

    @Test func `a cancelled prefill ends behind the chunk under way`() async throws {
        let model = try await Self.load { $0.passRows = 8 }
        let driver = ScriptDriver(
            prompt: sampleTokens(200, seed: 2, vocabulary: 96), onRow: { if $0 == 3 { Self.cancelCurrent() } })
        await #expect(throws: CancellationError.self) { try await Self.started(driver, on: model).value }
        #expect(driver.logits.count == 8)
        #expect(await model.usedMemory == 0)
    }

    @Test func `a task that is cancelled before it begins computes nothing`() async throws {
        let model = try await Self.load()
        let driver = ScriptDriver(prompt: [5])
        let task = Task {
            Self.cancelCurrent()
            _ = try await model.run(driver)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(driver.logits.isEmpty)
        #expect(await model.occupancy.passes == 0)
    }

    @Test func `a caller that is cancelled while another drives is let go, and the other goes on`() async throws {
        let model = try await Self.load()
        let prompt = sampleTokens(12, seed: 3, vocabulary: 96)
        let continuation = sampleTokens(60, seed: 4, vocabulary: 96)
        let expected = bits(try await trace(try await Self.load(), prompt: prompt, continuation: continuation))
        let victim = Guarded<Task<Void, any Error>?>(nil)
        let gate = Gate()
        let waiting = ScriptDriver(prompt: prompt, continuation: continuation)
        // At its fifth row, whose pass both are part of, the one that runs the passes has the other cancelled.
        let driving = ScriptDriver(
            prompt: prompt, continuation: continuation,
            onRow: { if $0 == prompt.count + 5 { victim.withLock { $0?.cancel() } } })
        for driver in [driving, waiting] { driver.gate = gate }
        let driver = Self.started(driving, on: model)
        await until { await model.sequenceCount == 1 }
        let task = Self.started(waiting, on: model)
        victim.withLock { $0 = task }
        await until { await model.sequenceCount == 2 }
        gate.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await driver.value
        #expect(bits(driving.logits) == expected)
        #expect(waiting.logits.count == prompt.count + 5)
        #expect(await model.usedMemory == 0)
    }

    @Test func `an engine works as before after a cancellation`() async throws {
        let model = try await Self.load()
        let prompt = sampleTokens(40, seed: 5, vocabulary: 96)
        let continuation = sampleTokens(10, seed: 6, vocabulary: 96)
        let before = try await trace(model, prompt: prompt, continuation: continuation)
        let driver = ScriptDriver(prompt: prompt, onRow: { if $0 == 1 { Self.cancelCurrent() } })
        await #expect(throws: CancellationError.self) { try await Self.started(driver, on: model).value }
        #expect(bits(try await trace(model, prompt: prompt, continuation: continuation)) == bits(before))
    }

    @Test func `a caller takes over the passes of one that left`() async throws {
        let model = try await Self.load()
        let first = ScriptDriver(
            prompt: [5], continuation: sampleTokens(30, seed: 7, vocabulary: 96),
            onRow: { if $0 == 10 { Self.cancelCurrent() } })
        let others = (0..<4).map {
            ScriptDriver(prompt: [TokenID(Int32(6 + $0))], continuation: sampleTokens(50, seed: $0, vocabulary: 96))
        }
        let leaving = Self.started(first, on: model)
        let staying = others.map { Self.started($0, on: model) }
        await #expect(throws: CancellationError.self) { try await leaving.value }
        for task in staying { try await task.value }
        #expect(others.allSatisfy { $0.logits.count == 51 })
    }
}
