import Foundation
import StoaCore
import Testing

@testable import StoaSandbox

@Suite(.needsSandbox, .timeLimit(.minutes(30)), .serialized) struct PoolTests {
    @Test func `64 requests at once are all answered, and nothing is left`() async throws {
        let sandbox = try await TestSandbox.make(
            SandboxPolicy(limits: .init(wall: .seconds(20), outputBytes: 1000), preload: [mark]),
            .init(ready: 2, running: 6))
        let results = try await withThrowingTaskGroup(of: (Int, SandboxResult).self) { group in
            for i in 0..<64 {
                group.addTask {
                    let code = i % 8 == 7 ? "print('x' * 5000)\nbytearray(10 ** 9)" : "print(\(i))\nsum(range(\(i)))"
                    return (i, try await sandbox.run(once: SandboxProgram(code: code)))
                }
            }
            return try await group.reduce(into: [Int: SandboxResult]()) { $0[$1.0] = $1.1 }
        }
        await sandbox.close()
        for i in 0..<64 {
            let result = try #require(results[i])
            if i % 8 == 7 {
                #expect(result.limit == .memory && result.stdout.isTruncated, "\(result)")
            } else {
                #expect(
                    result.isOK && result.stdout.text == "\(i)\n" && result.value == "\(i * (i - 1) / 2)", "\(result)")
            }
        }
        #expect(Set(results.values.map(\.session.id)).count == 64)
        #expect(HostProcesses.marked(mark).isEmpty)
    }

    private let mark = TestSandbox.mark()

    /// Sessions in a row: 200, or as many as `STOA_TEST_SESSIONS` says.
    private static let sessions = TestSandbox.environment["STOA_TEST_SESSIONS"].flatMap { Int($0) } ?? 200

    @Test func `hundreds of sessions leave memory, descriptors and processes as they were`() async throws {
        let sandbox = try await TestSandbox.make(SandboxPolicy(preload: [mark]))
        func round() async throws {
            let session = try #require(try await sandbox.openSession())
            #expect(try await session.run("6 * 7").value == "42")
            await session.close()
        }
        for _ in 0..<20 { try await round() }
        let (descriptors, memory) = (HostProcesses.openDescriptors, HostProcesses.residentKilobytes)
        for _ in 0..<Self.sessions { try await round() }
        #expect(HostProcesses.openDescriptors <= descriptors + 60)
        #expect(HostProcesses.residentKilobytes < memory + 40_000)
        await sandbox.close()
        #expect(HostProcesses.marked(mark).isEmpty)
    }

    @Test func `where there is no room in time, a request is refused`() async throws {
        let sandbox = try await TestSandbox.make(
            SandboxPolicy(), .init(ready: 0, running: 1, waiting: 1, patience: .milliseconds(50)))
        let session = try #require(try await sandbox.openSession())
        let result = try await sandbox.run(once: SandboxProgram(code: "1"))
        #expect(result.status == .refused && result.reason == "no sandbox was free in time")
        #expect(result.timing.queue >= .milliseconds(50))
        await session.close()
        #expect(try await sandbox.run(once: SandboxProgram(code: "1")).isOK, "the room is free again")
        await sandbox.close()
        #expect(try await sandbox.run(once: SandboxProgram(code: "1")).status == .refused)
    }

    @Test func `cancelling ends the code and its sandbox`() async throws {
        let sandbox = try await TestSandbox.make(
            SandboxPolicy(limits: .init(wall: .seconds(100), cpu: .seconds(100)), preload: [mark]))
        let session = try #require(try await sandbox.openSession())
        #expect(try await session.run("1").isOK)
        let cell = Task { try await session.run("while True: pass") }
        cell.cancel()
        await #expect(throws: CancellationError.self) { try await cell.value }
        if await !session.isAlive {
            #expect(try await session.run("1").status == .sessionLost)
        }
        await session.close()
        await sandbox.close()
        #expect(HostProcesses.marked(mark).isEmpty)
    }

    @Test func `a ready sandbox is used once, replaced, and takes a smaller memory`() async throws {
        let sandbox = try await TestSandbox.make(SandboxPolicy(), .init(ready: 1))
        try await sandbox.warm()
        let small = try #require(try await sandbox.openSession(limits: .init(memoryBytes: 128 << 20)))
        let result = try await small.run("import resource\nresource.getrlimit(resource.RLIMIT_AS)[0] >> 20")
        #expect(result.value == "128", "\(result)")
        #expect(try await small.run("bytearray(200 << 20)").limit == .memory)
        await small.close()
        let large = try #require(try await sandbox.openSession(limits: .init(memoryBytes: 1 << 30)))
        #expect(try await large.run("len(bytearray(700 << 20)) >> 20").value == "700")
        await large.close()
        await sandbox.close()
    }

    @Test func `cells of one session run one at a time`() async throws {
        let sandbox = try await TestSandbox.make()
        let session = try #require(try await sandbox.openSession())
        _ = try await session.run("n = 0")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let result = try await session.run("n += 1")
                    #expect(result.isOK)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await session.run("n").value == "20")
        await session.close()
        await sandbox.close()
    }

    @Test func `threads of an earlier cell wait while no cell runs`() async throws {
        let results = try await TestSandbox.cells([
            """
            import threading, time
            n = 0
            def count():
                global n
                while True: n += 1; time.sleep(0.001)
            threading.Thread(target=count, daemon=True).start()
            """, "a = n; time.sleep(0.2); n > a",
        ])
        #expect(results[1].value == "True")
    }
}
