extension StringMethods {
    @Sendable static func upper(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "upper", [])
        return .string(text.uppercased)
    }

    @Sendable static func lower(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "lower", [])
        return .string(text.lowercased)
    }

    @Sendable static func capitalize(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "capitalize", [])
        return .string(text.capitalized)
    }

    @Sendable static func title(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "title", [])
        var followsCased = false
        return .string(
            text.casedByPosition { scalar in
                defer { followsCased = PythonText.isCased(scalar) }
                return followsCased ? .lower : .title
            })
    }

    @Sendable static func swapcase(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "swapcase", [])
        return .string(
            text.casedByPosition { scalar in
                scalar.properties.isUppercase ? .lower : scalar.properties.isLowercase ? .upper : .same
            })
    }

    // MARK: - Questions

    private static func all(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments, _ name: String,
        isTrueWhenEmpty: Bool = false, _ predicate: (Unicode.Scalar) -> Bool
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: name, [])
        if text.isEmpty { return .bool(isTrueWhenEmpty) }
        return .bool(text.text.unicodeScalars.allSatisfy(predicate))
    }

    @Sendable static func isalpha(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isalpha", PythonText.isLetter)
    }

    @Sendable static func isalnum(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isalnum") {
            PythonText.isLetter($0) || $0.properties.numericType != nil
        }
    }

    @Sendable static func isascii(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isascii", isTrueWhenEmpty: true, \.isASCII)
    }

    @Sendable static func isdecimal(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isdecimal") { $0.properties.numericType == .decimal }
    }

    @Sendable static func isdigit(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isdigit") {
            $0.properties.numericType == .decimal || $0.properties.numericType == .digit
        }
    }

    @Sendable static func isnumeric(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isnumeric") { $0.properties.numericType != nil }
    }

    @Sendable static func isprintable(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isprintable", isTrueWhenEmpty: true, PythonText.isPrintable)
    }

    @Sendable static func isspace(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        try all(evaluator, text, arguments, "isspace", PythonText.isSpace)
    }

    @Sendable static func isidentifier(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "isidentifier", [])
        let scalars = text.text.unicodeScalars
        guard let first = scalars.first, PythonText.startsName(first) else { return .bool(false) }
        return .bool(scalars.allSatisfy(PythonText.continuesName))
    }

    @Sendable static func islower(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "islower", [])
        return .bool(text.isLowercase)
    }

    @Sendable static func isupper(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "isupper", [])
        return .bool(text.isUppercase)
    }

    @Sendable static func istitle(
        _ evaluator: TemplateEvaluator, _ text: TemplateString, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        _ = try evaluator.bind(arguments, to: "istitle", [])
        var hasCased = false
        var followsCased = false
        for scalar in text.text.unicodeScalars {
            let isCapital = scalar.properties.isUppercase || scalar.properties.generalCategory == .titlecaseLetter
            if isCapital ? followsCased : scalar.properties.isLowercase && !followsCased { return .bool(false) }
            followsCased = PythonText.isCased(scalar)
            hasCased = hasCased || followsCased
        }
        return .bool(hasCased)
    }
}

extension TemplateString {
    enum CaseMapping {
        case upper
        case lower
        case title
        case same
    }

    /// Python's `str.upper`.
    var uppercased: TemplateString { casedByPosition { _ in .upper } }
    /// Python's `str.lower`.
    var lowercased: TemplateString { casedByPosition { _ in .lower } }

    /// Python's `str.capitalize`.
    var capitalized: TemplateString {
        var isFirst = true
        return casedByPosition { _ in
            defer { isFirst = false }
            return isFirst ? .title : .lower
        }
    }

    /// Python's `str.islower`.
    var isLowercase: Bool {
        var hasLower = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isUppercase || scalar.properties.generalCategory == .titlecaseLetter { return false }
            hasLower = hasLower || scalar.properties.isLowercase
        }
        return hasLower
    }

    /// Python's `str.isupper`.
    var isUppercase: Bool {
        var hasUpper = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isLowercase || scalar.properties.generalCategory == .titlecaseLetter { return false }
            hasUpper = hasUpper || scalar.properties.isUppercase
        }
        return hasUpper
    }

    /// The text with each scalar in the case chosen for it, in order.
    func casedByPosition(_ choose: (Unicode.Scalar) -> CaseMapping) -> TemplateString {
        let scalars = self.scalars
        var result = TemplateString()
        for (index, (scalar, isTrusted)) in scalars.enumerated() {
            let mapped =
                switch choose(scalar) {
                case .upper: scalar.properties.uppercaseMapping
                case .title: scalar.properties.titlecaseMapping
                case .same: String(scalar)
                case .lower:
                    scalar == "\u{3A3}" && Self.isFinal(index, in: scalars)
                        ? "\u{3C2}" : scalar.properties.lowercaseMapping
                }
            result.append(mapped, isTrusted: isTrusted)
        }
        return result.markup(isMarkup)
    }

    /// Whether a capital sigma ends a word (Unicode's Final_Sigma condition).
    private static func isFinal(
        _ index: Int, in scalars: [(scalar: Unicode.Scalar, isTrusted: Bool)]
    ) -> Bool {
        let before = scalars[..<index].last { !$0.scalar.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.scalar.properties.isCaseIgnorable }
        return (before?.scalar.properties.isCased ?? false) && !(after?.scalar.properties.isCased ?? false)
    }
}
