/// Turns words into statements and expressions.
///
/// Nesting is bounded, in the recursion of the parser and in the height of the trees it makes.
package struct TemplateParser {
    let source: TemplateSource
    let tokens: [TemplateToken]
    let limits: TemplateLimits
    var index = 0
    /// How deep the parser's own recursion is.
    var nesting = 0
    /// The block tags that are open, innermost last, for messages.
    var openTags: [String] = []
    /// How many loops of the current function body are open: `break` needs one.
    var loops = 0
    /// Whether a name that is unknown may stay so, because the code may never run.
    var isConditional = false
    /// Filters and tests that do not exist, in code that will run unless an `if` that follows says otherwise.
    var unknownNames: [TemplateError] = []
    /// The names read since the start of the innermost macro.
    var loadedNames: Set<String> = []

    private init(source: TemplateSource, tokens: [TemplateToken], limits: TemplateLimits) {
        self.source = source
        self.tokens = tokens
        self.limits = limits
    }

    /// Parses a whole template.
    package static func parse(
        _ source: TemplateSource, options: TemplateOptions
    ) throws(TemplateError) -> [StatementNode] {
        let tokens = try TemplateLexer.tokens(of: source, options: options)
        var parser = TemplateParser(source: source, tokens: tokens, limits: options.limits)
        let statements = try parser.statements(until: [])
        if let error = parser.unknownNames.first { throw error }
        return statements
    }

    /// Parses a bare expression.
    package static func parseExpression(
        _ source: TemplateSource, limits: TemplateLimits
    ) throws(TemplateError) -> ExpressionNode {
        let tokens = try TemplateLexer.expressionTokens(of: source)
        var parser = TemplateParser(source: source, tokens: tokens, limits: limits)
        let node = try parser.tuple()
        guard parser.kind == .end else { throw parser.error("expected the end of the expression, got \(parser.found)") }
        if let error = parser.unknownNames.first { throw error }
        return node
    }

    // MARK: - The stream of words

    var token: TemplateToken { tokens[min(index, tokens.count - 1)] }
    var kind: TemplateToken.Kind { token.kind }
    var found: String { token.description }

    func error(_ reason: String, at offset: Int? = nil) -> TemplateError {
        source.error(.syntax, reason, at: offset ?? token.at)
    }

    mutating func advance() { if index < tokens.count - 1 { index += 1 } }

    func peeks(_ kind: TemplateToken.Kind) -> Bool {
        index + 1 < tokens.count && tokens[index + 1].kind == kind
    }

    func isAt(_ symbol: TemplateToken.Symbol) -> Bool { kind == .symbol(symbol) }
    func isAt(name: String) -> Bool { kind == .name(name) }

    mutating func skip(_ symbol: TemplateToken.Symbol) -> Bool {
        guard isAt(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(name: String) -> Bool {
        guard isAt(name: name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: TemplateToken.Symbol) throws(TemplateError) {
        guard skip(symbol) else { throw error("expected '\(symbol.rawValue)', got \(found)") }
    }

    mutating func expect(_ expected: TemplateToken.Kind, _ words: String) throws(TemplateError) {
        guard kind == expected else { throw error("expected \(words), got \(found)") }
        advance()
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = kind else { throw error("expected a name, got \(found)") }
        advance()
        return name
    }

    // MARK: - Bounds

    mutating func descend() throws(TemplateError) {
        nesting += 1
        guard nesting <= limits.nesting else {
            throw source.error(.limit, "nesting deeper than \(limits.nesting) levels", at: token.at)
        }
    }

    func node(
        _ kind: ExpressionNode.Kind, at offset: Int, over children: [ExpressionNode] = []
    ) throws(TemplateError) -> ExpressionNode {
        var height = 0
        for child in children { height = max(height, child.height) }
        guard height < limits.nesting else {
            throw source.error(.limit, "expression deeper than \(limits.nesting) levels", at: offset)
        }
        return ExpressionNode(kind: kind, at: offset, height: height + 1)
    }
}
