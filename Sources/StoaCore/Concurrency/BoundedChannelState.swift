/// The rules of a bounded channel as a value: every method changes the state and returns what the caller has to do.
///
/// Nothing here waits, locks or resumes. A sender or a receiver that has to wait leaves a waiter behind (a continuation
/// in the channel, a number in a test) and is answered exactly once: by the action of a later call.
///
/// Invariants: a waiting receiver means an empty buffer and no waiting sender; a waiting sender means a full buffer.
/// Elements leave in the order in which `send` accepted them, those of waiting senders included.
package struct BoundedChannelState<Element, SendWaiter, ReceiveWaiter> {
    /// How far the channel is on its way to its end.
    private enum Phase {
        /// Elements may be sent.
        case open
        /// The producers are done; what is buffered is still delivered, then the failure if there is one.
        case finished(failure: (any Error)?)
        /// The consumer has been told the end.
        case ended
        /// The consumer is gone.
        case closed
    }

    /// A sender that waits, with what it has to send.
    package struct Sender {
        package let ticket: UInt64
        package let element: Element
        package let waiter: SendWaiter
    }

    /// What a sender has to do.
    package enum SendAction {
        /// The element is accepted.
        case accepted
        /// The element is accepted; hand it to this receiver.
        case handOver(Element, to: ReceiveWaiter)
        /// The buffer is full: the waiter is kept.
        case wait
        /// The channel is at its end: the element is dropped.
        case closed
    }

    /// What the receiver has to do.
    package enum ReceiveAction {
        /// Take the element; tell this sender that its own element is accepted; tell the producer about the room.
        case take(Element, accepted: SendWaiter?, room: Bool)
        /// Nothing is there: the waiter is kept.
        case wait
        /// The end, with the producers' failure if there is one.
        case end((any Error)?)
        /// The consumer had gone before.
        case closed
    }

    /// Whom to tell that the producers are done.
    package struct FinishAction {
        /// The waiting receiver, to be given the end.
        package let receiver: ReceiveWaiter?
    }

    /// Whom to tell that the consumer is gone.
    package struct CloseAction {
        /// Whether the channel was not closed before.
        package let isFirst: Bool
        /// The waiting receiver.
        package let receiver: ReceiveWaiter?
        /// The waiting senders, in order; their elements are dropped.
        package let senders: FIFO<Sender>
        /// What was buffered: handed out so that it is released outside the lock.
        package let dropped: FIFO<Element>
    }

    private let capacity: Int
    private var phase = Phase.open
    private var buffer = FIFO<Element>()
    private var senders = FIFO<Sender>()
    private var receiver: ReceiveWaiter?
    /// Whether an attempt to send was refused since there was last room.
    private var hasRefused = false

    package init(capacity: Int) { self.capacity = capacity }

    /// How many elements are buffered, those of waiting senders not counted.
    package var bufferedCount: Int { buffer.count }

    /// How many senders wait.
    package var waitingCount: Int { senders.count }

    /// Sends an element, waiting for room if need be.
    ///
    /// - Parameters:
    ///   - element: what to send.
    ///   - ticket: the sender's number, for `cancelSend`; never used twice.
    ///   - waiter: is called for only where the sender has to wait.
    /// - Returns: what the sender has to do.
    package mutating func send(_ element: Element, ticket: UInt64, waiter: () -> SendWaiter) -> SendAction {
        guard case .open = phase else { return .closed }
        if let receiver = receiver.take() { return .handOver(element, to: receiver) }
        if buffer.count < capacity {
            buffer.append(element)
            return .accepted
        }
        senders.append(Sender(ticket: ticket, element: element, waiter: waiter()))
        return .wait
    }

    /// Sends an element if there is room; `.wait` means that there is none, and nothing was kept.
    package mutating func trySend(_ element: Element) -> SendAction {
        guard case .open = phase else { return .closed }
        if let receiver = receiver.take() { return .handOver(element, to: receiver) }
        guard buffer.count < capacity else {
            hasRefused = true
            return .wait
        }
        buffer.append(element)
        return .accepted
    }

    /// Withdraws a waiting sender; nil where it does not wait (any more).
    package mutating func cancelSend(ticket: UInt64) -> Sender? { senders.removeFirst { $0.ticket == ticket } }

    /// Receives the next element, waiting for one if need be.
    ///
    /// - Parameter waiter: is called for only where the receiver has to wait.
    /// - Returns: what the receiver has to do.
    package mutating func receive(waiter: () -> ReceiveWaiter) -> ReceiveAction {
        precondition(receiver == nil, "a bounded channel has one consumer, and it is already waiting")
        if let element = buffer.popFirst() {
            guard let sender = senders.popFirst() else {
                let room = hasRefused
                hasRefused = false
                return .take(element, accepted: nil, room: room)
            }
            buffer.append(sender.element)
            return .take(element, accepted: sender.waiter, room: false)
        }
        switch phase {
        case .open:
            receiver = waiter()
            return .wait
        case .finished(let failure):
            phase = .ended
            return .end(failure)
        case .ended: return .end(nil)
        case .closed: return .closed
        }
    }

    /// Ends the channel from the producers' side; elements already accepted or waiting are still delivered.
    package mutating func finish(failure: (any Error)?) -> FinishAction {
        guard case .open = phase else { return FinishAction(receiver: nil) }
        guard let receiver = receiver.take() else {
            phase = .finished(failure: failure)
            return FinishAction(receiver: nil)
        }
        // The receiver that waits is given the end at once.
        phase = .ended
        return FinishAction(receiver: receiver)
    }

    /// Ends the channel from the consumer's side; what was not received is dropped.
    package mutating func close() -> CloseAction {
        switch phase {
        case .ended, .closed: return CloseAction(isFirst: false, receiver: nil, senders: FIFO(), dropped: FIFO())
        case .open, .finished: break
        }
        phase = .closed
        let action = CloseAction(isFirst: true, receiver: receiver.take(), senders: senders, dropped: buffer)
        senders = FIFO()
        buffer = FIFO()
        return action
    }
}
