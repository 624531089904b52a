import StoaCore
import Testing

@testable import StoaSandbox

/// Sessions that nobody uses any more make room; whoever comes back is told.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct IdleTests {
    private let mark = TestSandbox.mark()
    private let clock = ManualTimeSource()

    /// One sandbox at work at a time, on a clock that a test drives.
    private func sandbox(idle: Duration?) async throws -> PythonSandbox {
        try PythonSandbox(
            policy: SandboxPolicy(preload: [mark], idle: idle), tools: try await TestSandbox.tools(),
            cache: TestSandbox.cache, configuration: .init(ready: 0, running: 1), clock: clock)
    }

    @Test func `a session that is unused for too long is lost and says why`() async throws {
        let sandbox = try await sandbox(idle: .seconds(30))
        let session = try #require(try await sandbox.openSession())
        #expect(try await session.run("x = 1\nx").value == "1")
        await clock.waitForSleepers()
        clock.advance(by: .seconds(30))
        let late = try await session.run("x")
        #expect(late.status == .sessionLost && late.reason == "it was closed after 30.0 s without use", "\(late)")
        #expect(late.session.cell == 2 && !late.session.isAlive)
        #expect(HostProcesses.marked(mark).isEmpty)
        await session.close()
        await sandbox.close()
    }

    @Test func `use begins the time anew`() async throws {
        let sandbox = try await sandbox(idle: .seconds(30))
        let session = try #require(try await sandbox.openSession())
        for number in 1...4 {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(29))
            #expect(try await session.run("n = \(number)\nn").value == "\(number)")
        }
        await session.close()
        await sandbox.close()
    }

    @Test func `an unused session makes room without anyone asking for it`() async throws {
        let sandbox = try await sandbox(idle: .seconds(30))
        let idle = try #require(try await sandbox.openSession())
        await clock.waitForSleepers()
        clock.advance(by: .seconds(30))
        // Waits in the queue, if need be, until the room is given back.
        let next = try #require(try await sandbox.openSession())
        #expect(try await next.run("2").value == "2")
        #expect(await !idle.isAlive)
        await next.close()
        await idle.close()
        await sandbox.close()
        #expect(HostProcesses.marked(mark).isEmpty)
    }

    @Test func `without a limit a session waits for ever`() async throws {
        let sandbox = try await sandbox(idle: nil)
        let session = try #require(try await sandbox.openSession())
        #expect(try await session.run("x = 1").isOK)
        clock.advance(by: .seconds(86_400))
        #expect(try await session.run("x").value == "1")
        await session.close()
        #expect(try await session.run("x").reason == "it was closed")
        await sandbox.close()
    }
}
