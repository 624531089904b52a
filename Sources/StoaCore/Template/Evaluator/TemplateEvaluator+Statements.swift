internal import OrderedCollections

extension TemplateEvaluator {
    /// How a body of statements ended.
    enum Flow {
        case finished
        case brokeLoop
        case continuedLoop
    }

    @discardableResult
    func run(_ body: [StatementNode]) throws(TemplateError) -> Flow {
        for statement in body {
            let flow = try run(statement)
            guard flow == .finished else { return flow }
        }
        return .finished
    }

    private func run(_ statement: StatementNode) throws(TemplateError) -> Flow {
        try enter(place)
        defer { leave() }
        switch statement {
        case .text(let text): try write(text)
        case .output(let node): try runOutput(node)
        case .conditional(let branches, let otherwise): return try runConditional(branches, otherwise)
        case .loop(let loop):
            let iterated = try evaluate(loop.iterated)
            try runLoop(loop, over: iterated, depth: 0)
        case .set(let target, let node):
            let value = try evaluate(node)
            place = node.at
            try assign(value, to: target)
        case .setBlock(let target, let filter, let body): try runSetBlock(target, filter, body)
        case .macro(let macro): scope.values[macro.name] = allocate(.macro(macro, scope))
        case .call(let callee, let call, let caller, let at): try runCallBlock(callee, call, caller, at: at)
        case .filterBlock(let filter, let body): try runFilterBlock(filter, body)
        case .with(let bindings, let body): return try runWith(bindings, body)
        case .generation(let body): try runGeneration(body)
        case .breakLoop: return .brokeLoop
        case .continueLoop: return .continuedLoop
        }
        return .finished
    }

    private func runOutput(_ node: ExpressionNode) throws(TemplateError) {
        let value = try evaluate(node)
        place = node.at
        try write(try text(of: value))
    }

    private func runConditional(
        _ branches: [(test: ExpressionNode, body: [StatementNode])], _ otherwise: [StatementNode]
    ) throws(TemplateError) -> Flow {
        for branch in branches where try truth(of: try evaluate(branch.test)) { return try run(branch.body) }
        return try run(otherwise)
    }

    private func runSetBlock(
        _ target: TargetNode, _ filter: ExpressionNode?, _ body: [StatementNode]
    ) throws(TemplateError) {
        try assign(try filtered(filter, body), to: target)
    }

    private func runFilterBlock(_ filter: ExpressionNode, _ body: [StatementNode]) throws(TemplateError) {
        let value = try filtered(filter, body)
        try write(try text(of: value))
    }

    /// What a body writes, passed through the filters of its tag.
    private func filtered(_ filter: ExpressionNode?, _ body: [StatementNode]) throws(TemplateError) -> TemplateValue {
        let text = try capture { () throws(TemplateError) in
            try within(scope) { () throws(TemplateError) in _ = try run(body) }
        }
        guard let filter else { return .string(text) }
        let outer = capturedBlock
        capturedBlock = .string(text)
        defer { capturedBlock = outer }
        return try evaluate(filter)
    }

    private func runWith(
        _ bindings: [(target: TargetNode, value: ExpressionNode)], _ body: [StatementNode]
    ) throws(TemplateError) -> Flow {
        var values: [TemplateValue] = []
        for binding in bindings { values.append(try evaluate(binding.value)) }
        return try within(scope) { () throws(TemplateError) in
            for (binding, value) in zip(bindings, values) { try assign(value, to: binding.target) }
            return try run(body)
        }
    }

    private func runGeneration(_ body: [StatementNode]) throws(TemplateError) {
        let start = output.utf8.count
        try within(scope) { () throws(TemplateError) in _ = try run(body) }
        if captures == 0 { generations.append(start..<output.utf8.count) }
    }

    private func runCallBlock(
        _ callee: ExpressionNode, _ call: CallNode, _ caller: MacroNode, at offset: Int
    ) throws(TemplateError) {
        let value = allocate(.macro(caller, scope))
        let result = try evaluateCall(callee, call, at: offset, adding: ("caller", value))
        try write(try text(of: result))
    }

    // MARK: - Loops

    /// Runs a loop over what `iterated` holds.
    func runLoop(_ node: LoopNode, over iterated: TemplateValue, depth: Int) throws(TemplateError) {
        place = node.at
        let elements = try self.elements(of: iterated)
        let outer = scope
        let loop = TemplateLoop(node: node, scope: outer, elements: elements, depth: depth)
        let object = allocate(.loop(loop))
        defer { scope = outer }
        var hasFinishedOnce = false
        while let element = try next(loop) {
            try charge()
            loop.index += 1
            loop.previous = loop.current
            loop.current = element
            scope = TemplateScope(parent: outer)
            scope.values["loop"] = object
            place = node.at
            try assign(element, to: node.target)
            let flow = try run(node.body)
            if flow == .brokeLoop { break }
            // Jinja runs the else block also when every round was cut short; templates may rely on it.
            if flow == .finished { hasFinishedOnce = true }
        }
        scope = outer
        if !hasFinishedOnce, !node.otherwise.isEmpty {
            try within(outer) { () throws(TemplateError) in _ = try run(node.otherwise) }
        }
    }

    /// The next element that passes the loop's filter.
    private func next(_ loop: TemplateLoop) throws(TemplateError) -> TemplateValue? {
        guard let next = loop.ahead.popLast() else { return try pull(loop) }
        return next
    }

    private func pull(_ loop: TemplateLoop) throws(TemplateError) -> TemplateValue? {
        while loop.cursor < loop.elements.count {
            let element = loop.elements[loop.cursor]
            loop.cursor += 1
            guard let filter = loop.node.filter else { return element }
            let isWanted = try within(loop.scope) { () throws(TemplateError) in
                try assign(element, to: loop.node.target)
                return try truth(of: try evaluate(filter))
            }
            if isWanted { return element }
        }
        return nil
    }

    /// The element after the current one, without walking on.
    func peek(_ loop: TemplateLoop) throws(TemplateError) -> TemplateValue? {
        if let next = loop.ahead.last { return next }
        guard let next = try pull(loop) else { return nil }
        loop.ahead = [next]
        return next
    }

    /// The number of elements of the loop, which for a filtered loop means testing them all now.
    func length(of loop: TemplateLoop) throws(TemplateError) -> Int {
        if let length = loop.length { return length }
        var ahead: [TemplateValue] = loop.ahead.reversed()
        while let next = try pull(loop) { ahead.append(next) }
        loop.ahead = ahead.reversed()
        let length = loop.index + 1 + ahead.count
        loop.length = length
        return length
    }

    // MARK: - Assignment

    func assign(_ value: TemplateValue, to target: TargetNode) throws(TemplateError) {
        switch target {
        case .name(let name): scope.values[name] = value
        case .attribute(let name, let attribute, let at):
            place = at
            guard case .object(let object) = self.value(of: name), case .namespace(let namespace) = heap[object.id]
            else { throw failure("cannot assign attribute on non-namespace object '\(name)'") }
            try setAttribute(attribute, of: namespace, to: value)
        case .tuple(let targets):
            let elements = try self.elements(of: value)
            guard elements.count == targets.count else {
                throw failure("expected \(targets.count) values to unpack, got \(elements.count)")
            }
            for (target, element) in zip(targets, elements) { try assign(element, to: target) }
        }
    }

    func setAttribute(
        _ name: TemplateString, of namespace: TemplateNamespace, to value: TemplateValue
    ) throws(TemplateError) {
        guard name.utf8.first != UInt8(ascii: "_") else {
            throw failure("a namespace can't hold '\(name.text)': names that start with '_' are reserved")
        }
        namespace.values[name] = value
    }
}
