import StoaCore
import Testing

/// The channel's rules without any concurrency: waiters are numbers.
@Suite struct BoundedChannelStateTests {
    typealias State = BoundedChannelState<Int, Int, Int>

    struct Failure: Error {}

    /// What is known from outside about senders, receivers and elements.
    struct Ledger {
        var accepted: [Int] = []
        var received: [Int] = []
        var waitingSenders: [(ticket: UInt64, element: Int)] = []
        var answeredSenders: Set<Int> = []
        var waitingReceiver: Int?
        var isOpen = true
        var isClosed = false
    }

    @Test(arguments: 0..<1000 as Range<UInt64>)
    func `random calls lose nothing, repeat nothing and answer every waiter once`(_ seed: UInt64) {
        let stream = RandomStream(seed: seed).child("channel")
        let capacity = 1 + stream.integer(at: 0, below: 4)
        var state = State(capacity: capacity)
        var ledger = Ledger()
        for step in 1...60 as ClosedRange<UInt64> {
            switch stream.integer(at: step, below: 40) {
            case 0..<12: send(Int(step), &state, &ledger)
            case 12..<18: trySend(Int(step), &state, &ledger, capacity)
            case 18..<34: if ledger.waitingReceiver == nil { receive(Int(step), &state, &ledger) }
            case 34..<37:
                guard let victim = ledger.waitingSenders.randomElement(stream, at: 1000 + step) else { continue }
                let sender = state.cancelSend(ticket: victim.ticket)
                #expect(sender?.element == victim.element)
                let again = state.cancelSend(ticket: victim.ticket)
                #expect(again?.ticket == nil)
                ledger.waitingSenders.removeAll { $0.ticket == victim.ticket }
            case 37: finish(&state, &ledger)
            case 38:
                let action = state.close()
                #expect(action.isFirst == !ledger.isClosed)
                #expect(action.receiver == ledger.waitingReceiver)
                #expect(action.senders.count == ledger.waitingSenders.count)
                ledger.waitingReceiver = nil
                ledger.waitingSenders = []
                (ledger.isOpen, ledger.isClosed) = (false, true)
                ledger.accepted = ledger.received
            default: break
            }
            #expect(state.bufferedCount <= capacity)
            #expect(state.waitingCount == ledger.waitingSenders.count)
            #expect(state.waitingCount == 0 || state.bufferedCount == capacity)
            #expect(ledger.waitingReceiver == nil || state.bufferedCount == 0)
        }
        finish(&state, &ledger)
        while !ledger.isClosed { receive(-1, &state, &ledger) }
        #expect(ledger.received == ledger.accepted)
    }

    func send(_ element: Int, _ state: inout State, _ ledger: inout Ledger) {
        switch state.send(element, ticket: UInt64(element), waiter: { element }) {
        case .accepted: ledger.accepted.append(element)
        case .handOver(let element, let receiver): handOver(element, receiver, &ledger)
        case .wait: ledger.waitingSenders.append((UInt64(element), element))
        case .closed: #expect(!ledger.isOpen)
        }
    }

    func trySend(_ element: Int, _ state: inout State, _ ledger: inout Ledger, _ capacity: Int) {
        switch state.trySend(element) {
        case .accepted: ledger.accepted.append(element)
        case .handOver(let element, let receiver): handOver(element, receiver, &ledger)
        case .wait: #expect(state.bufferedCount == capacity)
        case .closed: #expect(!ledger.isOpen)
        }
    }

    func handOver(_ element: Int, _ receiver: Int, _ ledger: inout Ledger) {
        #expect(receiver == ledger.waitingReceiver)
        ledger.waitingReceiver = nil
        ledger.accepted.append(element)
        ledger.received.append(element)
    }

    func receive(_ waiter: Int, _ state: inout State, _ ledger: inout Ledger) {
        switch state.receive(waiter: { waiter }) {
        case .take(let element, let sender, _):
            ledger.received.append(element)
            guard let sender else { return }
            // Waiting senders are accepted in the order in which they came.
            #expect(sender == ledger.waitingSenders.first?.element)
            #expect(ledger.answeredSenders.insert(sender).inserted)
            ledger.accepted.append(ledger.waitingSenders.removeFirst().element)
        case .wait:
            #expect(ledger.isOpen)
            ledger.waitingReceiver = waiter
        case .end(let failure):
            #expect(!ledger.isOpen)
            #expect((failure is Failure) == !ledger.isClosed)
            ledger.isClosed = true
        case .closed: #expect(ledger.isClosed)
        }
    }

    func finish(_ state: inout State, _ ledger: inout Ledger) {
        let action = state.finish(failure: Failure())
        #expect(action.receiver == (ledger.isOpen ? ledger.waitingReceiver : nil))
        if action.receiver != nil {
            ledger.waitingReceiver = nil
            ledger.isClosed = true
        }
        ledger.isOpen = false
    }

    @Test func `room is signalled once after a refusal, when a slot is really free`() {
        func room(_ action: State.ReceiveAction) -> Bool? {
            guard case .take(_, _, let room) = action else { return nil }
            return room
        }
        var state = State(capacity: 2)
        _ = state.trySend(1)
        _ = state.trySend(2)
        guard case .wait = state.trySend(3) else { return #expect(Bool(false), "expected no room") }
        _ = state.send(4, ticket: 0, waiter: { 0 })
        let rooms = (0..<3).map { _ in room(state.receive(waiter: { 0 })) }
        #expect(rooms == [false, true, false])
    }
}

@Suite struct FIFOTests {
    @Test(arguments: 0..<100 as Range<UInt64>)
    func `a queue behaves as an array does`(_ seed: UInt64) {
        let stream = RandomStream(seed: seed)
        var (queue, array) = (FIFO<Int>(), [Int]())
        for step in 0..<200 as Range<UInt64> {
            switch stream.integer(at: step, below: 5) {
            case 0, 1, 2:
                queue.append(Int(step))
                array.append(Int(step))
            case 3:
                let first = queue.popFirst()
                #expect(first == (array.isEmpty ? nil : array.removeFirst()))
            default:
                let divisor = 1 + stream.integer(at: 1000 + step, below: 7)
                // The first that leaves this remainder.
                let place = array.firstIndex { $0 % divisor == 1 }
                let found = queue.removeFirst { $0 % divisor == 1 }
                #expect(found == place.map { array.remove(at: $0) })
            }
            #expect(queue.count == array.count)
        }
    }
}

extension Array {
    /// The element that a stream picks at a position.
    func randomElement(_ stream: RandomStream, at position: UInt64) -> Element? {
        isEmpty ? nil : self[stream.integer(at: position, below: count)]
    }
}
