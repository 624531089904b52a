/// What an answer says, in the form in which it is compared.
indirect enum Meaning: Sendable {
    /// A number or an expression, with its unit.
    case scalar(Quotient, unit: String?)
    case infinity(isNegative: Bool)
    /// Entries in brackets, in order: a point, or an interval that an inequality may describe.
    case group(open: MathMark, [Meaning], close: MathMark)
    case set([Meaning])
    /// Several answers, in no order.
    case list([Meaning])
    case ratio([Meaning])
    case region(Region)
    case matrix([[Quotient]])
    /// What a variable is, or where it lies: `x = 3`, `x > 3`.
    case named(String, Meaning)
    /// left - right = 0; with the value that it gives a variable, where it does.
    case equation(Quotient, named: String?, Meaning?)
    /// left - right > 0, or ≥ 0.
    case inequality(Quotient, isStrict: Bool)
    /// left - right ≠ 0
    case difference(Quotient)
    /// The letter of an option; whether it was marked as one, and the words behind it.
    case choice(String, isMarked: Bool, rest: String?)
    case text(String)

    /// The kind, for people.
    var kind: String {
        switch self {
        case .scalar(let value, _): value.constant == nil ? "expression" : "number"
        case .infinity: "infinity"
        case .group: "tuple"
        case .set: "set"
        case .list: "list"
        case .ratio: "ratio"
        case .region: "interval"
        case .matrix: "matrix"
        case .named(_, let value): value.kind
        case .equation: "equation"
        case .inequality, .difference: "inequality"
        case .choice: "choice"
        case .text: "text"
        }
    }
}
