extension Template {
    /// The names it reads from its context: each once, in order of appearance.
    ///
    /// Names that it may or may not have assigned itself by then, such as in one branch of an `if`, are among them;
    /// those of functions that every template can call are not.
    ///
    /// Complexity: proportional to the size of the source.
    public var names: [String] {
        var analysis = TemplateNames()
        analysis.visit(body)
        return analysis.free
    }

    /// Where it first reads a name from its context, in lines and columns from 1; nil for names that it does not read.
    package func place(of name: String) -> (line: Int, column: Int)? {
        var analysis = TemplateNames()
        analysis.visit(body)
        return analysis.place(of: name, in: source)
    }
}

extension TemplateExpression {
    /// The names it reads from its context: each once, in order of appearance; those of functions that every template
    /// can call are not among them.
    ///
    /// Complexity: proportional to the size of the source.
    public var names: [String] {
        var analysis = TemplateNames()
        analysis.visit(node)
        return analysis.free
    }

    /// Where it first reads a name from its context, in lines and columns from 1; nil for names that it does not read.
    package func place(of name: String) -> (line: Int, column: Int)? {
        var analysis = TemplateNames()
        analysis.visit(node)
        return analysis.place(of: name, in: source)
    }

    /// The names of the functions that every template can call.
    public static let globalNames = TemplateGlobals.names
}

/// Finds the names that a template reads and does not define.
///
/// It follows the evaluator: loops, macros and blocks have scopes of their own, the branches of an `if` do not.
struct TemplateNames {
    private(set) var free: [String] = []
    /// Where each free name is read first, in bytes.
    private var offsets: [String: Int] = [:]
    /// What is certainly assigned, per scope, innermost last.
    private var scopes: [Set<String>] = [[]]

    // MARK: - Statements

    mutating func visit(_ body: [StatementNode]) {
        for statement in body { visit(statement) }
    }

    private mutating func visit(_ statement: StatementNode) {
        switch statement {
        case .text, .breakLoop, .continueLoop: break
        case .output(let node): visit(node)
        case .conditional(let branches, let otherwise): visit(branches, otherwise)
        case .loop(let loop): visit(loop)
        case .set(let target, let node):
            visit(node)
            assign(target)
        case .setBlock(let target, let filter, let body):
            within { $0.visit(body) }
            if let filter { visit(filter) }
            assign(target)
        case .macro(let macro):
            assign(macro.name)
            visit(macro)
        case .call(let callee, let call, let caller, _):
            visit(caller)
            visit(callee)
            visit(call.nodes)
        case .filterBlock(let filter, let body):
            within { $0.visit(body) }
            visit(filter)
        case .with(let bindings, let body):
            visit(bindings.map(\.value))
            within { analysis in
                for binding in bindings { analysis.assign(binding.target) }
                analysis.visit(body)
            }
        case .generation(let body): within { $0.visit(body) }
        }
    }

    private mutating func visit(
        _ branches: [(test: ExpressionNode, body: [StatementNode])], _ otherwise: [StatementNode]
    ) {
        let before = scopes
        var after: Set<String>?
        func join(_ outcome: Set<String>) { after = after?.intersection(outcome) ?? outcome }
        for branch in branches {
            visit(branch.test)
            visit(branch.body)
            join(scopes[scopes.count - 1])
            scopes = before
        }
        visit(otherwise)
        join(scopes[scopes.count - 1])
        scopes[scopes.count - 1] = after ?? []
    }

    private mutating func visit(_ loop: LoopNode) {
        visit(loop.iterated)
        within { analysis in
            analysis.assign(loop.target)
            if let filter = loop.filter { analysis.visit(filter) }
            analysis.assign("loop")
            analysis.visit(loop.body)
        }
        within { $0.visit(loop.otherwise) }
    }

    private mutating func visit(_ macro: MacroNode) {
        within { analysis in
            for parameter in macro.parameters {
                if let node = parameter.defaultValue { analysis.visit(node) }
                analysis.assign(parameter.name)
            }
            for name in ["varargs", "kwargs", "caller"] { analysis.assign(name) }
            analysis.visit(macro.body)
        }
    }

    // MARK: - Expressions

    private mutating func visit(_ nodes: [ExpressionNode]) {
        for node in nodes { visit(node) }
    }

    mutating func visit(_ node: ExpressionNode) {
        switch node.kind {
        case .constant, .captured: break
        case .name(let name): read(name, at: node.at)
        case .access(.attribute(let base, _)): visit(base)
        case .access(.item(let base, let item)): visit([base, item])
        case .access(.slice(let start, let stop, let step)): visit([start, stop, step].compactMap { $0 })
        case .application(.call(let base, let call)), .application(.filter(let base, _, let call)),
            .application(.test(let base, _, let call)):
            visit(base)
            visit(call.nodes)
        case .operation(let operation): visit(operation)
        case .choice(.and(let first, let second)), .choice(.or(let first, let second)): visit([first, second])
        case .choice(.conditional(let test, let then, let otherwise)):
            visit([test, then])
            if let otherwise { visit(otherwise) }
        case .literal(.tuple(let nodes)), .literal(.list(let nodes)): visit(nodes)
        case .literal(.dictionary(let members)):
            for member in members { visit([member.key, member.value]) }
        }
    }

    private mutating func visit(_ operation: ExpressionNode.Operation) {
        switch operation {
        case .unary(_, let node): visit(node)
        case .binary(_, let first, let second): visit([first, second])
        case .concatenation(let nodes): visit(nodes)
        case .comparison(let first, let others): visit([first] + others.map(\.operand))
        }
    }

    // MARK: - Names

    func place(of name: String, in source: TemplateSource) -> (line: Int, column: Int)? {
        guard let offset = offsets[name] else { return nil }
        let error = source.error(.undefined, "", at: offset)
        return (error.line, error.column)
    }

    private mutating func read(_ name: String, at offset: Int) {
        guard !TemplateGlobals.names.contains(name), !scopes.contains(where: { $0.contains(name) }) else { return }
        guard offsets[name] == nil else { return }
        offsets[name] = offset
        free.append(name)
    }

    private mutating func assign(_ target: TargetNode) {
        switch target {
        case .name(let name): assign(name)
        case .attribute(let namespace, _, let offset): read(namespace, at: offset)
        case .tuple(let targets): for target in targets { assign(target) }
        }
    }

    private mutating func assign(_ name: String) { scopes[scopes.count - 1].insert(name) }

    private mutating func within(_ body: (inout TemplateNames) -> Void) {
        scopes.append([])
        body(&self)
        scopes.removeLast()
    }
}
