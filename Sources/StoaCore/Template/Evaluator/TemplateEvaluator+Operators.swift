private import Glibc

/// A number, once booleans are taken as integers.
enum TemplateNumber {
    case integer(Int)
    case float(Double)

    var double: Double {
        switch self {
        case .integer(let value): Double(value)
        case .float(let value): value
        }
    }

    /// Whether both are the same number; integers are not rounded for it.
    func isEqual(to other: TemplateNumber) -> Bool {
        switch (self, other) {
        case (.integer(let first), .integer(let second)): first == second
        case (.float(let first), .float(let second)): first == second
        case (.integer(let integer), .float(let float)), (.float(let float), .integer(let integer)):
            Int(exactly: float) == integer
        }
    }

    /// Whether this number is below the other; integers are not rounded for it.
    func isLess(than other: TemplateNumber) -> Bool {
        switch (self, other) {
        case (.integer(let first), .integer(let second)): return first < second
        case (.float(let first), .float(let second)): return first < second
        case (.integer(let integer), .float(let float)):
            guard let whole = Int(exactly: float.rounded(.down)) else { return float > 0 }
            return integer < whole || integer == whole && float > float.rounded(.down)
        case (.float(let float), .integer(let integer)):
            guard let whole = Int(exactly: float.rounded(.down)) else { return float < 0 }
            return whole < integer
        }
    }
}

extension TemplateValue {
    /// The value as a number, or nil where it is none.
    var number: TemplateNumber? {
        switch self {
        case .bool(let value): .integer(value ? 1 : 0)
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        default: nil
        }
    }
}

extension TemplateEvaluator {
    func negated(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if case .undefined(let undefined) = value { throw failure(undefined) }
        switch value.number {
        case .integer(let number): return .integer(try checked(0.subtractingReportingOverflow(number)))
        case .float(let number): return .float(-number)
        case nil: throw failure("bad operand type for unary -: '\(value.typeName)'")
        }
    }

    func plus(_ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if case .undefined(let undefined) = value { throw failure(undefined) }
        switch value.number {
        case .integer(let number): return .integer(number)
        case .float(let number): return .float(number)
        case nil: throw failure("bad operand type for unary +: '\(value.typeName)'")
        }
    }

    private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int {
        guard !result.overflow else { throw failure("integer result beyond 64 bits", .limit) }
        return result.partialValue
    }

    func binary(
        _ operation: ExpressionNode.Binary, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if let first = left.number, let second = right.number { return try arithmetic(operation, first, second) }
        switch (operation, left, right) {
        case (.modulo, .string(let format), _): return .string(try percentFormat(format, right))
        case (_, .undefined(let undefined), _), (_, _, .undefined(let undefined)): throw failure(undefined)
        case (.add, .string(let first), .string(let second)): return .string(try joined(first, second))
        case (.add, .sequence(let first), .sequence(let second)):
            if first.kind.isList && second.kind.isList || first.kind.isTuple && second.kind.isTuple {
                try charge(elements: first.elements.count + second.elements.count)
                return try sequence(first.kind.isList ? .list : .tuple, first.elements + second.elements)
            }
        case (.multiply, .string(let text), _) where right.number != nil:
            return try repeated(text, try integer(right, "the number of repetitions"))
        case (.multiply, _, .string(let text)) where left.number != nil:
            return try repeated(text, try integer(left, "the number of repetitions"))
        case (.multiply, .sequence(let sequence), _) where right.number != nil && hasRepetition(sequence):
            return try repeated(sequence, try integer(right, "the number of repetitions"))
        case (.multiply, _, .sequence(let sequence)) where left.number != nil && hasRepetition(sequence):
            return try repeated(sequence, try integer(left, "the number of repetitions"))
        default: break
        }
        throw failure(
            "unsupported operand types for \(operation.rawValue): '\(left.typeName)' and '\(right.typeName)'")
    }

    private func hasRepetition(_ sequence: TemplateSequence) -> Bool { sequence.kind.isList || sequence.kind.isTuple }

    /// Concatenation; markup escapes what is not markup.
    func joined(_ first: TemplateString, _ second: TemplateString) throws(TemplateError) -> TemplateString {
        try charge(bytes: first.utf8.count + second.utf8.count)
        guard first.isMarkup || second.isMarkup else {
            var result = first
            result.append(second)
            return result
        }
        var result = first.isMarkup ? first : try escaped(first)
        result.append(second.isMarkup ? second : try escaped(second))
        return result.markup(true)
    }

    /// The text with HTML's special characters replaced.
    func escaped(_ text: TemplateString) throws(TemplateError) -> TemplateString {
        try charge(bytes: text.utf8.count * 5)
        return text.mapped { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "'": "&#39;"
            case "\"": "&#34;"
            default: String(scalar)
            }
        }.markup(true)
    }

    func repeated(_ text: TemplateString, _ count: Int) throws(TemplateError) -> TemplateValue {
        guard count > 0, !text.isEmpty else { return .string(TemplateString().markup(text.isMarkup)) }
        let (total, overflow) = text.utf8.count.multipliedReportingOverflow(by: count)
        try charge(bytes: overflow ? Int.max : total)
        var result = TemplateString()
        for _ in 0..<count { result.append(text) }
        return .string(result.markup(text.isMarkup))
    }

    private func repeated(_ sequence: TemplateSequence, _ count: Int) throws(TemplateError) -> TemplateValue {
        let kind: TemplateSequence.Kind = sequence.kind.isList ? .list : .tuple
        guard count > 0, !sequence.elements.isEmpty else { return try self.sequence(kind, []) }
        let (total, overflow) = sequence.elements.count.multipliedReportingOverflow(by: count)
        guard !overflow, total <= limits.elements else {
            throw failure("list longer than \(limits.elements) elements", .limit)
        }
        try charge(elements: total)
        return try self.sequence(kind, Array(repeatElement(sequence.elements, count: count).joined()))
    }

    // MARK: - Arithmetic

    private func arithmetic(
        _ operation: ExpressionNode.Binary, _ left: TemplateNumber, _ right: TemplateNumber
    ) throws(TemplateError) -> TemplateValue {
        if case .integer(let first) = left, case .integer(let second) = right {
            return try arithmetic(operation, first, second)
        }
        let first = left.double
        let second = right.double
        switch operation {
        case .add: return .float(first + second)
        case .subtract: return .float(first - second)
        case .multiply: return .float(first * second)
        case .divide:
            guard second != 0 else { throw failure("float division by zero") }
            return .float(first / second)
        case .floorDivide:
            guard second != 0 else { throw failure("float floor division by zero") }
            return .float(floorDivision(first, second))
        case .modulo:
            guard second != 0 else { throw failure("float modulo") }
            return .float(remainder(first, second))
        case .power: return .float(try power(first, second))
        }
    }

    private func arithmetic(
        _ operation: ExpressionNode.Binary, _ first: Int, _ second: Int
    ) throws(TemplateError) -> TemplateValue {
        switch operation {
        case .add: return .integer(try checked(first.addingReportingOverflow(second)))
        case .subtract: return .integer(try checked(first.subtractingReportingOverflow(second)))
        case .multiply: return .integer(try checked(first.multipliedReportingOverflow(by: second)))
        case .divide:
            guard second != 0 else { throw failure("division by zero") }
            return .float(Double(first) / Double(second))
        case .floorDivide:
            guard second != 0 else { throw failure("integer division or modulo by zero") }
            let quotient = try checked(first.dividedReportingOverflow(by: second))
            return .integer(first % second != 0 && (first < 0) != (second < 0) ? quotient - 1 : quotient)
        case .modulo:
            guard second != 0 else { throw failure("integer modulo by zero") }
            return .integer(modulo(first, second))
        case .power: return try power(first, second)
        }
    }

    func modulo(_ first: Int, _ second: Int) -> Int {
        if second == -1 { return 0 }
        let remainder = first % second
        return remainder != 0 && (remainder < 0) != (second < 0) ? remainder + second : remainder
    }

    private func remainder(_ first: Double, _ second: Double) -> Double {
        var result = fmod(first, second)
        if result != 0 {
            if (second < 0) != (result < 0) { result += second }
        } else {
            result = copysign(0, second)
        }
        return result
    }

    private func floorDivision(_ first: Double, _ second: Double) -> Double {
        let modulus = remainder(first, second)
        let quotient = (first - modulus) / second
        guard quotient != 0 else { return copysign(0, first / second) }
        let floor = quotient.rounded(.down)
        return quotient - floor > 0.5 ? floor + 1 : floor
    }

    private func power(_ base: Double, _ exponent: Double) throws(TemplateError) -> Double {
        if base == 0, exponent < 0 { throw failure("0.0 cannot be raised to a negative power") }
        if base < 0, base.isFinite, exponent.isFinite, exponent != exponent.rounded() {
            throw failure("a negative number to a fractional power is not a real number")
        }
        let result = pow(base, exponent)
        if result.isInfinite, base.isFinite, exponent.isFinite { throw failure("numerical result out of range") }
        return result
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> TemplateValue {
        if exponent < 0 {
            guard base != 0 else { throw failure("0.0 cannot be raised to a negative power") }
            return .float(pow(Double(base), Double(exponent)))
        }
        if base == 1 || exponent == 0 { return .integer(1) }
        if base == 0 { return .integer(0) }
        if base == -1 { return .integer(exponent % 2 == 0 ? 1 : -1) }
        var result = 1
        for _ in 0..<min(exponent, 64) { result = try checked(result.multipliedReportingOverflow(by: base)) }
        return .integer(result)
    }
}
