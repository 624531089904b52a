private import Glibc

/// Filters to and from numbers.
enum NumberFilters {
    static let all: [String: TemplateFilters.Filter] = [
        "abs": absolute, "filesizeformat": filesizeformat, "float": float, "int": int, "round": round,
    ]

    @Sendable static func absolute(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "abs", [])
        switch value.number {
        case .integer(let number): return number < 0 ? try evaluator.negated(.integer(number)) : .integer(number)
        case .float(let number): return .float(number.magnitude)
        case nil: throw evaluator.failure("bad operand type for abs(): '\(value.typeName)'")
        }
    }

    @Sendable static func int(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "int", ["default", "base"])
        let fallback = values[0] ?? .integer(0)
        let base = try evaluator.integer(values[1] ?? .integer(10), "the base of int")
        switch value {
        case .string(let text):
            try evaluator.charge(bytes: text.utf8.count)
            if let number = PythonNumber.integer(text.text, base: base) { return .integer(number) }
            guard let number = PythonNumber.float(text.text) else { return fallback }
            return try truncated(number, evaluator, fallback)
        case .integer, .bool: return .integer(try evaluator.integer(value, "int"))
        case .float(let number): return try truncated(number, evaluator, fallback)
        case .undefined(let undefined): throw evaluator.failure(undefined)
        default: return fallback
        }
    }

    private static func truncated(
        _ number: Double, _ evaluator: TemplateEvaluator, _ fallback: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        guard number.isFinite else { return fallback }
        guard let integer = Int(exactly: number.rounded(.towardZero)) else {
            throw evaluator.failure("integer result beyond 64 bits", .limit)
        }
        return .integer(integer)
    }

    @Sendable static func float(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "float", ["default"])
        if case .undefined(let undefined) = value { throw evaluator.failure(undefined) }
        if let number = value.number { return .float(number.double) }
        if case .string(let text) = value {
            try evaluator.charge(bytes: text.utf8.count)
            if let number = PythonNumber.float(text.text) { return .float(number) }
        }
        return values[0] ?? .float(0)
    }

    @Sendable static func round(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "round", ["precision", "method"])
        let precision = try evaluator.integer(values[0] ?? .integer(0), "the precision of round")
        let method = try evaluator.string(values[1] ?? .trusted("common"), "the method of round").text
        guard ["common", "ceil", "floor"].contains(method) else {
            throw evaluator.failure("method must be common, ceil or floor")
        }
        if case .undefined(let undefined) = value { throw evaluator.failure(undefined) }
        guard let number = value.number else {
            throw evaluator.failure("type \(value.typeName) can't be rounded")
        }
        guard precision.magnitude <= 300 else { throw evaluator.failure("precision beyond 300 digits", .limit) }
        if method == "common" { return rounded(number, precision) }
        let scale = pow(10, Double(precision))
        let scaled = number.double * scale
        return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
    }

    private static func rounded(_ number: TemplateNumber, _ precision: Int) -> TemplateValue {
        switch number {
        case .integer(let value):
            guard precision < 0 else { return .integer(value) }
            guard precision > -19 else { return .integer(0) }
            var unit = 1
            for _ in 0..<(-precision) { unit *= 10 }
            let remainder = ((value % unit) + unit) % unit
            let low = value - remainder
            let isUp = remainder > unit - remainder || remainder == unit - remainder && (low / unit) % 2 != 0
            return .integer(isUp ? low &+ unit : low)
        case .float(let value):
            guard value.isFinite else { return .float(value) }
            if precision < 0 {
                let scale = pow(10, Double(-precision))
                return .float((value / scale).rounded(.toNearestOrEven) * scale)
            }
            // The C library rounds the exact decimal value, half to even, which is what Python does.
            return .float(Double(PythonNumber.text(of: value, conversion: "f", precision: precision)) ?? value)
        }
    }

    @Sendable static func filesizeformat(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "filesizeformat", ["binary"])
        let isBinary = try evaluator.truth(of: values[0] ?? .bool(false))
        guard case .float(let bytes) = try float(evaluator, value, TemplateArguments([.null])) else {
            throw evaluator.failure("filesizeformat needs a number")
        }
        let base: Double = isBinary ? 1024 : 1000
        let prefixes =
            isBinary
            ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
            : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
        if bytes == 1 { return .string(TemplateString("1 Byte")) }
        if bytes < base {
            guard let whole = Int(exactly: bytes.rounded(.towardZero)) else {
                throw evaluator.failure("filesizeformat needs a finite number")
            }
            return .string(TemplateString("\(whole) Bytes"))
        }
        var unit = base
        for (index, prefix) in prefixes.enumerated() {
            unit *= base
            guard bytes < unit || index == prefixes.count - 1 else { continue }
            let text = PythonNumber.text(of: base * bytes / unit, conversion: "f", precision: 1)
            return .string(TemplateString("\(text) \(prefix)"))
        }
        return .null
    }
}
