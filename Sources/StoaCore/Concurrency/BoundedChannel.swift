private import Synchronization

/// How an attempt to send ended.
public enum SendOutcome: Sendable, Hashable {
    /// The element is in the channel and will be delivered unless the consumer goes away.
    case sent
    /// There is no room now, and the element was not kept.
    case full
    /// The channel has ended: the consumer is gone or `finish` was called. The producer should stop.
    case closed
    /// The sending task was cancelled while it waited; the element was not kept.
    case cancelled
}

/// What a producer that does not wait is told about the consumer.
public enum ChannelSignal: Sendable, Hashable {
    /// There is room again after an attempt to send had found none.
    case room
    /// The consumer is gone: its task was cancelled or it let go of the elements.
    case consumerGone
}

/// Every producer of a channel went away before one of them finished it.
public struct ChannelAbandoned: StoaError, Hashable {
    /// A defect in the program, not in its input.
    public var kind: FailureKind { .failure }
    /// What happened.
    public var message: String { "stream: expected an end or a failure, found that the producer went away" }
    /// Nothing beyond the message.
    public var hint: String? { nil }
}

/// A channel between tasks that holds a bounded number of elements.
///
/// A producer that is too fast waits until the consumer has caught up, so memory is bounded whatever the speeds. Any
/// number of producers may send; one consumer iterates. Elements are delivered once each, in the order in which they
/// were accepted; the end, or a failure, comes after all of them.
///
///     let (producer, elements) = BoundedChannel<Int>.make(capacity: 8)
///
/// Cancelling the consumer's task, or letting go of the elements and of their iterator, ends the channel: senders that
/// wait are told `.closed`, and so is everyone who sends later. Cancelling a sender that waits withdraws its element.
/// When the last reference to the producer goes without an end, the consumer is given `ChannelAbandoned`.
///
/// Isolation: none; producer and consumer may live anywhere. No lock is held while anything waits or is resumed.
public enum BoundedChannel<Element: Sendable> {
    /// Creates a channel.
    ///
    /// - Parameters:
    ///   - capacity: how many elements may wait for the consumer, at least 1.
    ///   - onSignal: is told, outside any lock and on the consumer's thread, what a producer that uses `trySend` needs
    ///     to know; it must not wait.
    /// - Returns: the two ends.
    public static func make(
        capacity: Int, onSignal: (@Sendable (ChannelSignal) -> Void)? = nil
    ) -> (producer: Producer, elements: Elements) {
        precondition(capacity > 0, "a channel has room for at least one element")
        let core = ChannelCore<Element>(capacity: capacity, onSignal: onSignal)
        return (Producer(core: core), Elements(consumer: Consumer(core: core)))
    }

    /// The sending end; may be shared between tasks.
    public final class Producer: Sendable {
        private let core: ChannelCore<Element>

        fileprivate init(core: ChannelCore<Element>) { self.core = core }

        deinit { core.finish(failure: ChannelAbandoned()) }

        /// Sends an element, waiting while the channel is full.
        ///
        /// - Parameter element: what to send.
        /// - Returns: `.sent`, `.closed` or `.cancelled`.
        public func send(_ element: Element) async -> SendOutcome { await core.send(element) }

        /// Sends an element if there is room; never waits.
        ///
        /// - Parameter element: what to send.
        /// - Returns: `.sent`, `.full` (the next room is signalled) or `.closed`.
        public func trySend(_ element: Element) -> SendOutcome { core.trySend(element) }

        /// Ends the channel; the consumer is told after it has received everything.
        ///
        /// - Parameter failure: the error that the consumer's loop throws; nil where all went well. Only the first end
        ///   counts.
        public func finish(throwing failure: (any Error)? = nil) { core.finish(failure: failure) }
    }

    /// The consumer's stake in the channel: when the last reference goes, so does the consumer.
    fileprivate final class Consumer: Sendable {
        let core: ChannelCore<Element>
        init(core: ChannelCore<Element>) { self.core = core }
        deinit { core.close() }
    }

    /// The receiving end: to be iterated by one task at a time.
    public struct Elements: AsyncSequence, Sendable {
        fileprivate let consumer: Consumer

        /// Makes the iterator; a second one takes up where the first one left off.
        public func makeAsyncIterator() -> Iterator { Iterator(consumer: consumer) }

        /// Receives elements one by one.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate let consumer: Consumer

            /// The next element, waiting for one if need be; nil after the end.
            ///
            /// - Returns: the element.
            /// - Throws: the failure the channel was finished with, once; `CancellationError` where the task is or was
            ///   cancelled, which ends the channel.
            public mutating func next() async throws -> Element? { try await consumer.core.receive() }
        }
    }
}

/// The shell around the state: takes the lock, changes the state, leaves the lock, and only then resumes.
private final class ChannelCore<Element: Sendable>: Sendable {
    private typealias SendWaiter = CheckedContinuation<SendOutcome, Never>
    private typealias ReceiveWaiter = CheckedContinuation<Element?, any Error>
    private typealias State = BoundedChannelState<Element, SendWaiter, ReceiveWaiter>

    private let state: Guarded<State>
    private let tickets = Atomic<UInt64>(0)
    private let onSignal: (@Sendable (ChannelSignal) -> Void)?

    init(capacity: Int, onSignal: (@Sendable (ChannelSignal) -> Void)?) {
        state = Guarded(State(capacity: capacity))
        self.onSignal = onSignal
    }

    func trySend(_ element: Element) -> SendOutcome {
        perform(state.withLock { $0.trySend(element) }, whenWaiting: .full)
    }

    func send(_ element: Element) async -> SendOutcome {
        let ticket = tickets.add(1, ordering: .relaxed).oldValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let action = state.withLock { $0.send(element, ticket: ticket, waiter: { continuation }) }
                if case .wait = action {
                    // A cancellation that came before the waiter was there found nobody to wake.
                    if Task.isCancelled { cancelSend(ticket: ticket) }
                } else {
                    continuation.resume(returning: perform(action, whenWaiting: .full))
                }
            }
        } onCancel: {
            cancelSend(ticket: ticket)
        }
    }

    private func perform(_ action: State.SendAction, whenWaiting outcome: SendOutcome) -> SendOutcome {
        switch action {
        case .accepted: return .sent
        case .handOver(let element, let receiver):
            receiver.resume(returning: element)
            return .sent
        case .wait: return outcome
        case .closed: return .closed
        }
    }

    private func cancelSend(ticket: UInt64) {
        state.withLock { $0.cancelSend(ticket: ticket) }?.waiter.resume(returning: .cancelled)
    }

    func receive() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                switch state.withLock({ $0.receive(waiter: { continuation }) }) {
                case .take(let element, let sender, let room):
                    continuation.resume(returning: element)
                    sender?.resume(returning: .sent)
                    if room { onSignal?(.room) }
                // A cancellation that came first has closed the channel, so nobody waits in vain.
                case .wait: break
                case .end(let failure):
                    if let failure {
                        continuation.resume(throwing: failure)
                    } else {
                        continuation.resume(returning: nil)
                    }
                case .closed: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            close()
        }
    }

    func finish(failure: (any Error)?) {
        guard let receiver = state.withLock({ $0.finish(failure: failure) }).receiver else { return }
        if let failure { receiver.resume(throwing: failure) } else { receiver.resume(returning: nil) }
    }

    func close() {
        let action = state.withLock { $0.close() }
        action.receiver?.resume(throwing: CancellationError())
        var senders = action.senders
        while let sender = senders.popFirst() { sender.waiter.resume(returning: .closed) }
        if action.isFirst { onSignal?(.consumerGone) }
    }
}
