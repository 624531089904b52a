/// A generation as it happens, with back-pressure: a reader that is slow slows the generation down.
///
/// There is one reader. Waiting for the next event is what runs the model, so nothing runs ahead of the reader by more than
/// the request allows, except on the way of other sequences that are being read. Cancelling the reader's task or letting
/// go of the stream ends the generation.
public struct TokenStream: AsyncSequence, Sendable {
    /// What is delivered: tokens, then one end.
    public typealias Element = GenerationEvent

    let model: LocalModel
    let reader: TokenReader

    /// Reads the events.
    public struct Iterator: AsyncIteratorProtocol {
        let model: LocalModel
        let reader: TokenReader

        /// The next event; nil after the end.
        ///
        /// - Returns: an event, or nil.
        /// - Throws: what ended the generation early, or `CancellationError`.
        public mutating func next() async throws -> GenerationEvent? { try await model.nextEvent(reader) }
    }

    /// Starts reading.
    ///
    /// - Returns: the iterator of the one reader.
    public func makeAsyncIterator() -> Iterator { Iterator(model: model, reader: reader) }

    /// What has been generated so far; all of it once the end was delivered.
    public func generation() async -> Generation { await model.generation(reader) }
}

/// The reader's side of a stream: its end, in whatever way, ends the generation.
///
/// `@unchecked Sendable`: the driver and the job's state are touched on the lane alone.
final class TokenReader: @unchecked Sendable {
    let driver: GenerateDriver
    let job: Job

    init(driver: GenerateDriver, job: Job) {
        self.driver = driver
        self.job = job
    }

    deinit { job.cancel() }
}
