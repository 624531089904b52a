internal import OrderedCollections

extension TemplateEvaluator {
    /// Python's `bool(value)`.
    @inline(never)
    func truth(of value: TemplateValue) throws(TemplateError) -> Bool {
        switch value {
        case .undefined, .null: return false
        case .bool(let value): return value
        case .integer(let value): return value != 0
        case .float(let value): return value != 0
        case .string(let value): return !value.isEmpty
        case .sequence(let value): return value.kind.isIterator || !value.elements.isEmpty
        case .dictionary(let value): return value.count > 0
        case .object: return true
        }
    }

    /// What walking over the value yields.
    func elements(of value: TemplateValue) throws(TemplateError) -> [TemplateValue] {
        switch value {
        case .undefined: return []
        case .sequence(let sequence): return sequence.elements
        case .dictionary(let dictionary):
            try charge(elements: dictionary.count)
            return dictionary.members.keys.map(\.value)
        case .string(let text):
            try charge(elements: text.utf8.count)
            return text.scalars.map { (scalar, isTrusted) in
                .string(TemplateString(utf8: Array(String(scalar).utf8), isTrusted: isTrusted))
            }
        default: throw failure("'\(value.typeName)' object is not iterable")
        }
    }

    /// Python's `len(value)`.
    func length(of value: TemplateValue) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text): return text.scalarCount
        case .dictionary(let dictionary): return dictionary.count
        case .sequence(let sequence) where !sequence.kind.isIterator: return sequence.elements.count
        case .object(let object):
            if case .loop(let loop) = heap[object.id] { return try length(of: loop) }
            throw failure("object of type '\(value.typeName)' has no len()")
        default: throw failure("object of type '\(value.typeName)' has no len()")
        }
    }

    /// The value as a key of a dictionary.
    func key(of value: TemplateValue) throws(TemplateError) -> TemplateKey {
        try charge()
        switch value {
        case .undefined: return .undefined
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .float(let value): return .float(value)
        case .string(let value):
            try charge(value.utf8.count / 32)
            return .string(value)
        case .sequence(let sequence) where sequence.kind.isTuple:
            var keys: [TemplateKey] = []
            for element in sequence.elements { keys.append(try key(of: element)) }
            return .tuple(keys)
        default: throw failure("unhashable type: '\(value.typeName)'")
        }
    }

    /// The key, or nil where the value can't be one.
    func hashableKey(of value: TemplateValue) throws(TemplateError) -> TemplateKey? {
        guard isHashable(value) else { return nil }
        return try key(of: value)
    }

    private func isHashable(_ value: TemplateValue) -> Bool {
        switch value {
        case .dictionary, .object: return false
        case .sequence(let sequence): return sequence.kind.isTuple && sequence.elements.allSatisfy(isHashable)
        default: return true
        }
    }

    /// An integer where one is needed; booleans count, as in Python.
    func integer(_ value: TemplateValue, _ what: String) throws(TemplateError) -> Int {
        switch value {
        case .integer(let value): return value
        case .bool(let value): return value ? 1 : 0
        case .undefined(let undefined): throw failure(undefined)
        default: throw failure("\(what) must be an integer, not \(value.typeName)")
        }
    }

    /// A string where one is needed.
    func string(_ value: TemplateValue, _ what: String) throws(TemplateError) -> TemplateString {
        switch value {
        case .string(let value): return value
        case .undefined(let undefined): throw failure(undefined)
        default: throw failure("\(what) must be str, not \(value.typeName)")
        }
    }

    // MARK: - Text

    /// Python's `str(value)`; text of anything but strings is untrusted.
    @inline(never)
    func text(of value: TemplateValue) throws(TemplateError) -> TemplateString {
        switch value {
        case .string(let text): return text
        case .undefined: return TemplateString()
        default:
            var result = TemplateString()
            try writeRepresentation(of: value, into: &result)
            return result
        }
    }

    /// Python's `repr(value)`, untrusted.
    func representation(of value: TemplateValue) throws(TemplateError) -> TemplateString {
        var result = TemplateString()
        try writeRepresentation(of: value, into: &result)
        return result
    }

    private func writeRepresentation(
        of value: TemplateValue, into result: inout TemplateString, depth: Int = 0
    ) throws(TemplateError) {
        try charge()
        if result.utf8.count > limits.bytes { throw failure("text longer than \(limits.bytes) bytes", .limit) }
        // A namespace may hold itself; containers alone are bounded when they are made.
        if depth > TemplateLimits.valueDepth { throw failure("value nested too deeply to print", .limit) }
        switch value {
        case .undefined: result.append("Undefined", isTrusted: false)
        case .null: result.append("None", isTrusted: false)
        case .bool(let value): result.append(value ? "True" : "False", isTrusted: false)
        case .integer(let value): result.append(String(value), isTrusted: false)
        case .float(let value): result.append(PythonNumber.text(of: value), isTrusted: false)
        case .string(let text):
            try charge(bytes: text.utf8.count)
            result.append(Self.quoted(text.text), isTrusted: false)
        case .sequence(let sequence): try write(sequence, into: &result, depth: depth)
        case .dictionary(let dictionary):
            try write(
                dictionary.members.elements.map { ($0.key.value, $0.value) }, brackets: ("{", "}"), into: &result,
                depth: depth)
        case .object(let object): try write(object, into: &result, depth: depth)
        }
    }

    private func write(
        _ pairs: [(TemplateValue, TemplateValue)], brackets: (String, String), into result: inout TemplateString,
        depth: Int
    ) throws(TemplateError) {
        result.append(brackets.0, isTrusted: false)
        for (index, (key, value)) in pairs.enumerated() {
            if index > 0 { result.append(", ", isTrusted: false) }
            try writeRepresentation(of: key, into: &result, depth: depth + 1)
            result.append(": ", isTrusted: false)
            try writeRepresentation(of: value, into: &result, depth: depth + 1)
        }
        result.append(brackets.1, isTrusted: false)
    }

    private func write(
        _ sequence: TemplateSequence, into result: inout TemplateString, depth: Int
    ) throws(TemplateError) {
        var brackets = ("[", "]")
        switch sequence.kind {
        case .list: break
        case .tuple, .group: brackets = ("(", sequence.elements.count == 1 ? ",)" : ")")
        case .keys, .values, .items: brackets = ("\(sequence.kind.typeName)([", "])")
        case .range(let bounds):
            let step = bounds.step == 1 ? "" : ", \(bounds.step)"
            return result.append("range(\(bounds.start), \(bounds.stop)\(step))", isTrusted: false)
        case .iterator: return result.append("<generator object>", isTrusted: false)
        }
        result.append(brackets.0, isTrusted: false)
        for (index, element) in sequence.elements.enumerated() {
            if index > 0 { result.append(", ", isTrusted: false) }
            try writeRepresentation(of: element, into: &result, depth: depth + 1)
        }
        result.append(brackets.1, isTrusted: false)
    }

    private func write(
        _ object: TemplateObject, into result: inout TemplateString, depth: Int
    ) throws(TemplateError) {
        switch heap[object.id] {
        case .namespace(let namespace):
            let pairs = namespace.values.elements.map { (TemplateValue.string($0.key), $0.value) }
            try write(pairs, brackets: ("<Namespace {", "}>"), into: &result, depth: depth)
        case .macro(let macro, _):
            result.append("<Macro \(Self.quoted(macro.name))>", isTrusted: false)
        case .loop(let loop):
            let length = try length(of: loop)
            result.append("<LoopContext \(loop.index + 1)/\(length)>", isTrusted: false)
        case .function(let name): result.append("<function \(name)>", isTrusted: false)
        case .method(_, let name): result.append("<method \(name)>", isTrusted: false)
        case .cycler: result.append("<Cycler>", isTrusted: false)
        case .joiner: result.append("<Joiner>", isTrusted: false)
        }
    }

    /// Python's `repr` of a string.
    static func quoted(_ text: String) -> String {
        let usesDouble = text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"")
        let quote: Unicode.Scalar = usesDouble ? "\"" : "'"
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", quote:
                result.append("\\")
                result.append(scalar)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            default:
                if PythonText.isPrintable(scalar) {
                    result.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    let padding = String(repeating: "0", count: max(0, width - digits.count))
                    result.append(contentsOf: "\\\(mark)\(padding)\(digits)".unicodeScalars)
                }
            }
        }
        result.append(quote)
        return String(result)
    }
}
