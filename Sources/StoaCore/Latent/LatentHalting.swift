internal import OrderedCollections

/// When thinking ends before all its steps are taken.
///
/// The rules look at the state that is about to be fed back, in the order of the members; the first that holds ends the
/// thought, and that state is not fed. So a thought may end without a single step.
public struct LatentHalting: Sendable, Hashable {
    /// Ends where the entropy of the next-token distribution is below this, in nats: the model is sure of what to say.
    ///
    /// Source: LaTER (arXiv:2605.07315).
    public var entropyBelow: Double?
    /// Ends where the entropy is above this, in nats: the thought has dissolved.
    public var entropyAbove: Double?
    /// Ends where the most probable token ends the turn.
    public var atEndOfTurn: Bool
    /// Ends where the cosine of the vector with one that was fed before is above this: the thought goes in circles.
    public var cycleCosine: Double?

    /// Describes when to end early; by default never.
    public init(
        entropyBelow: Double? = nil, entropyAbove: Double? = nil, atEndOfTurn: Bool = false,
        cycleCosine: Double? = nil
    ) {
        self.entropyBelow = entropyBelow
        self.entropyAbove = entropyAbove
        self.atEndOfTurn = atEndOfTurn
        self.cycleCosine = cycleCosine
    }

    /// `{entropy_below?, entropy_above?, end_of_turn?, cycle?}`.
    public var document: JSONValue {
        var members = JSONValue.Members()
        if let entropyBelow { members["entropy_below"] = .number(entropyBelow) }
        if let entropyAbove { members["entropy_above"] = .number(entropyAbove) }
        if atEndOfTurn { members["end_of_turn"] = true }
        if let cycleCosine { members["cycle"] = .number(cycleCosine) }
        return .object(members)
    }

    /// Reads the document; absent members are rules that do not apply.
    ///
    /// - Parameter document: what `document` gave.
    public init(document: JSONValue) {
        self.init(
            entropyBelow: document["entropy_below"]?.doubleValue, entropyAbove: document["entropy_above"]?.doubleValue,
            atEndOfTurn: document["end_of_turn"]?.boolValue ?? false, cycleCosine: document["cycle"]?.doubleValue)
    }
}

/// Why a thought ended.
public enum LatentHalt: String, Sendable, Hashable {
    /// All steps were taken.
    case steps
    /// The entropy left its bounds.
    case entropy
    /// The most probable token ended the turn.
    case endOfTurn = "end_of_turn"
    /// A vector came back.
    case cycle
}
