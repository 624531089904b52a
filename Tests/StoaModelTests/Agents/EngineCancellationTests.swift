import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Whoever stops waiting for the engine is out before the next pass.
@Suite struct EngineCancellationTests {
    /// A request that would go on for 200 passes.
    private static let long = ModelRequest.ask("hi", tokens: 200) {
        $0.sampling.logitBias = [TokenID(40): 100]
    }

    /// Runs an operation that cancels its own task when it reports progress for the n-th time.
    private static func cancelled<Result: Sendable>(
        atReport number: Int,
        _ operation: @escaping @Sendable (@escaping @Sendable (ModelProgress) -> Void) async throws -> Result
    ) async -> any Error {
        let task = Guarded<Task<Result, any Error>?>(nil)
        let reports = Guarded(0)
        let gate = Gate()
        let running = Task {
            await until { gate.isOpen }
            return try await operation { _ in
                let isLast = reports.withLock { reports in
                    reports += 1
                    return reports == number
                }
                if isLast { task.withLock { $0?.cancel() } }
            }
        }
        task.withLock { $0 = running }
        gate.open()
        do {
            _ = try await running.value
            return NotCancelled()
        } catch {
            return error
        }
    }

    private struct NotCancelled: Error {}

    @Test(arguments: [1, 2, 10]) func `a cancelled reply ends before the next pass`(_ report: Int) async throws {
        let model = try await TinyChat().engine()
        let error = await Self.cancelled(atReport: report) { try await model.complete(Self.long, progress: $0) }
        #expect(error is CancellationError)
        // Reports are the prompt's beginning, then a token each: one pass per report, and none behind the last.
        #expect(await model.model.occupancy.passes <= report)
        await until { await model.model.sequenceCount == 0 }
        #expect(await model.model.usedMemory == 0)
        #expect(try await model.complete(.ask("hi", tokens: 3)).tokens.count <= 3)
    }

    @Test(arguments: [1, 2, 10]) func `a cancelled thought ends before the next pass and leaves nothing`(_ report: Int)
        async throws
    {
        let model = try await TinyChat().engine()
        let error = await Self.cancelled(atReport: report) {
            try await model.think(.ask("hi"), steps: 200, progress: $0)
        }
        #expect(error is CancellationError)
        #expect(await model.model.occupancy.passes <= report)
        #expect(await model.model.usedMemory == 0)
        #expect(try await model.think(.ask("hi"), steps: 3).latent.rows > 3)
    }

    @Test func `a task that is cancelled before it begins computes nothing`() async throws {
        let model = try await TinyChat().engine()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await model.complete(.ask("hi"))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await model.model.occupancy.passes == 0)
    }

    @Test func `cancelling one of eight leaves the other seven as they were`() async throws {
        let chat = try TinyChat()
        let alone = try await chat.engine()
        let requests = (0..<7).map { ModelRequest.ask("question \($0)", seed: UInt64($0), tokens: 30) }
        var expected: [ModelReply] = []
        for request in requests { expected.append(try await alone.complete(request).logical) }
        let model = try await chat.engine()
        async let victim = Self.cancelled(atReport: 8) { try await model.complete(Self.long, progress: $0) }
        let found = try await withThrowingTaskGroup(of: (Int, ModelReply).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await model.complete(request).logical) }
            }
            return try await group.reduce(into: [Int: ModelReply]()) { $0[$1.0] = $1.1 }
        }
        #expect(await victim is CancellationError)
        for (index, reply) in expected.enumerated() { #expect(found[index] == reply) }
    }
}
