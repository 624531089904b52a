import StoaCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct BoundedChannelTests {
    struct Failure: Error {}

    final class Counter: Sendable {
        private let storage = Mutex(0)
        var value: Int {
            get { storage.withLock { $0 } }
            set { storage.withLock { $0 = newValue } }
        }
    }

    @Test(arguments: 0..<1000 as Range<UInt64>)
    func `every interleaving delivers every element once, in the order of each producer`(_ seed: UInt64) async throws {
        let stream = RandomStream(seed: seed).child("interleaving")
        let producers = 1 + stream.integer(at: 0, below: 3)
        let each = 10
        let (producer, elements) = BoundedChannel<(Int, Int)>.make(capacity: 1 + stream.integer(at: 1, below: 4))
        func pause(_ position: Int, _ lane: Int) async {
            for _ in 0..<stream.child(lane).integer(at: UInt64(position), below: 4) { await Task.yield() }
        }
        let received = try await withThrowingTaskGroup(of: [(Int, Int)].self) { group in
            group.addTask {
                var received: [(Int, Int)] = []
                for try await element in elements {
                    received.append(element)
                    await pause(received.count, -1)
                }
                return received
            }
            try await withThrowingTaskGroup(of: Void.self) { senders in
                for lane in 0..<producers {
                    senders.addTask {
                        for number in 0..<each {
                            await pause(number, lane)
                            #expect(await producer.send((lane, number)) == .sent)
                        }
                    }
                }
                try await senders.waitForAll()
            }
            producer.finish()
            return try await group.next() ?? []
        }
        for lane in 0..<producers {
            #expect(received.filter { $0.0 == lane }.map(\.1) == Array(0..<each))
        }
        #expect(received.count == producers * each)
    }

    @Test(arguments: [1, 2, 5])
    func `a producer waits once the channel is full`(_ capacity: Int) async throws {
        let (producer, elements) = BoundedChannel<Int>.make(capacity: capacity)
        let progress = Counter()
        let (sentOne, steps) = BoundedChannel<Int>.make(capacity: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<20 {
                    #expect(await producer.send(number) == .sent)
                    progress.value = number + 1
                    _ = await sentOne.send(number)
                }
                producer.finish()
            }
            var step = steps.makeAsyncIterator()
            var iterator = elements.makeAsyncIterator()
            for _ in 0..<capacity { _ = try await step.next() }
            for number in 0..<20 {
                // However often the producer is given the chance, it is never further ahead than the capacity.
                for _ in 0..<20 { await Task.yield() }
                #expect(progress.value == min(20, number + capacity))
                #expect(try await iterator.next() == number)
                if number + capacity < 20 { _ = try await step.next() }
            }
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func `cancelling the consumer wakes senders and ends the channel`() async throws {
        let signals = Mutex<[ChannelSignal]>([])
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 1) { signal in
            signals.withLock { $0.append(signal) }
        }
        let consumer = Task {
            var iterator = elements.makeAsyncIterator()
            return try await iterator.next()
        }
        consumer.cancel()
        await #expect(throws: CancellationError.self) { try await consumer.value }
        #expect(await producer.send(1) == .closed)
        #expect(producer.trySend(1) == .closed)
        #expect(signals.withLock { $0 } == [.consumerGone])
    }

    @Test(arguments: 0..<200)
    func `a sender that waits is told when the consumer is cancelled at any moment`(_ yields: Int) async throws {
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 1)
        #expect(await producer.send(0) == .sent)
        let sender = Task { await producer.send(1) }
        let consumer = Task {
            var iterator = elements.makeAsyncIterator()
            var received: [Int] = []
            while let element = try await iterator.next() { received.append(element) }
            return received
        }
        for _ in 0..<(yields % 8) { await Task.yield() }
        consumer.cancel()
        await #expect(throws: CancellationError.self) { try await consumer.value }
        #expect([.sent, .closed].contains(await sender.value))
        #expect(await producer.send(2) == .closed)
    }

    @Test(arguments: 0..<200)
    func `cancelling a sender at any moment withdraws its element or has sent it`(_ yields: Int) async throws {
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 1)
        #expect(await producer.send(0) == .sent)
        let sender = Task { await producer.send(1) }
        for _ in 0..<(yields % 8) { await Task.yield() }
        sender.cancel()
        var iterator = elements.makeAsyncIterator()
        var received: [Int] = []
        if yields % 2 == 0 { received.append(try #require(try await iterator.next())) }
        let outcome = await sender.value
        producer.finish()
        while let element = try await iterator.next() { received.append(element) }
        #expect(received == (outcome == .sent ? [0, 1] : [0]))
        #expect([.sent, .cancelled].contains(outcome))
    }

    @Test func `tasks that were cancelled before they would wait do not wait`() async throws {
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 1)
        #expect(await producer.send(0) == .sent)
        let sender = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await producer.send(1)
        }
        #expect(await sender.value == .cancelled)
        let consumer = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var iterator = elements.makeAsyncIterator()
            return try await iterator.next()
        }
        await #expect(throws: CancellationError.self) { try await consumer.value }
        #expect(await producer.send(2) == .closed)
    }

    @Test func `letting go of the elements ends the channel`() async {
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 1)
        #expect(await producer.send(1) == .sent)
        _ = consume elements
        #expect(await producer.send(1) == .closed)
    }

    @Test func `letting go of the producer is an error for the consumer`() async throws {
        let elements = {
            let (producer, elements) = BoundedChannel<Int>.make(capacity: 2)
            #expect(producer.trySend(7) == .sent)
            return elements
        }()
        var iterator = elements.makeAsyncIterator()
        #expect(try await iterator.next() == 7)
        let error = await #expect(throws: ChannelAbandoned.self) { try await iterator.next() }
        #expect(error?.description == "stream: expected an end or a failure, found that the producer went away")
        #expect(try await iterator.next() == nil)
    }

    @Test func `a failure comes after all elements and only once`() async throws {
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 4)
        for number in 0..<3 { #expect(producer.trySend(number) == .sent) }
        producer.finish(throwing: Failure())
        producer.finish()
        #expect(producer.trySend(9) == .closed)
        var iterator = elements.makeAsyncIterator()
        for number in 0..<3 { #expect(try await iterator.next() == number) }
        await #expect(throws: Failure.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test func `a producer that never waits is told about room`() async throws {
        let signals = Mutex<[ChannelSignal]>([])
        let (producer, elements) = BoundedChannel<Int>.make(capacity: 1) { signal in
            signals.withLock { $0.append(signal) }
        }
        #expect(producer.trySend(1) == .sent)
        #expect(producer.trySend(2) == .full)
        #expect(producer.trySend(2) == .full)
        var iterator = elements.makeAsyncIterator()
        #expect(try await iterator.next() == 1)
        #expect(signals.withLock { $0 } == [.room])
        #expect(producer.trySend(2) == .sent)
        #expect(try await iterator.next() == 2)
        #expect(signals.withLock { $0 } == [.room])
        producer.finish()
        #expect(try await iterator.next() == nil)
    }

    @Test func `the channel lets go of everything that passed through it`() async throws {
        final class Witness: Sendable {}
        weak var last: Witness?
        do {
            let (producer, elements) = BoundedChannel<Witness>.make(capacity: 8)
            for _ in 0..<8 {
                let witness = Witness()
                last = witness
                #expect(producer.trySend(witness) == .sent)
            }
            var iterator = elements.makeAsyncIterator()
            for _ in 0..<3 { _ = try await iterator.next() }
            #expect(last != nil)
        }
        #expect(last == nil)
    }
}
