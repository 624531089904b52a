internal import OrderedCollections

/// How a model thinks without words: how far, what is fed back, when it ends early, and what is written down of it.
///
/// Source: LatentMAS (arXiv:2511.20639), section 3.1; the feedback modes and halting rules beyond it are named where they
/// are defined.
public struct Thinking: Sendable, Hashable {
    /// The most latent vectors that are fed.
    public var steps: Int
    /// What becomes of a hidden state on its way back in.
    public var feedback: LatentFeedback
    /// When thinking ends before all steps are taken.
    public var halting: LatentHalting
    /// Whether each step's trace is written down, which costs two products with the vocabulary per step.
    public var isTraced: Bool

    /// Describes how to think.
    ///
    /// - Parameters:
    ///   - steps: the most latent vectors that are fed; 0 only reads the conversation.
    ///   - feedback: what becomes of a hidden state on its way back in.
    ///   - halting: when thinking ends early.
    ///   - isTraced: whether each step's trace is written down.
    public init(
        steps: Int, feedback: LatentFeedback = .automatic, halting: LatentHalting = LatentHalting(),
        isTraced: Bool = false
    ) {
        self.steps = steps
        self.feedback = feedback
        self.halting = halting
        self.isTraced = isTraced
    }

    /// `{steps, feedback?, halt?, trace?}`; what has its usual value is left out.
    public var document: JSONValue {
        var members: JSONValue.Members = ["steps": .integer(Int64(steps))]
        if feedback != .automatic { members["feedback"] = feedback.document }
        if halting != LatentHalting() { members["halt"] = halting.document }
        if isTraced { members["trace"] = true }
        return .object(members)
    }

    /// Reads the document; nil for anything else.
    ///
    /// - Parameter document: what `document` gave.
    public init?(document: JSONValue) {
        guard let steps = document["steps"]?.intValue else { return nil }
        self.init(steps: steps, isTraced: document["trace"]?.boolValue ?? false)
        if let value = document["feedback"] {
            guard let feedback = LatentFeedback(document: value) else { return nil }
            self.feedback = feedback
        }
        if let value = document["halt"] { halting = LatentHalting(document: value) }
    }
}
