internal import OrderedCollections

/// The `tojson` filter as the transformers library defines it for chat templates: Python's `json.dumps`, nothing
/// escaped for HTML, non-ASCII text kept unless asked otherwise.
enum JSONFilters {
    static let all: [String: TemplateFilters.Filter] = ["tojson": tojson]

    @Sendable static func tojson(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(
            arguments, to: "tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
        var writer = PythonJSONWriter(evaluator: evaluator)
        writer.escapesNonASCII = try evaluator.truth(of: values[0] ?? .bool(false))
        writer.sortsKeys = try evaluator.truth(of: values[3] ?? .bool(false))
        switch values[1] {
        case nil, .some(.null): break
        case .some(.string(let text)): writer.indent = text.text
        case .some(let width):
            let width = try evaluator.integer(width, "the indent of tojson")
            guard width <= 1000 else { throw evaluator.failure("indent beyond 1000", .limit) }
            writer.indent = String(repeating: " ", count: max(0, width))
        }
        if writer.indent != nil { writer.itemSeparator = "," }
        switch values[2] {
        case nil, .some(.null): break
        case .some(let separators):
            let pair = try evaluator.elements(of: separators)
            guard pair.count == 2 else { throw evaluator.failure("separators of tojson must be a pair") }
            writer.itemSeparator = try evaluator.string(pair[0], "the item separator").text
            writer.keySeparator = try evaluator.string(pair[1], "the key separator").text
        }
        try writer.write(value, level: 0)
        return .string(TemplateString(utf8: writer.output, isTrusted: false))
    }
}

/// Python's `json.dumps`.
private struct PythonJSONWriter {
    let evaluator: TemplateEvaluator
    var output: [UInt8] = []
    var escapesNonASCII = false
    var sortsKeys = false
    var indent: String?
    var itemSeparator = ", "
    var keySeparator = ": "

    init(evaluator: TemplateEvaluator) { self.evaluator = evaluator }

    private mutating func add(_ text: String) throws(TemplateError) {
        try evaluator.charge(text.utf8.count / 32)
        output.append(contentsOf: text.utf8)
        if output.count > evaluator.limits.bytes {
            throw evaluator.failure("text longer than \(evaluator.limits.bytes) bytes", .limit)
        }
    }

    mutating func write(_ value: TemplateValue, level: Int) throws(TemplateError) {
        try evaluator.charge()
        switch value {
        case .null: try add("null")
        case .bool(let value): try add(value ? "true" : "false")
        case .integer(let value): try add(String(value))
        case .float(let value): try add(Self.text(of: value))
        case .string(let text): try write(text.text)
        case .sequence(let sequence) where sequence.kind.isList || sequence.kind.isTuple:
            try write(sequence.elements, level: level)
        case .dictionary(let dictionary): try write(dictionary, level: level)
        default: throw evaluator.failure("object of type \(value.typeName) is not JSON serializable")
        }
    }

    private static func text(of value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        return PythonNumber.text(of: value)
    }

    private mutating func newline(_ level: Int) throws(TemplateError) {
        guard let indent else { return }
        let (count, overflow) = indent.utf8.count.multipliedReportingOverflow(by: level)
        try evaluator.charge(bytes: overflow ? Int.max : count)
        try add("\n" + String(repeating: indent, count: level))
    }

    private mutating func write(_ elements: [TemplateValue], level: Int) throws(TemplateError) {
        if elements.isEmpty { return try add("[]") }
        try add("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { try add(itemSeparator) }
            try newline(level + 1)
            try write(element, level: level + 1)
        }
        try newline(level)
        try add("]")
    }

    private mutating func write(_ dictionary: TemplateDictionary, level: Int) throws(TemplateError) {
        if dictionary.count == 0 { return try add("{}") }
        var keys = Array(dictionary.members.keys)
        if sortsKeys {
            let values = keys.map(\.value)
            let order = try evaluator.sorted(keys.indices.map { .integer($0) }, keys: values, isReversed: false)
            keys = order.compactMap { if case .integer(let index) = $0 { keys[index] } else { nil } }
        }
        try add("{")
        for (index, key) in keys.enumerated() {
            if index > 0 { try add(itemSeparator) }
            try newline(level + 1)
            try write(try text(of: key))
            try add(keySeparator)
            try write(dictionary[key] ?? .null, level: level + 1)
        }
        try newline(level)
        try add("}")
    }

    private func text(of key: TemplateKey) throws(TemplateError) -> String {
        switch key {
        case .string(let text): return text.text
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .float(let value): return Self.text(of: value)
        case .tuple, .undefined:
            throw evaluator.failure("keys must be str, int, float, bool or None, not \(key.value.typeName)")
        }
    }

    private mutating func write(_ text: String) throws(TemplateError) {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "\u{00}"..<"\u{20}": result += Self.escape(UInt16(scalar.value))
            default:
                if escapesNonASCII, scalar.value > 0x7E {
                    for unit in String(scalar).utf16 { result += Self.escape(unit) }
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        try add(result + "\"")
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
