import StoaCore
@testable import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct TurnstileTests {
    /// What a turnstile must do, in the simplest words.
    private struct Model {
        var slots: Int
        var capacity: Int
        var inside: [Int] = []
        var queue: [Int] = []
    }

    @Test(arguments: 0..<200) func `callers pass in order, never too many, and withdrawn ones never`(seed: UInt64) {
        let random = RandomStream(seed: seed).child("turnstile")
        var position: UInt64 = 0
        func draw(_ bound: Int) -> Int {
            position += 1
            return random.integer(at: position, below: bound)
        }
        var model = Model(slots: draw(3) + 1, capacity: draw(5))
        var state = Turnstile.State<Int>(slots: model.slots, capacity: model.capacity)
        for ticket in 0..<100 {
            switch draw(4) {
            case 0, 1:
                let admission = state.arrive(ticket: UInt64(ticket), waiter: ticket)
                if model.inside.count < model.slots {
                    model.inside.append(ticket)
                    #expect(admission == .pass)
                } else if model.queue.count < model.capacity {
                    model.queue.append(ticket)
                    #expect(admission == .wait)
                } else {
                    #expect(admission == .full)
                }
            case 2 where !model.queue.isEmpty:
                let gone = model.queue.remove(at: draw(model.queue.count))
                #expect(state.withdraw(ticket: UInt64(gone)) == gone)
                #expect(state.withdraw(ticket: UInt64(gone)) == nil)
            case 3 where !model.inside.isEmpty:
                model.inside.remove(at: draw(model.inside.count))
                let next = model.queue.isEmpty ? nil : model.queue.removeFirst()
                if let next { model.inside.append(next) }
                #expect(state.leave() == next)
            default: break
            }
            #expect(state.inside == model.inside.count)
            #expect(state.waiting == model.queue.count)
        }
    }

    @Test func `a full queue is an error, and a cancelled caller leaves it`() async throws {
        let turnstile = Turnstile(slots: 1, capacity: 1)
        let model = ScriptedModel { _ in .waitThenSay("x") }
        @Sendable func occupy() async throws {
            try await turnstile.pass {
                _ = try await model.complete(ModelRequest(messages: [], seed: SeedPath(seed: 0)), progress: { _ in })
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await occupy() }
            await model.waitForGate()
            // One waits and is cancelled; its place in the queue is free again.
            await withTaskGroup(of: Bool.self) { waiting in
                waiting.addTask { (try? await occupy()) == nil }
                await turnstile.waitForQueue(1)
                await #expect(throws: Turnstile.Full.self) { try await occupy() }
                waiting.cancelAll()
                #expect(await waiting.next() == true)
            }
            model.openGate()
            try await group.waitForAll()
        }
        try await occupy()
        #expect(turnstile.mostInside == 1)
    }
}

extension Turnstile {
    /// Waits until so many callers are in the queue.
    fileprivate func waitForQueue(_ count: Int) async {
        while waiting < count { await Task.yield() }
    }
}
