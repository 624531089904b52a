internal import OrderedCollections

extension TemplateEvaluator {
    /// The value of an expression.
    ///
    /// Evaluation recurses through here, so the frame is kept small: payloads are unpacked one call further down.
    @inline(never)
    func evaluate(_ node: ExpressionNode) throws(TemplateError) -> TemplateValue {
        try enter(node.at)
        defer { leave() }
        return switch node.kind {
        case .constant(let value): value
        case .name(let name): value(of: name)
        case .captured: capturedBlock
        case .access(let access): try evaluate(access, at: node.at)
        case .application(let application): try evaluate(application, at: node.at)
        case .operation(let operation): try evaluate(operation, at: node.at)
        case .choice(let choice): try evaluate(choice)
        case .literal(let literal): try evaluate(literal, at: node.at)
        }
    }

    private func evaluate(_ access: ExpressionNode.Access, at offset: Int) throws(TemplateError) -> TemplateValue {
        switch access {
        case .attribute(let base, let name): return try evaluateAttribute(base, name, at: offset)
        case .item(let base, let key): return try evaluateItem(base, key, at: offset)
        case .slice:
            place = offset
            throw failure("a slice can only be used as an index")
        }
    }

    private func evaluate(
        _ application: ExpressionNode.Application, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        switch application {
        case .call(let callee, let call): try evaluateCall(callee, call, at: offset)
        case .filter(let base, let name, let call): try evaluateFilter(base, name, call, at: offset)
        case .test(let base, let name, let call): try evaluateTest(base, name, call, at: offset)
        }
    }

    private func evaluate(
        _ operation: ExpressionNode.Operation, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        switch operation {
        case .unary(let operation, let operand): try evaluateUnary(operation, operand, at: offset)
        case .binary(let operation, let left, let right): try evaluateBinary(operation, left, right, at: offset)
        case .comparison(let first, let rest): try evaluateComparison(first, rest, at: offset)
        case .concatenation(let nodes): try evaluateConcatenation(nodes, at: offset)
        }
    }

    private func evaluate(_ choice: ExpressionNode.Choice) throws(TemplateError) -> TemplateValue {
        switch choice {
        case .and(let left, let right):
            let value = try evaluate(left)
            return try truth(of: value) ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return try truth(of: value) ? value : try evaluate(right)
        case .conditional(let test, let then, let otherwise):
            return try evaluateConditional(test, then, otherwise)
        }
    }

    private func evaluate(_ literal: ExpressionNode.Literal, at offset: Int) throws(TemplateError) -> TemplateValue {
        switch literal {
        case .tuple(let nodes): try sequence(.tuple, try values(of: nodes))
        case .list(let nodes): try list(try values(of: nodes))
        case .dictionary(let pairs): try evaluateDictionary(pairs, at: offset)
        }
    }

    private func values(of nodes: [ExpressionNode]) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try evaluate(node)) }
        return values
    }

    private func evaluateConditional(
        _ test: ExpressionNode, _ then: ExpressionNode, _ otherwise: ExpressionNode?
    ) throws(TemplateError) -> TemplateValue {
        if try truth(of: try evaluate(test)) { return try evaluate(then) }
        if let otherwise { return try evaluate(otherwise) }
        return .undefined(
            TemplateUndefined(.other("the inline if-expression evaluated to false and no else was given")))
    }

    private func evaluateDictionary(
        _ pairs: [(key: ExpressionNode, value: ExpressionNode)], at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        var result = TemplateDictionary()
        for pair in pairs {
            let keyValue = try evaluate(pair.key)
            let value = try evaluate(pair.value)
            place = offset
            result[try key(of: keyValue)] = value
        }
        place = offset
        try check(depth: result.depth)
        return .dictionary(result)
    }

    private func evaluateUnary(
        _ operation: ExpressionNode.Unary, _ operand: ExpressionNode, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(operand)
        place = offset
        switch operation {
        case .not: return .bool(!(try truth(of: value)))
        case .negate: return try negated(value)
        case .plus: return try plus(value)
        }
    }

    private func evaluateBinary(
        _ operation: ExpressionNode.Binary, _ left: ExpressionNode, _ right: ExpressionNode, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        let first = try evaluate(left)
        let second = try evaluate(right)
        place = offset
        return try binary(operation, first, second)
    }

    private func evaluateConcatenation(
        _ nodes: [ExpressionNode], at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        var result = TemplateString()
        for node in nodes {
            let value = try evaluate(node)
            place = offset
            let piece = try text(of: value)
            try charge(piece.utf8.count / 32)
            result.append(piece)
            if result.utf8.count > limits.bytes { throw failure("text longer than \(limits.bytes) bytes", .limit) }
        }
        return .string(result)
    }

    private func evaluateComparison(
        _ first: ExpressionNode, _ rest: [(operation: ExpressionNode.Comparison, operand: ExpressionNode)],
        at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        var left = try evaluate(first)
        for (operation, operand) in rest {
            let right = try evaluate(operand)
            place = offset
            guard try compare(operation, left, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private func evaluateAttribute(
        _ base: ExpressionNode, _ name: TemplateString, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(base)
        place = offset
        return try attribute(name, of: value)
    }

    private func evaluateItem(
        _ base: ExpressionNode, _ key: ExpressionNode, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(base)
        if case .access(.slice(let start, let stop, let step)) = key.kind {
            let start = try start.map { (node) throws(TemplateError) in try evaluate(node) }
            let stop = try stop.map { (node) throws(TemplateError) in try evaluate(node) }
            let step = try step.map { (node) throws(TemplateError) in try evaluate(node) }
            place = offset
            return try slice(value, from: start ?? .null, to: stop ?? .null, by: step ?? .null)
        }
        let key = try evaluate(key)
        place = offset
        return try item(key, of: value)
    }

    // MARK: - Calls

    private func arguments(
        _ call: CallNode, adding extra: (name: String, value: TemplateValue)?
    ) throws(TemplateError) -> TemplateArguments {
        var arguments = TemplateArguments(try values(of: call.positional))
        for (name, node) in call.keyword { arguments.keyword.append((name, try evaluate(node))) }
        if let spread = call.spread {
            arguments.positional.append(contentsOf: try elements(of: try evaluate(spread)))
        }
        if let spread = call.keywordSpread {
            let value = try evaluate(spread)
            guard case .dictionary(let dictionary) = value else {
                throw failure("argument after ** must be a mapping, not \(value.typeName)")
            }
            for (key, value) in dictionary.members {
                guard case .string(let name) = key else { throw failure("keywords must be strings") }
                guard !arguments.keyword.contains(where: { $0.name == name.text }) else {
                    throw failure("keyword argument '\(name.text)' is given twice")
                }
                arguments.keyword.append((name.text, value))
            }
            try charge(dictionary.count * (dictionary.count + 1) / 2 + 1)
        }
        if let extra { arguments.keyword.append(extra) }
        return arguments
    }

    func evaluateCall(
        _ callee: ExpressionNode, _ call: CallNode, at offset: Int,
        adding extra: (name: String, value: TemplateValue)? = nil
    ) throws(TemplateError) -> TemplateValue {
        switch callee.kind {
        case .access(.attribute(let base, let name)):
            let receiver = try evaluate(base)
            let arguments = try arguments(call, adding: extra)
            place = offset
            return try callAttribute(name, of: receiver, arguments)
        case .name(let name)
        where scope.value(of: name) == nil && context[name] == nil
            && TemplateGlobals.names.contains(name):
            let arguments = try arguments(call, adding: extra)
            place = offset
            return try callGlobal(name, arguments)
        default:
            let function = try evaluate(callee)
            let arguments = try arguments(call, adding: extra)
            place = offset
            return try self.call(function, arguments)
        }
    }

    private func evaluateFilter(
        _ base: ExpressionNode, _ name: String, _ call: CallNode, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(base)
        let arguments = try arguments(call, adding: nil)
        place = offset
        return try applyFilter(name, to: value, arguments)
    }

    private func evaluateTest(
        _ base: ExpressionNode, _ name: String, _ call: CallNode, at offset: Int
    ) throws(TemplateError) -> TemplateValue {
        let value = try evaluate(base)
        let arguments = try arguments(call, adding: nil)
        place = offset
        return .bool(try applyTest(name, to: value, arguments))
    }

    func applyFilter(
        _ name: String, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        guard let filter = TemplateFilters.named(name) else { throw failure("no filter named '\(name)'") }
        try charge()
        return try filter(self, value, arguments)
    }

    func applyTest(
        _ name: String, to value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> Bool {
        guard let test = TemplateTests.named(name) else { throw failure("no test named '\(name)'") }
        try charge()
        return try test(self, value, arguments)
    }
}
