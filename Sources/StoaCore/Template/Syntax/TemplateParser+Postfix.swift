extension TemplateParser {
    /// Attributes, items and calls after a value.
    mutating func postfix(_ base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        var result = base
        while true {
            if isAt(.dot) {
                result = try attribute(of: result)
            } else if isAt(.leftBracket) {
                result = try item(of: result)
            } else if isAt(.leftParenthesis) {
                result = try call(of: result)
            } else {
                return result
            }
        }
    }

    /// Filters, tests and calls of what they yield.
    mutating func filters(_ base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        var result = base
        while true {
            if skip(.pipe) {
                result = try filter(on: result)
            } else if isAt(name: "is") {
                result = try test(on: result)
            } else if isAt(.leftParenthesis) {
                result = try call(of: result)
            } else {
                return result
            }
        }
    }

    private mutating func attribute(of base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        let place = token.at
        advance()
        switch kind {
        case .name(let name):
            advance()
            return try node(.access(.attribute(base, TemplateString(name, isTrusted: true))), at: place, over: [base])
        case .integer(let index):
            let key = try node(.constant(.integer(index)), at: token.at)
            advance()
            return try node(.access(.item(base, key)), at: place, over: [base, key])
        default: throw error("expected a name or a number after '.', got \(found)")
        }
    }

    private mutating func item(of base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        let place = token.at
        try expect(.leftBracket)
        try descend()
        defer { nesting -= 1 }
        var keys: [ExpressionNode] = []
        while !isAt(.rightBracket) {
            if !keys.isEmpty { try expect(.comma) }
            keys.append(try subscripted())
        }
        try expect(.rightBracket)
        let key = keys.count == 1 ? keys[0] : try node(.literal(.tuple(keys)), at: place, over: keys)
        return try node(.access(.item(base, key)), at: place, over: [base, key])
    }

    private mutating func subscripted() throws(TemplateError) -> ExpressionNode {
        let place = token.at
        var start: ExpressionNode?
        if !isAt(.colon) {
            let first = try expression()
            guard isAt(.colon) else { return first }
            start = first
        }
        try expect(.colon)
        let stop = try sliceBound()
        let step = skip(.colon) ? try sliceBound() : nil
        return try node(
            .access(.slice(start: start, stop: stop, step: step)), at: place,
            over: [start, stop, step].compactMap { $0 })
    }

    private mutating func sliceBound() throws(TemplateError) -> ExpressionNode? {
        isAt(.colon) || isAt(.rightBracket) || isAt(.comma) ? nil : try expression()
    }

    private mutating func call(of base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        let place = token.at
        let arguments = try arguments()
        return try node(.application(.call(base, arguments)), at: place, over: [base] + arguments.nodes)
    }

    mutating func arguments() throws(TemplateError) -> CallNode {
        let place = token.at
        try expect(.leftParenthesis)
        try descend()
        defer { nesting -= 1 }
        var call = CallNode()
        var isFirst = true
        while !isAt(.rightParenthesis) {
            if !isFirst {
                try expect(.comma)
                if isAt(.rightParenthesis) { break }
            }
            isFirst = false
            var isValid = true
            if skip(.multiply) {
                isValid = call.spread == nil && call.keywordSpread == nil
                call.spread = try expression()
            } else if skip(.power) {
                isValid = call.keywordSpread == nil
                call.keywordSpread = try expression()
            } else if case .name(let name) = kind, peeks(.symbol(.assign)) {
                isValid = call.keywordSpread == nil && !call.keyword.contains { $0.name == name }
                advance()
                advance()
                call.keyword.append((name, try expression()))
            } else {
                isValid = call.spread == nil && call.keywordSpread == nil && call.keyword.isEmpty
                call.positional.append(try expression())
            }
            guard isValid else { throw error("arguments in an order that is not allowed", at: place) }
        }
        try expect(.rightParenthesis)
        return call
    }

    /// The filter whose name comes next, on a value.
    mutating func filter(on base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        let place = token.at
        let name = try dottedName()
        if !isConditional, TemplateFilters.named(name) == nil {
            unknownNames.append(error("no filter named '\(name)'", at: place))
        }
        let arguments = isAt(.leftParenthesis) ? try arguments() : CallNode()
        return try node(.application(.filter(base, name, arguments)), at: place, over: [base] + arguments.nodes)
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while skip(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func test(on base: ExpressionNode) throws(TemplateError) -> ExpressionNode {
        advance()
        let isNegated = skip(name: "not")
        let place = token.at
        let name = try dottedName()
        if !isConditional, TemplateTests.named(name) == nil {
            unknownNames.append(error("no test named '\(name)'", at: place))
        }
        var call = CallNode()
        if isAt(.leftParenthesis) {
            call = try arguments()
        } else if startsTestArgument {
            guard !isAt(name: "is") else { throw error("tests can't be chained with 'is'") }
            call.positional = [try postfix(try primary())]
        }
        let result = try node(.application(.test(base, name, call)), at: place, over: [base] + call.nodes)
        return isNegated ? try node(.operation(.unary(.not, result)), at: place, over: [result]) : result
    }

    private var startsTestArgument: Bool {
        switch kind {
        case .name(let name): name != "else" && name != "or" && name != "and"
        case .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace): true
        default: false
        }
    }
}
