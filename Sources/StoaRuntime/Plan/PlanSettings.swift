/// One of some words that is either written down or rendered.
public enum PlanWord: Sendable {
    /// Written down.
    case literal(String)
    /// Rendered when it is needed, and then one of these words.
    case text(PlanText, among: [String])

    /// The names it reads.
    public var names: [String] {
        switch self {
        case .literal: []
        case .text(let text, _): text.names
        }
    }
}

/// `true` or `false`, either written down or computed.
public enum PlanFlag: Sendable {
    /// Written down.
    case literal(Bool)
    /// Computed when it is needed.
    case expression(PlanExpression)

    /// The names it reads.
    public var names: [String] {
        switch self {
        case .literal: []
        case .expression(let expression): expression.names
        }
    }
}

/// A number that is either written down or computed.
public enum PlanAmount: Sendable {
    /// Written down.
    case literal(Double)
    /// Computed when it is needed, and then in this range.
    case expression(PlanExpression, in: ClosedRange<Double>)

    /// The names it reads.
    public var names: [String] {
        switch self {
        case .literal: []
        case .expression(let expression, _): expression.names
        }
    }
}
