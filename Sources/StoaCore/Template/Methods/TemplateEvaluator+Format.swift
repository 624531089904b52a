extension TemplateEvaluator {
    // MARK: - The % operator

    /// Python's `format % value`.
    func percentFormat(_ format: TemplateString, _ value: TemplateValue) throws(TemplateError) -> TemplateString {
        try charge(bytes: format.utf8.count)
        var arguments = [value][...]
        if case .sequence(let sequence) = value, sequence.kind.isTuple { arguments = sequence.elements[...] }
        var result = TemplateString()
        var start = 0
        var wasNamed = false
        while let offset = format.utf8[start...].firstIndex(of: UInt8(ascii: "%")) {
            result.append(format, range: start..<offset)
            var rest = PercentField(format, at: offset + 1)
            var argument: TemplateValue?
            if let name = try rest.name(self) {
                guard case .dictionary(let dictionary) = value else { throw failure("format requires a mapping") }
                guard let item = dictionary[.string(name)] else {
                    throw failure("format names '\(name.text)', which the mapping does not have")
                }
                argument = item
                wasNamed = true
            }
            try rest.parse(self) { () throws(TemplateError) in
                guard let width = arguments.popFirst() else { throw self.failure("not enough arguments for format") }
                return try self.integer(width, "* in a format")
            }
            start = rest.end
            if rest.conversion == "%" {
                result.append("%", isTrusted: format.isTrusted(at: offset))
                continue
            }
            guard let argument = argument ?? arguments.popFirst() else {
                throw failure("not enough arguments for format string")
            }
            result.append(try apply(rest.format, rest.conversion, to: argument))
            if result.utf8.count > limits.bytes { throw failure("text longer than \(limits.bytes) bytes", .limit) }
        }
        result.append(format, range: start..<format.utf8.count)
        if !arguments.isEmpty, !wasNamed {
            if case .dictionary = value { return result.markup(format.isMarkup) }
            throw failure("not all arguments converted during string formatting")
        }
        return result.markup(format.isMarkup)
    }

    private func apply(
        _ format: TemplateFormat, _ conversion: Unicode.Scalar, to value: TemplateValue
    ) throws(TemplateError) -> TemplateString {
        try charge(format.width / 32 + 1)
        switch conversion {
        case "s", "r", "a":
            var text = conversion == "s" ? try self.text(of: value) : try representation(of: value)
            try charge(bytes: text.utf8.count)
            if let precision = format.precision { text = text.slice(0..<text.offset(ofScalar: precision)) }
            return format.padded(text, default: .right)
        case "c":
            if case .string(let text) = value, text.scalarCount == 1 { return format.padded(text, default: .right) }
            guard case .integer(let code) = value, let code = UInt32(exactly: code), let scalar = Unicode.Scalar(code)
            else { throw failure("%c requires an integer or a character") }
            return format.padded(TemplateString(String(scalar), isTrusted: false), default: .right)
        case "d", "i", "u", "x", "X", "o": return try applyInteger(format, conversion, to: value)
        case "e", "E", "f", "F", "g", "G":
            guard let number = value.number else {
                throw failure("must be real number, not \(value.typeName)")
            }
            var format = format
            format.conversion = conversion
            guard let text = format.apply(to: .float(number.double)) else { throw failure("invalid format") }
            return text
        default: throw failure("unsupported format character '\(conversion)'")
        }
    }

    private func applyInteger(
        _ format: TemplateFormat, _ conversion: Unicode.Scalar, to value: TemplateValue
    ) throws(TemplateError) -> TemplateString {
        let number: Int
        switch value.number {
        case .integer(let value): number = value
        case .float(let value) where "diu".unicodeScalars.contains(conversion):
            guard let truncated = Int(exactly: value.rounded(.towardZero)) else {
                throw failure("cannot convert this float to an integer")
            }
            number = truncated
        default:
            throw failure("%\(conversion) format: a number is required, not \(value.typeName)")
        }
        var format = format
        format.conversion = "iu".unicodeScalars.contains(conversion) ? "d" : conversion
        let digits = format.precision ?? 0
        format.precision = nil
        if digits > 0 {
            let text = String(number.magnitude)
            let padding = String(repeating: "0", count: max(0, digits - text.count))
            let sign = number < 0 ? "-" : format.sign.map { $0 == "-" ? "" : String($0) } ?? ""
            return format.padded(TemplateString(sign + padding + text, isTrusted: false), default: .right)
        }
        guard let text = format.apply(to: .integer(number)) else { throw failure("invalid format") }
        return text
    }

    // MARK: - str.format

    /// Python's `format.format(…)`.
    func format(
        _ format: TemplateString, _ arguments: TemplateArguments, nesting: Int = 0, next: inout Int
    ) throws(TemplateError) -> TemplateString {
        guard nesting < 3 else { throw failure("Max string recursion exceeded") }
        var result = TemplateString()
        var start = 0
        var offset = 0
        let bytes = format.utf8
        while offset < bytes.count {
            let byte = bytes[offset]
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                offset += 1
                continue
            }
            result.append(format, range: start..<offset)
            if offset + 1 < bytes.count, bytes[offset + 1] == byte {
                result.append(format, range: offset..<offset + 1)
                offset += 2
            } else {
                guard byte == UInt8(ascii: "{") else { throw failure("Single '}' encountered in format string") }
                let end = try fieldEnd(bytes, from: offset + 1)
                result.append(
                    try field(format.slice(offset + 1..<end), arguments, nesting: nesting, next: &next))
                offset = end + 1
            }
            start = offset
            if result.utf8.count > limits.bytes { throw failure("text longer than \(limits.bytes) bytes", .limit) }
        }
        result.append(format, range: start..<bytes.count)
        return result
    }

    private func fieldEnd(_ bytes: [UInt8], from start: Int) throws(TemplateError) -> Int {
        var open = 1
        for offset in start..<bytes.count {
            if bytes[offset] == UInt8(ascii: "{") { open += 1 }
            if bytes[offset] == UInt8(ascii: "}") { open -= 1 }
            if open == 0 { return offset }
        }
        throw failure("expected '}' before end of string")
    }

    private func field(
        _ field: TemplateString, _ arguments: TemplateArguments, nesting: Int, next: inout Int
    ) throws(TemplateError) -> TemplateString {
        try charge(bytes: field.utf8.count)
        let scalars = Array(field.text.unicodeScalars)
        let nameEnd = scalars.firstIndex { $0 == ":" || $0 == "!" } ?? scalars.count
        var value = try self.field(named: String(String.UnicodeScalarView(scalars[..<nameEnd])), arguments, &next)
        var rest = scalars[nameEnd...]
        if rest.first == "!" {
            guard rest.count >= 2 else { throw failure("end of string while looking for conversion specifier") }
            switch rest[rest.startIndex + 1] {
            case "s": value = .string(try text(of: value))
            case "r", "a": value = .string(try representation(of: value))
            default: throw failure("Unknown conversion specifier '\(rest[rest.startIndex + 1])'")
            }
            rest = rest.dropFirst(2)
            guard rest.isEmpty || rest.first == ":" else { throw failure("expected ':' after conversion specifier") }
        }
        let specification = try format(
            TemplateString(String(String.UnicodeScalarView(rest.dropFirst())), isTrusted: false), arguments,
            nesting: nesting + 1, next: &next)
        return try formatted(value, specification.text)
    }

    private func formatted(_ value: TemplateValue, _ specification: String) throws(TemplateError) -> TemplateString {
        if specification.isEmpty { return try text(of: value) }
        guard let format = TemplateFormat(specification) else { throw failure("Invalid format specifier") }
        try charge(format.width / 32 + 1)
        let result: TemplateString? =
            switch value {
            case .string(let text): format.apply(to: text)
            case .integer, .float, .bool: value.number.flatMap(format.apply(to:))
            default: throw failure("unsupported format string passed to \(value.typeName)")
            }
        guard let result else {
            throw failure("Invalid format specifier '\(specification)' for object of type '\(value.typeName)'")
        }
        return result
    }

    /// The argument that a field such as `0.name[key]` names.
    private func field(
        named name: String, _ arguments: TemplateArguments, _ next: inout Int
    ) throws(TemplateError) -> TemplateValue {
        let first = name.prefix { $0 != "." && $0 != "[" }
        var value: TemplateValue
        if first.isEmpty || first.allSatisfy({ $0.isASCII && $0.isNumber }) {
            guard (next >= 0) == first.isEmpty || next == 0 else {
                throw failure("cannot switch between manual field specification and automatic field numbering")
            }
            let index = first.isEmpty ? next : Int(first) ?? Int.max
            next = first.isEmpty ? next + 1 : -1
            guard index < arguments.positional.count else {
                throw failure("Replacement index \(index) out of range for positional args tuple")
            }
            value = arguments.positional[index]
        } else {
            guard let argument = arguments.keyword.first(where: { $0.name == first }) else {
                throw failure("format names '\(first)', which no argument has")
            }
            value = argument.value
        }
        var rest = name.dropFirst(first.count)
        while let mark = rest.popFirst() {
            if mark == "." {
                let part = rest.prefix { $0 != "." && $0 != "[" }
                guard !part.isEmpty else { throw failure("Empty attribute in format string") }
                value = try attribute(TemplateString(String(part), isTrusted: false), of: value)
                rest = rest.dropFirst(part.count)
            } else {
                guard mark == "[", let end = rest.firstIndex(of: "]") else {
                    throw failure("Only '.' or '[' may follow ']' in format field specifier")
                }
                let part = String(rest[..<end])
                let key: TemplateValue = Int(part).map { .integer($0) } ?? .string(TemplateString(part))
                value = try item(key, of: value)
                rest = rest[rest.index(after: end)...]
            }
        }
        return value
    }
}

extension StringMethods {
    @Sendable static func format(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        var arguments = arguments
        if text.isMarkup {
            for index in arguments.positional.indices {
                if case .string(let piece) = arguments.positional[index], !piece.isMarkup {
                    arguments.positional[index] = .string(try evaluator.escaped(piece))
                }
            }
        }
        var next = 0
        return .string(try evaluator.format(text, arguments, next: &next).markup(text.isMarkup))
    }
}

/// One conversion of the `%` operator: `%[(name)][flags][width][.precision]conversion`.
private struct PercentField {
    let text: TemplateString
    var end: Int
    var format = TemplateFormat()
    var conversion: Unicode.Scalar = "%"

    init(_ text: TemplateString, at offset: Int) {
        self.text = text
        end = offset
    }

    private var current: UInt8? { end < text.utf8.count ? text.utf8[end] : nil }

    mutating func name(_ evaluator: TemplateEvaluator) throws(TemplateError) -> TemplateString? {
        guard current == UInt8(ascii: "(") else { return nil }
        guard let close = text.utf8[end...].firstIndex(of: UInt8(ascii: ")")) else {
            throw evaluator.failure("incomplete format key")
        }
        let name = text.slice(end + 1..<close)
        end = close + 1
        return name
    }

    mutating func parse(
        _ evaluator: TemplateEvaluator, _ star: () throws(TemplateError) -> Int
    ) throws(TemplateError) {
        while let flag = current, "-+ #0".utf8.contains(flag) {
            switch flag {
            case UInt8(ascii: "-"): format.alignment = .left
            case UInt8(ascii: "+"): format.sign = "+"
            case UInt8(ascii: " "): format.sign = format.sign ?? " "
            case UInt8(ascii: "#"): format.isAlternate = true
            default:
                if format.alignment == nil {
                    format.fill = "0"
                    format.alignment = .afterSign
                }
            }
            end += 1
        }
        if format.alignment == .left { format.fill = " " }
        format.width = try number(evaluator, star, limit: TemplateFormat.largestWidth)
        if format.width < 0 {
            format.alignment = .left
            format.width = -format.width
        }
        if current == UInt8(ascii: ".") {
            end += 1
            format.precision = max(0, try number(evaluator, star, limit: TemplateFormat.largestPrecision))
        }
        guard end < text.utf8.count else { throw evaluator.failure("incomplete format") }
        (conversion, end) = text.scalar(at: end)
        if "srac".unicodeScalars.contains(conversion), format.alignment == .afterSign {
            format.alignment = .right
            format.fill = " "
        }
    }

    private mutating func number(
        _ evaluator: TemplateEvaluator, _ star: () throws(TemplateError) -> Int, limit: Int
    ) throws(TemplateError) -> Int {
        var value = 0
        if current == UInt8(ascii: "*") {
            end += 1
            value = try star()
        } else {
            while let digit = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), value <= limit {
                value = value * 10 + Int(digit - UInt8(ascii: "0"))
                end += 1
            }
        }
        guard value <= limit, value >= -limit else { throw evaluator.failure("format wider than \(limit)", .limit) }
        return value
    }
}
