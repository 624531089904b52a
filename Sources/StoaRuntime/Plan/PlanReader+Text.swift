internal import OrderedCollections
internal import StoaCore

/// Texts and expressions.
extension PlanReader {
    /// A text with expressions in `{{ }}`, whose names must be readable here.
    func text(_ key: String) -> PlanText? {
        guard let source = string(key), let text = parsedText(source, at: path[key]) else { return nil }
        decoding.check(text.names, readBy: "'\(key)'", in: scope, at: path[key], place: text.place(of:))
        return text
    }

    /// A text whose names are checked by whoever uses it.
    func uncheckedText(_ key: String) -> PlanText? {
        string(key).flatMap { parsedText($0, at: path[key]) }
    }

    func parsedText(_ source: String, at path: PlanPath) -> PlanText? {
        do throws(TemplateError) {
            let template = try Template(source, name: path.description, options: .chat)
            return PlanText(source: source, template: template, names: template.names)
        } catch {
            report(error, at: path, shift: 0)
            return nil
        }
    }

    private func report(_ error: TemplateError, at path: PlanPath, shift: Int) {
        decoding.report(
            "\(error.reason), at \(JSONText.quoted(error.excerpt))", at: path,
            place: PlanProblem.Place(line: error.line, column: error.column + (error.line == 1 ? shift : 0)))
    }

    /// A bare expression, whose names must be readable in `scope`, or else here.
    func expression(_ key: String, in scope: PlanScope? = nil) -> PlanExpression? {
        guard let value = members[key], let expression = expression(value, key) else { return nil }
        decoding.check(
            expression.names, readBy: "'\(key)'", in: scope ?? self.scope, at: path[key],
            place: { expression.place(of: $0) })
        return expression
    }

    private func expression(_ value: JSONValue, _ key: String) -> PlanExpression? {
        switch value {
        case .string:
            guard let source = string(key) else { return nil }
            let start = source.unicodeScalars.prefix { $0.properties.isWhitespace }.count
            guard !source.unicodeScalars.dropFirst(start).starts(with: "{{".unicodeScalars) else {
                report(
                    "'\(key)' is an expression and needs no braces", at: key,
                    suggestion: bare(source).map { "write \($0)" })
                return nil
            }
            return parsedExpression(source, at: path[key])
        case .bool, .integer, .number: return parsedExpression(value.text, at: path[key])
        case .array(let elements) where elements.allSatisfy(\.isScalar):
            return parsedExpression(value.text, at: path[key])
        default:
            reportWrong(
                key, expected: "an expression",
                suggestion: value.objectValue == nil ? nil : "write the expression without braces, or in quotes")
            return nil
        }
    }

    private func bare(_ source: String) -> String? {
        let inner = source.drop { $0 != "{" }.dropFirst(2)
        guard let end = inner.lastIndex(of: "}"), end > inner.startIndex else { return nil }
        let text = inner[..<inner.index(before: end)].split(separator: " ").joined(separator: " ")
        return text.isEmpty || text.contains("\n") || text.contains("}") ? nil : text
    }

    /// An expression at a path; its names are not checked.
    func parsedExpression(_ source: String, at path: PlanPath, shift: Int = 0) -> PlanExpression? {
        do throws(TemplateError) {
            let expression = try TemplateExpression(source, name: path.description)
            return PlanExpression(source: source, expression: expression, names: expression.names)
        } catch {
            report(error, at: path, shift: shift)
            return nil
        }
    }

    /// A whole number, or an expression that gives one, bare or in braces.
    func count(_ key: String) -> PlanCount? {
        guard let value = members[key], case .count(let range)? = field(key)?.kind else { return nil }
        guard value.stringValue != nil else {
            let number = value.intValue.flatMap { range.contains($0) ? $0 : nil }
            if number == nil {
                reportWrong(key, expected: "\(Self.words(for: range)), or an expression that gives one")
            }
            return number.map { .literal($0) }
        }
        return computed(key).map { .expression($0) }
    }

    /// An expression, bare or in braces, in a text.
    func computed(_ key: String) -> PlanExpression? {
        guard let source = string(key) else { return nil }
        let inner = PlanText.onlyExpression(in: source)
        guard var expression = parsedExpression(inner?.source ?? source, at: path[key], shift: inner?.offset ?? 0)
        else { return nil }
        let parsed = expression
        decoding.check(
            parsed.names, readBy: "'\(key)'", in: scope, at: path[key],
            place: { parsed.place(of: $0, shift: inner?.offset ?? 0) })
        expression.source = expression.source.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return expression
    }

    /// An object whose strings may hold expressions; an empty one where the key is missing.
    func arguments(_ key: String) -> PlanValue {
        guard let members = mapping(key) else { return .object([:]) }
        return value(.object(members), at: path[key], depth: 0) ?? .object([:])
    }

    private func value(_ value: JSONValue, at path: PlanPath, depth: Int) -> PlanValue? {
        guard depth <= PlanLimits.valueDepth else {
            decoding.report("nested deeper than \(PlanLimits.valueDepth) levels", at: path)
            return nil
        }
        switch value {
        case .string(let source): return self.value(source, at: path)
        case .array(let elements):
            return .list(
                elements.enumerated().compactMap { self.value($0.element, at: path[$0.offset], depth: depth + 1) })
        case .object(let members):
            var result: OrderedDictionary<String, PlanValue> = [:]
            for (key, member) in members { result[key] = self.value(member, at: path[key], depth: depth + 1) }
            return .object(result)
        default: return .constant(value)
        }
    }

    private func value(_ source: String, at path: PlanPath) -> PlanValue? {
        guard source.utf8.count <= PlanLimits.textBytes else {
            decoding.report(
                "the text has \(source.utf8.count) bytes, at most \(PlanLimits.textBytes) are allowed", at: path)
            return nil
        }
        guard ["{{", "{%", "{#"].contains(where: { source.contains($0) }) else { return .constant(.string(source)) }
        if let inner = PlanText.onlyExpression(in: source),
            let expression = try? TemplateExpression(inner.source, name: path.description)
        {
            let parsed = PlanExpression(source: inner.source, expression: expression, names: expression.names)
            decoding.check(
                parsed.names, readBy: "this text", in: scope, at: path,
                place: { parsed.place(of: $0, shift: inner.offset) })
            return .expression(parsed)
        }
        guard let text = parsedText(source, at: path) else { return nil }
        decoding.check(text.names, readBy: "this text", in: scope, at: path, place: text.place(of:))
        return .text(text)
    }
}

extension JSONValue {
    /// Whether it is neither a list nor an object.
    var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}

extension PlanExpression {
    /// Where it first reads a name; `shift` is how far in it stands in its text.
    func place(of name: String, shift: Int = 0) -> PlanProblem.Place? {
        expression.place(of: name).map { place in
            PlanProblem.Place(line: place.line, column: place.column + (place.line == 1 ? shift : 0))
        }
    }
}

extension PlanText {
    /// Where it first reads a name.
    func place(of name: String) -> PlanProblem.Place? {
        template.place(of: name).map { PlanProblem.Place(line: $0.line, column: $0.column) }
    }

    /// What stands between the braces of a text that begins with `{{` and ends with `}}`, and how far in it stands.
    ///
    /// Whether it is one expression is for the parser to say.
    static func onlyExpression(in source: String) -> (source: String, offset: Int)? {
        let scalars = source.unicodeScalars
        let start = scalars.prefix { $0.properties.isWhitespace }.count
        let end = scalars.reversed().prefix { $0.properties.isWhitespace }.count
        let text = Array(scalars.dropFirst(start).dropLast(end))
        guard text.count > 4, text.starts(with: "{{".unicodeScalars), text.suffix(2).elementsEqual("}}".unicodeScalars)
        else { return nil }
        let inner = text[2..<(text.count - 2)]
        // `{{-` and `-}}` strip white space, and only a template does that.
        guard let first = inner.first, let last = inner.last, !["-", "+"].contains(first), last != "-" else {
            return nil
        }
        return (String(String.UnicodeScalarView(inner)), start + 2)
    }
}
