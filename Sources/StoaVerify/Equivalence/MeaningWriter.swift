/// Writes meanings in one form each, for people and for logs.
///
/// Equal rational numbers, polynomials of roots and the like have the same text; quotients of sums need not.
struct MeaningWriter {
    let algebra: Algebra

    func text(of meaning: Meaning) -> String {
        switch meaning {
        case .scalar(let value, let unit): return text(of: value) + (unit.map { " \($0)" } ?? "")
        case .infinity(let isNegative): return isNegative ? "-oo" : "oo"
        case .group(let open, let items, let close):
            return Self.brackets[open, default: "("] + joined(items) + Self.brackets[close, default: ")"]
        case .set(let items): return "{\(items.map(text).sorted().joined(separator: ", "))}"
        case .list(let items): return items.map(text).sorted().joined(separator: ", ")
        case .ratio(let items): return items.map(text).joined(separator: ":")
        case .region(let region): return text(of: region)
        case .matrix(let rows):
            return "[\(rows.map { "[\($0.map(text).joined(separator: ", "))]" }.joined(separator: ", "))]"
        case .named(let name, let value):
            if case .region = value { return "\(name) in \(text(of: value))" }
            return "\(name) = \(text(of: value))"
        case .equation(let difference, let name, let value):
            guard let name, let value else { return "\(text(of: difference)) = 0" }
            return "\(name) = \(text(of: value))"
        case .inequality(let value, let isStrict): return "\(text(of: value)) \(isStrict ? ">" : ">=") 0"
        case .difference(let value): return "\(text(of: value)) != 0"
        case .choice(let letter, _, _): return letter
        case .text(let text): return text
        }
    }

    private static let brackets: [MathMark: String] = [
        .openRound: "(", .closeRound: ")", .openSquare: "[", .closeSquare: "]", .openAngle: "<", .closeAngle: ">",
    ]

    private func joined(_ items: [Meaning]) -> String { items.map(text).joined(separator: ", ") }

    private func text(of region: Region) -> String {
        guard !region.intervals.isEmpty else { return "{}" }
        return region.intervals.map { interval in
            let low = interval.low.map(text) ?? "-oo"
            let high = interval.high.map(text) ?? "oo"
            return "\(interval.includesLow ? "[" : "(")\(low), \(high)\(interval.includesHigh ? "]" : ")")"
        }.joined(separator: " U ")
    }

    // MARK: - Expressions

    private func text(of value: Quotient) -> String {
        guard !value.below.isOne else { return text(of: value.above) }
        return "(\(text(of: value.above)))/(\(text(of: value.below)))"
    }

    func text(of value: Polynomial) -> String {
        if let constant = value.constant { return constant.description }
        let terms = value.terms.map { monomial, coefficient -> (degree: Rational, name: String, text: String) in
            let factors = monomial.map(text(of:)).sorted()
            let name = factors.joined(separator: "*")
            let degree = monomial.reduce(Rational(0)) { sum, power in
                algebra.isNumeric(power.factor) ? sum : sum + power.exponent.value
            }
            if name.isEmpty { return (degree, name, coefficient.description) }
            if coefficient == 1 { return (degree, name, name) }
            if coefficient == -1 { return (degree, name, "-" + name) }
            return (degree, name, "\(coefficient)*\(name)")
        }
        let sorted = terms.sorted { ($1.degree, $0.name) < ($0.degree, $1.name) }
        return sorted.reduce("") { sum, term in
            if sum.isEmpty { return term.text }
            return term.text.hasPrefix("-") ? "\(sum) - \(term.text.dropFirst())" : "\(sum) + \(term.text)"
        }
    }

    private func text(of power: FactorPower) -> String {
        let base: String
        switch algebra.factors[power.factor] {
        case .prime(let prime): base = prime.description
        case .imaginary: base = "i"
        case .pi: base = "pi"
        case .euler: base = "e"
        case .symbol(let name): base = name.replacing("\u{1}", with: "#")
        case .radicand(let value): base = "(\(text(of: value)))"
        case .function(let name, let arguments):
            base =
                "\(name.hasPrefix("call ") ? name.dropFirst(5)[...] : name[...])"
                + "(\(arguments.map(text).joined(separator: ", ")))"
        case .power(let factor, let exponent):
            let inner = text(of: FactorPower(factor: factor, exponent: .one))
            base = "(\(inner)^(\(exponent.map(text(of:)).sorted().joined(separator: "*"))))"
        }
        if power.exponent == .one { return base }
        if power.exponent.isWhole, power.exponent.above > 0 { return "\(base)^\(power.exponent.above)" }
        return "\(base)^(\(power.exponent.value))"
    }
}
