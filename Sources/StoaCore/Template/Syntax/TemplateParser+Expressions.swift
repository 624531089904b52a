extension TemplateParser {
    /// An expression, or several with commas between them, which make a tuple.
    mutating func tuple(
        conditional: Bool = true, endsAt endName: String? = nil, inParentheses: Bool = false
    ) throws(TemplateError) -> ExpressionNode {
        let start = token.at
        var items: [ExpressionNode] = []
        var isTuple = false
        while !isTupleEnd(endName) {
            items.append(try expression(conditional: conditional))
            guard skip(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = items.first { return only }
            guard inParentheses else { throw error("expected an expression, got \(found)") }
        }
        return try node(.literal(.tuple(items)), at: start, over: items)
    }

    private func isTupleEnd(_ endName: String?) -> Bool {
        switch kind {
        case .variableEnd, .blockEnd, .end, .symbol(.rightParenthesis): true
        case .name(let name): name == endName
        default: false
        }
    }

    /// One expression; `x if y else z` only where it can't be confused with what follows.
    mutating func expression(conditional: Bool = true) throws(TemplateError) -> ExpressionNode {
        try descend()
        defer { nesting -= 1 }
        guard conditional else { return try or() }
        let start = token.at
        let known = unknownNames.count
        var result = try or()
        while skip(name: "if") {
            unknownNames.removeSubrange(known...)
            let wasConditional = isConditional
            isConditional = true
            let test = try or()
            var otherwise: ExpressionNode?
            if skip(name: "else") { otherwise = try expression() }
            isConditional = wasConditional
            let children = [test, result] + (otherwise.map { [$0] } ?? [])
            result = try node(
                .choice(.conditional(test: test, then: result, otherwise: otherwise)), at: start, over: children)
        }
        return result
    }

    private mutating func or() throws(TemplateError) -> ExpressionNode {
        var left = try and()
        while isAt(name: "or") {
            let place = token.at
            advance()
            let right = try and()
            left = try node(.choice(.or(left, right)), at: place, over: [left, right])
        }
        return left
    }

    private mutating func and() throws(TemplateError) -> ExpressionNode {
        var left = try not()
        while isAt(name: "and") {
            let place = token.at
            advance()
            let right = try not()
            left = try node(.choice(.and(left, right)), at: place, over: [left, right])
        }
        return left
    }

    private mutating func not() throws(TemplateError) -> ExpressionNode {
        guard isAt(name: "not") else { return try comparison() }
        let place = token.at
        advance()
        try descend()
        defer { nesting -= 1 }
        let operand = try not()
        return try node(.operation(.unary(.not, operand)), at: place, over: [operand])
    }

    private mutating func comparison() throws(TemplateError) -> ExpressionNode {
        let place = token.at
        let first = try sum()
        var rest: [(operation: ExpressionNode.Comparison, operand: ExpressionNode)] = []
        while let operation = comparisonOperator() { rest.append((operation, try sum())) }
        guard !rest.isEmpty else { return first }
        return try node(.operation(.comparison(first, rest)), at: place, over: [first] + rest.map(\.operand))
    }

    private mutating func comparisonOperator() -> ExpressionNode.Comparison? {
        switch kind {
        case .symbol(let symbol):
            guard let operation = ExpressionNode.Comparison(rawValue: symbol.rawValue) else { return nil }
            advance()
            return operation
        case .name("in"):
            advance()
            return .isIn
        case .name("not") where peeks(.name("in")):
            advance()
            advance()
            return .isNotIn
        default: return nil
        }
    }

    private mutating func sum() throws(TemplateError) -> ExpressionNode {
        var left = try concatenation()
        while isAt(.add) || isAt(.subtract) {
            let place = token.at
            let operation: ExpressionNode.Binary = isAt(.add) ? .add : .subtract
            advance()
            let right = try concatenation()
            left = try node(.operation(.binary(operation, left, right)), at: place, over: [left, right])
        }
        return left
    }

    private mutating func concatenation() throws(TemplateError) -> ExpressionNode {
        let place = token.at
        var items = [try product()]
        while skip(.concatenate) { items.append(try product()) }
        return items.count == 1 ? items[0] : try node(.operation(.concatenation(items)), at: place, over: items)
    }

    private mutating func product() throws(TemplateError) -> ExpressionNode {
        var left = try power()
        while case .symbol(let symbol) = kind, symbol != .power, symbol != .add, symbol != .subtract,
            let operation = ExpressionNode.Binary(rawValue: symbol.rawValue)
        {
            let place = token.at
            advance()
            let right = try power()
            left = try node(.operation(.binary(operation, left, right)), at: place, over: [left, right])
        }
        return left
    }

    private mutating func power() throws(TemplateError) -> ExpressionNode {
        var left = try unary()
        while isAt(.power) {
            let place = token.at
            advance()
            let right = try unary()
            left = try node(.operation(.binary(.power, left, right)), at: place, over: [left, right])
        }
        return left
    }

    private mutating func unary(filtered: Bool = true) throws(TemplateError) -> ExpressionNode {
        try descend()
        defer { nesting -= 1 }
        let place = token.at
        var result: ExpressionNode
        if isAt(.subtract) || isAt(.add) {
            let operation: ExpressionNode.Unary = isAt(.add) ? .plus : .negate
            advance()
            let operand = try unary(filtered: false)
            result = try node(.operation(.unary(operation, operand)), at: place, over: [operand])
        } else {
            result = try primary()
        }
        result = try postfix(result)
        return filtered ? try filters(result) : result
    }

    mutating func primary() throws(TemplateError) -> ExpressionNode {
        if isAt(.leftParenthesis) { return try parenthesized() }
        if isAt(.leftBracket) { return try list() }
        return isAt(.leftBrace) ? try dictionary() : try word()
    }

    private mutating func parenthesized() throws(TemplateError) -> ExpressionNode {
        advance()
        try descend()
        defer { nesting -= 1 }
        let inner = try tuple(inParentheses: true)
        try expect(.rightParenthesis)
        return inner
    }

    /// A name or a literal of one word.
    private mutating func word() throws(TemplateError) -> ExpressionNode {
        let place = token.at
        switch kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return try node(.constant(.bool(true)), at: place)
            case "false", "False": return try node(.constant(.bool(false)), at: place)
            case "none", "None": return try node(.constant(.null), at: place)
            default:
                loadedNames.insert(name)
                return try node(.name(name), at: place)
            }
        case .string(var text):
            advance()
            while case .string(let more) = kind {
                text.append(more)
                advance()
            }
            return try node(.constant(.string(text)), at: place)
        case .integer(let value):
            advance()
            return try node(.constant(.integer(value)), at: place)
        case .float(let value):
            advance()
            return try node(.constant(.float(value)), at: place)
        default: throw error("unexpected \(found)")
        }
    }

    private mutating func list() throws(TemplateError) -> ExpressionNode {
        let place = token.at
        try expect(.leftBracket)
        var items: [ExpressionNode] = []
        while !isAt(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            if isAt(.rightBracket) { break }
            items.append(try expression())
        }
        try expect(.rightBracket)
        return try node(.literal(.list(items)), at: place, over: items)
    }

    private mutating func dictionary() throws(TemplateError) -> ExpressionNode {
        let place = token.at
        try expect(.leftBrace)
        var items: [(key: ExpressionNode, value: ExpressionNode)] = []
        while !isAt(.rightBrace) {
            if !items.isEmpty { try expect(.comma) }
            if isAt(.rightBrace) { break }
            let key = try expression()
            try expect(.colon)
            items.append((key, try expression()))
        }
        try expect(.rightBrace)
        return try node(.literal(.dictionary(items)), at: place, over: items.flatMap { [$0.key, $0.value] })
    }
}
