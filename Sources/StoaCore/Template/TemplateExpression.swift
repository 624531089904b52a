public import OrderedCollections

/// One expression of the template language on its own, as playbooks use it in conditions.
public struct TemplateExpression: Sendable {
    /// The bounds of its evaluation.
    public let limits: TemplateLimits
    let source: TemplateSource
    let node: ExpressionNode

    /// Parses an expression.
    ///
    /// - Parameters:
    ///   - source: the text, without braces around it.
    ///   - name: what errors call it.
    ///   - limits: the bounds of parsing and evaluation.
    /// - Throws: `TemplateError` with line and column.
    public init(
        _ source: String, name: String = "<expression>", limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) {
        self.limits = limits
        self.source = TemplateSource(source, name: name, keepsTrailingNewline: true)
        node = try TemplateParser.parseExpression(self.source, limits: limits)
    }

    /// Evaluates the expression.
    ///
    /// - Parameters:
    ///   - context: the names it can read.
    ///   - now: what `strftime_now` says; without it, that function is an error.
    /// - Returns: the value; never a macro, a method or anything else that lives only during evaluation.
    /// - Throws: `TemplateError` with line and column.
    public func evaluate(
        context: OrderedDictionary<String, TemplateValue>, now: TemplateDate? = nil
    ) throws(TemplateError) -> TemplateValue {
        let (evaluator, value) = try run(context, now)
        try evaluator.checkIsData(value)
        return value
    }

    /// Evaluates the expression as a condition.
    ///
    /// - Parameters:
    ///   - context: the names it can read.
    ///   - now: what `strftime_now` says; without it, that function is an error.
    /// - Returns: whether the value counts as true, as in Python.
    /// - Throws: `TemplateError` with line and column.
    public func isTrue(
        context: OrderedDictionary<String, TemplateValue>, now: TemplateDate? = nil
    ) throws(TemplateError) -> Bool {
        let (evaluator, value) = try run(context, now)
        return try evaluator.truth(of: value)
    }

    private func run(
        _ context: OrderedDictionary<String, TemplateValue>, _ now: TemplateDate?
    ) throws(TemplateError) -> (TemplateEvaluator, TemplateValue) {
        let evaluator = try TemplateEvaluator(source: source, limits: limits, context: context, now: now)
        let value = try evaluator.evaluate(node)
        evaluator.place = node.at
        return (evaluator, value)
    }
}

extension TemplateEvaluator {
    /// Refuses values that refer to the evaluator's own store.
    func checkIsData(_ value: TemplateValue) throws(TemplateError) {
        try charge()
        switch value {
        case .object: throw failure("the result is a \(value.typeName), which can't leave the expression")
        case .sequence(let sequence): for element in sequence.elements { try checkIsData(element) }
        case .dictionary(let dictionary): for value in dictionary.members.values { try checkIsData(value) }
        default: break
        }
    }
}
