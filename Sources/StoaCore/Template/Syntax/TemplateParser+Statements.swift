extension TemplateParser {
    /// Statements up to a block tag whose name is one of `ends`; the stream then stands at that name.
    mutating func statements(until ends: [String]) throws(TemplateError) -> [StatementNode] {
        try descend()
        defer { nesting -= 1 }
        var result: [StatementNode] = []
        while true {
            switch kind {
            case .end:
                guard ends.isEmpty else { throw unexpectedEnd(ends) }
                return result
            case .data(let text):
                advance()
                result.append(.text(text))
            case .variableBegin:
                advance()
                result.append(.output(try tuple()))
                try expect(.variableEnd, "end of print statement")
            case .blockBegin:
                advance()
                if case .name(let name) = kind, ends.contains(name) { return result }
                result.append(contentsOf: try statement(until: ends))
                try expect(.blockEnd, "end of statement block")
            default: throw error("unexpected \(found)")
            }
        }
    }

    private func unexpectedEnd(_ ends: [String]) -> TemplateError {
        let expected = ends.map { "'\($0)'" }.joined(separator: " or ")
        let open = openTags.last.map { "; the innermost open block is '\($0)'" } ?? ""
        return error("unexpected end of template, expected \(expected)\(open)")
    }

    /// The statements between the end of a tag and one of `ends`, whose name is consumed and returned.
    private mutating func body(_ ends: String...) throws(TemplateError) -> (body: [StatementNode], end: String) {
        _ = skip(.colon)
        try expect(.blockEnd, "end of statement block")
        let body = try statements(until: ends)
        return (body, try expectName())
    }

    private mutating func statement(until ends: [String]) throws(TemplateError) -> [StatementNode] {
        let place = token.at
        guard case .name(let tag) = kind else { throw error("expected the name of a tag, got \(found)") }
        openTags.append(tag)
        defer { openTags.removeLast() }
        advance()
        switch tag {
        case "if": return [try conditional()]
        case "for": return [try loop(at: place)]
        case "set": return [try set()]
        case "macro": return [try macro(at: place)]
        case "call": return [try callBlock(at: place)]
        case "filter": return [try filterBlock()]
        case "with": return [try with()]
        case "print": return try printed()
        case "generation":
            return [
                try inner { (parser) throws(TemplateError) in
                    .generation(body: try parser.body("endgeneration").body)
                }
            ]
        case "break", "continue":
            guard loops > 0 else { throw error("'\(tag)' outside a loop", at: place) }
            return [tag == "break" ? .breakLoop : .continueLoop]
        case "block", "extends", "include", "import", "from", "autoescape":
            throw error("tag '\(tag)' is not supported", at: place)
        default:
            let expected = ends.map { "'\($0)'" }.joined(separator: " or ")
            throw error("unknown tag '\(tag)'\(ends.isEmpty ? "" : ", expected \(expected)")", at: place)
        }
    }

    /// Parses what runs in a scope of its own: unknown filters in it are errors again, and outer loops can't be left.
    private mutating func inner<Result>(
        keepsLoops: Bool = false, _ parse: (inout TemplateParser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let saved = (isConditional, loops)
        isConditional = false
        if !keepsLoops { loops = 0 }
        defer { (isConditional, loops) = saved }
        return try parse(&self)
    }

    private mutating func conditional() throws(TemplateError) -> StatementNode {
        let wasConditional = isConditional
        defer { isConditional = wasConditional }
        isConditional = true
        var branches: [(test: ExpressionNode, body: [StatementNode])] = []
        while true {
            let test = try tuple(conditional: false)
            let (statements, end) = try body("elif", "else", "endif")
            branches.append((test, statements))
            if end == "elif" { continue }
            let otherwise = end == "else" ? try body("endif").body : []
            return .conditional(branches: branches, otherwise: otherwise)
        }
    }

    private mutating func loop(at place: Int) throws(TemplateError) -> StatementNode {
        let target = try target(endsAt: "in", namespaces: false)
        guard !target.assigns("loop") else { throw error("can't assign to 'loop' in a loop", at: place) }
        guard skip(name: "in") else { throw error("expected 'in', got \(found)") }
        let iterated = try tuple(conditional: false, endsAt: "recursive")
        return try inner(keepsLoops: true) { (parser) throws(TemplateError) in
            let filter = parser.skip(name: "if") ? try parser.expression() : nil
            let isRecursive = parser.skip(name: "recursive")
            parser.loops += 1
            let (body, end) = try parser.body("endfor", "else")
            parser.loops -= 1
            let otherwise = end == "else" ? try parser.body("endfor").body : []
            return .loop(
                LoopNode(
                    target: target, iterated: iterated, filter: filter, isRecursive: isRecursive, body: body,
                    otherwise: otherwise, at: place))
        }
    }

    private mutating func set() throws(TemplateError) -> StatementNode {
        let target = try target(endsAt: nil, namespaces: true)
        if skip(.assign) { return .set(target, try tuple()) }
        return try inner { (parser) throws(TemplateError) in
            var filter: ExpressionNode?
            while parser.skip(.pipe) {
                let base = if let filter { filter } else { try parser.captured() }
                filter = try parser.filter(on: base)
            }
            return .setBlock(target, filter: filter, body: try parser.body("endset").body)
        }
    }

    private func captured() throws(TemplateError) -> ExpressionNode { try node(.captured, at: token.at) }

    private mutating func filterBlock() throws(TemplateError) -> StatementNode {
        try inner { (parser) throws(TemplateError) in
            var filter = try parser.filter(on: try parser.captured())
            while parser.skip(.pipe) { filter = try parser.filter(on: filter) }
            return .filterBlock(filter, body: try parser.body("endfilter").body)
        }
    }

    private mutating func with() throws(TemplateError) -> StatementNode {
        var bindings: [(target: TargetNode, value: ExpressionNode)] = []
        while kind != .blockEnd, !isAt(.colon) {
            if !bindings.isEmpty { try expect(.comma) }
            let target = try target(endsAt: nil, namespaces: false)
            try expect(.assign)
            bindings.append((target, try expression()))
        }
        return try inner(keepsLoops: true) { (parser) throws(TemplateError) in
            .with(bindings, body: try parser.body("endwith").body)
        }
    }

    private mutating func printed() throws(TemplateError) -> [StatementNode] {
        var result: [StatementNode] = []
        while kind != .blockEnd {
            if !result.isEmpty { try expect(.comma) }
            result.append(.output(try expression()))
        }
        return result
    }

    private mutating func macro(at place: Int) throws(TemplateError) -> StatementNode {
        let name = try expectName()
        try checkAssignable(name, at: place)
        return .macro(
            try function(named: name, at: place, end: "endmacro") { (parser) throws(TemplateError) in
                try parser.signature()
            })
    }

    private mutating func callBlock(at place: Int) throws(TemplateError) -> StatementNode {
        let parameters = isAt(.leftParenthesis) ? try signature() : []
        let call = try expression()
        guard case .application(.call(let callee, let arguments)) = call.kind else {
            throw error("expected a call", at: place)
        }
        let caller = try function(named: "caller", at: place, end: "endcall") { (_) throws(TemplateError) in
            parameters
        }
        return .call(callee, arguments, caller, at: call.at)
    }

    private mutating func function(
        named name: String, at place: Int, end: String,
        signature: (inout TemplateParser) throws(TemplateError) -> [MacroNode.Parameter]
    ) throws(TemplateError) -> MacroNode {
        let outerNames = loadedNames
        loadedNames = []
        defer { loadedNames.formUnion(outerNames) }
        return try inner { (parser) throws(TemplateError) in
            let parameters = try signature(&parser)
            let body = try parser.body(end).body
            return MacroNode(
                name: name, parameters: parameters, body: body, usesVarargs: parser.loadedNames.contains("varargs"),
                usesKwargs: parser.loadedNames.contains("kwargs"), usesCaller: parser.loadedNames.contains("caller"),
                at: place)
        }
    }

    private mutating func signature() throws(TemplateError) -> [MacroNode.Parameter] {
        try expect(.leftParenthesis)
        var parameters: [MacroNode.Parameter] = []
        while !isAt(.rightParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let place = token.at
            let name = try expectName()
            try checkAssignable(name, at: place)
            guard !parameters.contains(where: { $0.name == name }) else {
                throw error("parameter '\(name)' appears twice", at: place)
            }
            if skip(.assign) {
                parameters.append(MacroNode.Parameter(name: name, defaultValue: try expression()))
            } else {
                guard parameters.last?.defaultValue == nil else {
                    throw error("a parameter without a default follows one with a default", at: place)
                }
                parameters.append(MacroNode.Parameter(name: name, defaultValue: nil))
            }
        }
        try expect(.rightParenthesis)
        return parameters
    }

    // MARK: - Targets of assignments

    private mutating func target(endsAt endName: String?, namespaces: Bool) throws(TemplateError) -> TargetNode {
        var targets: [TargetNode] = []
        var isTuple = false
        while !isTargetEnd(endName) {
            targets.append(try singleTarget(namespaces: namespaces))
            guard skip(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            guard let only = targets.first else { throw error("expected a name to assign to, got \(found)") }
            return only
        }
        return .tuple(targets)
    }

    private func isTargetEnd(_ endName: String?) -> Bool {
        switch kind {
        case .blockEnd, .variableEnd, .end, .symbol(.rightParenthesis): true
        case .name(let name): name == endName
        default: false
        }
    }

    private mutating func singleTarget(namespaces: Bool) throws(TemplateError) -> TargetNode {
        let place = token.at
        if skip(.leftParenthesis) {
            try descend()
            defer { nesting -= 1 }
            let inner = try target(endsAt: nil, namespaces: namespaces)
            try expect(.rightParenthesis)
            return inner
        }
        guard case .name(let name) = kind else { throw error("can't assign to \(found)") }
        advance()
        if namespaces, skip(.dot) {
            loadedNames.insert(name)
            return .attribute(namespace: name, name: TemplateString(try expectName(), isTrusted: true), at: place)
        }
        try checkAssignable(name, at: place)
        return .name(name)
    }

    private func checkAssignable(_ name: String, at place: Int) throws(TemplateError) {
        if ["true", "false", "none", "True", "False", "None"].contains(name) {
            throw error("can't assign to '\(name)'", at: place)
        }
    }
}

extension TargetNode {
    /// Whether a name is among those assigned.
    func assigns(_ name: String) -> Bool {
        switch self {
        case .name(let own): own == name
        case .attribute: false
        case .tuple(let targets): targets.contains { $0.assigns(name) }
        }
    }
}
