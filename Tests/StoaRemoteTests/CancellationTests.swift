import StoaCore
@testable import StoaRemote
import Testing

@Suite(.timeLimit(.minutes(30)), .serialized) struct CancellationTests {
    @Test(arguments: ["before the answer", "in the answer", "in an error", "in a pause", "in the queue"])
    func `cancelling ends the request and leaves the model usable`(_ place: String) async throws {
        // The server never goes on by itself, so that only the cancellation can end the call; how fast it does is no
        // matter of a test that shares its processor with others.
        _ = try await cancellation(place)
    }

    /// Cancels a call at a place, checks that the model still answers, and says how long the cancellation took.
    private func cancellation(_ place: String) async throws -> Duration {
        try await ModelUnderTest.run(
            { $0.maximumConcurrency = place == "in the queue" ? 1 : 4 },
            answering: { request in
                if request.repetition > 0 { return .events(Answers.stream(["ok"])) }
                return switch place {
                case "in the answer": .events([.text(Answers.chunk(delta: ["content": "a"])), .stall])
                case "in an error": ScriptedServer.Reply(status: 400, parts: [.text("{"), .stall])
                case "in a pause": .status(500)
                default: .events([.stall])
                }
            }
        ) { test in
            let told = Tally()
            let clock = SystemTimeSource()
            let call = { @Sendable in
                try await test.model.complete(ModelUnderTest.request) { event in
                    switch event {
                    case .text, .waiting: told.add()
                    default: break
                    }
                }
            }
            // Both are awaited below.
            let first = Task { try await call() }
            await test.server.arrivals.reaches(1)
            let queued = place == "in the queue" ? Task { try await call() } : nil
            if place == "in the answer" || place == "in a pause" { await told.reaches(1) }
            let start = clock.now
            queued?.cancel()
            if let queued { await #expect(throws: CancellationError.self) { try await queued.value } }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            if place != "in a pause" { await test.server.departures.reaches(1) }
            let taken = clock.now - start
            let after = try await test.call()
            #expect(after.reply?.text == "ok")
            return taken
        }
    }

    @Test func `cancelling one call leaves the others alone`() async throws {
        try await ModelUnderTest.run(answering: { _ in .events([.pause, .text(Answers.stream(["ok"]))]) }) { test in
            let calls = (0..<8).map { _ in
                // Awaited below.
                Task { try await test.model.complete(ModelUnderTest.request) { _ in } }
            }
            await test.server.pauses.reaches(8)
            for index in stride(from: 0, to: 8, by: 2) { calls[index].cancel() }
            for index in stride(from: 0, to: 8, by: 2) {
                await #expect(throws: CancellationError.self) { try await calls[index].value }
            }
            test.server.proceed()
            for index in stride(from: 1, to: 8, by: 2) {
                let reply = try await calls[index].value
                #expect(reply.text == "ok")
            }
        }
    }
}
