internal import StoaCore

/// What a sequence wants fed next.
package struct Demand {
    /// The inputs, in order; the scheduler may feed them in several passes.
    package var inputs: [ModelInput]
    /// How token rows are labelled.
    package var origin: KVCache.Origin
    /// What is to come back; `last` is the last of these inputs.
    package var outputs: OutputRequest
    /// The position of each input; nil for the next ones.
    package var positions: [Int32]?
    /// Attention override for these inputs (E9); a demand with a mask is fed in one pass.
    package var mask: AttentionMask?
    /// How many of the inputs, the last ones, are guesses (E9): they share a pass with the first or are left out, and those
    /// that the driver rejects are as if they had never been fed.
    package var drafted: Int

    /// Creates a demand.
    package init(
        inputs: [ModelInput], origin: KVCache.Origin, outputs: OutputRequest = OutputRequest(),
        positions: [Int32]? = nil, mask: AttentionMask? = nil, drafted: Int = 0
    ) {
        self.drafted = drafted
        self.inputs = inputs
        self.origin = origin
        self.outputs = outputs
        self.positions = positions
        self.mask = mask
    }
}

/// What is done with one sequence, as a state machine that knows nothing of batches, memory or threads.
///
/// Generation, scoring, latent thought, search and speculation differ only in their drivers: the scheduler feeds what a
/// driver demands and hands back what it asked for.
///
/// Isolation: one compute lane.
package protocol SequenceDriver: AnyObject {
    /// What to feed next; nil when the work is done. Called when the previous demand has been fed in full.
    func next() throws -> Demand?
    /// Takes what came back for one row. Rows arrive in order; the buffers are valid during the call only.
    func receive(_ output: RowOutput) throws
    /// Whether the driver has to wait for its consumer before it may go on.
    var isBlocked: Bool { get }
    /// How many of the guesses that were fed just now turned out to be wrong: the last ones, from the first wrong one on.
    ///
    /// - Parameter fed: how many guesses were fed.
    /// - Returns: how many of them, counted from the last one, are to be taken back.
    func takeRejected(of fed: Int) -> Int
}

extension SequenceDriver {
    /// Most drivers never wait.
    package var isBlocked: Bool { false }
    /// Most drivers guess nothing.
    package func takeRejected(of fed: Int) -> Int { 0 }
}
