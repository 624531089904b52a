import NIOHTTP1
import StoaCore
@testable import StoaRemote
import StoaTestKit
import Testing

@Suite struct RetryScheduleTests {
    @Test(arguments: 1...40)
    func `pauses grow with failures, stay within half and the whole of their bound, and end with the attempts`(
        _ failures: Int
    ) {
        let schedule = RetrySchedule(attempts: 30)
        func pause(_ failures: Int, _ draw: Double, _ requested: Duration? = nil) -> Duration? {
            guard case .retry(let pause) = schedule.decide(failures: failures, requested: requested, draw: draw) else {
                return nil
            }
            return pause
        }
        guard failures < 30 else {
            #expect(schedule.decide(failures: failures, requested: nil, draw: 0.5) == .exhausted)
            #expect(schedule.decide(failures: failures, requested: .seconds(500), draw: 0.5) == .exhausted)
            return
        }
        let bound = min(.milliseconds(500) * (1 << min(failures - 1, 20)), .seconds(30))
        for step in 0..<20 {
            let draw = Double(step) / 20
            guard let own = pause(failures, draw) else {
                Issue.record("no pause")
                continue
            }
            #expect(own >= bound * 0.5 && own < bound)
            #expect(own <= pause(failures + 1, draw) ?? .seconds(30))
            #expect(pause(failures, draw, .seconds(7)) == max(own, .seconds(7)))
            #expect(pause(failures, draw, .seconds(120)) == .seconds(120))
        }
        #expect(schedule.decide(failures: failures, requested: .seconds(121), draw: 0) == .tooLong(.seconds(121)))
    }

    @Test(
        arguments: [
            ("Retry-After", "7", .seconds(7)), ("Retry-After", "0.5", .milliseconds(500)),
            ("Retry-After", "-3", .zero), ("Retry-After", "99999999999999999999", .seconds(86_400)),
            ("retry-after-ms", "1500", .milliseconds(1500)), ("Retry-After", "soon", nil), ("Retry-After", "", nil),
            ("Retry-After", "nan", nil), ("Retry-After", "inf", .seconds(86_400)),
            ("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)),
            ("Retry-After", "Sun, 06 Nov 1994 08:49:27 GMT", .zero),
            ("Retry-After", "Tue, 08 Nov 1994 08:49:37 GMT", .seconds(86_400)),
            ("Retry-After", "Sun, 06 Foo 1994 08:49:37 GMT", nil), ("Retry-After", "Sun, 06 Nov 1994 8:49 GMT", nil),
        ] as [(String, String, Duration?)])
    func `the server's wish is read in seconds, milliseconds and dates`(
        _ name: String, _ value: String, _ expected: Duration?
    ) {
        let now = WallTime(nanosecondsSinceEpoch: 784_111_777_000_000_000)
        #expect(RetryAfter.pause(HTTPHeaders([(name, value)]), now: now) == expected)
    }
}

@Suite struct AdaptiveConcurrencyTests {
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `whatever happens, the limit keeps its laws`(_ seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let maximum = Int.random(in: 1...64, using: &generator)
        var controller = AdaptiveConcurrency(maximum: maximum)
        var now = Duration.zero
        var lastShrink: Duration?
        var lastTrouble: Duration?
        for _ in 0..<400 {
            now += .milliseconds(Int.random(in: 0...4000, using: &generator))
            let before = controller.limit
            let isResting = lastTrouble.map { now < $0 + .seconds(15) } ?? false
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                controller.noteRefusal(at: now)
                let mayShrink = lastShrink.map { now >= $0 + .seconds(15) } ?? true
                #expect(controller.limit <= before)
                #expect(mayShrink || controller.limit == before)
                #expect(controller.limit >= Int(Double(before) * 0.8))
                if mayShrink { lastShrink = now }
                lastTrouble = now
            case 1:
                controller.noteFailure(at: now)
                #expect(controller.limit == before)
                lastTrouble = now
            default:
                controller.noteSuccess(at: now)
                #expect(controller.limit >= before && controller.limit <= before + 1)
                #expect(!isResting || controller.limit == before)
            }
            #expect((1...maximum).contains(controller.limit))
        }
    }

    @Test func `a burst of refusals counts once, and success brings the limit back`() {
        var controller = AdaptiveConcurrency(maximum: 10)
        for _ in 0..<10 { controller.noteRefusal(at: .seconds(1)) }
        #expect(controller.limit == 8)
        controller.noteSuccess(at: .seconds(15))
        #expect(controller.limit == 8)
        for _ in 0..<8 { controller.noteSuccess(at: .seconds(16)) }
        #expect(controller.limit == 8)
        for _ in 0..<12 { controller.noteSuccess(at: .seconds(17)) }
        #expect(controller.limit == 10)
    }

    @Test func `refusals bring the limit down to one call and no further`() {
        var controller = AdaptiveConcurrency(maximum: 6)
        let limits = (0..<12).map { round in
            controller.noteRefusal(at: .seconds(20 * round))
            return controller.limit
        }
        #expect(limits == [4, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1])
    }
}

@Suite struct RequestGateTests {
    @Test func `places are given in order, up to the limit, and cancelled callers leave the queue`() async throws {
        let time = ManualTimeSource()
        let gate = RequestGate(maximum: 1, time: time)
        try await gate.enter()
        let entered = Record<Int>()
        let arrived = Tally()
        var waiting: [Task<Void, Never>] = []
        for index in 0..<3 {
            // Awaited below.
            let task = Task {
                arrived.add()
                guard (try? await gate.enter()) != nil else { return }
                entered.append(index)
                gate.leave(.success)
            }
            waiting.append(task)
            await arrived.reaches(index + 1)
            while gate.waiting <= index { await Task.yield() }
        }
        waiting[1].cancel()
        await waiting[1].value
        #expect(gate.waiting == 2)
        gate.leave(.success)
        for task in waiting { await task.value }
        #expect(entered.elements == [0, 2])
        #expect(gate.inside == 0)
    }

    @Test func `a caller that is cancelled beforehand takes no place`() async throws {
        let gate = RequestGate(maximum: 1, time: ManualTimeSource())
        // Awaited below.
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await gate.enter()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        try await gate.enter()
        #expect(gate.inside == 1)
    }
}
