internal import OrderedCollections

/// One rendering of a template, or one evaluation of an expression.
///
/// It has no effects: it reads its context and writes its output. Every loop, copy and search is paid for from a budget
/// of steps, strings and lists are bounded, and so is recursion, so it ends whatever the source says.
package final class TemplateEvaluator {
    let source: TemplateSource
    let limits: TemplateLimits
    let context: OrderedDictionary<String, TemplateValue>
    let now: TemplateDate?

    /// The steps left.
    private(set) var steps: Int
    private(set) var depth = 0
    /// The offset in the source of what is being done, for errors.
    var place = 0
    var heap: [TemplateHeapObject] = []
    var scope = TemplateScope(parent: nil)
    var output = TemplateString()
    /// How many outputs are set aside while a block is captured.
    private(set) var captures = 0
    var generations: [Range<Int>] = []
    /// What the filter of a block is applied to.
    var capturedBlock: TemplateValue = .null

    init(
        source: TemplateSource, limits: TemplateLimits, context: OrderedDictionary<String, TemplateValue>,
        now: TemplateDate?
    ) throws(TemplateError) {
        self.source = source
        self.limits = limits
        self.context = context
        self.now = now
        steps = limits.steps
        for (name, value) in context where value.depth > TemplateLimits.valueDepth {
            throw failure("value '\(name)' is nested deeper than \(TemplateLimits.valueDepth) levels", .limit)
        }
    }

    // MARK: - Errors and budget

    /// An error at the current place.
    func failure(_ reason: String, _ code: TemplateError.Code = .evaluation) -> TemplateError {
        source.error(code, reason, at: place)
    }

    /// The error of using something undefined.
    func failure(_ undefined: TemplateUndefined) -> TemplateError { failure(undefined.reason, .undefined) }

    /// Pays for work about to be done.
    func charge(_ count: Int = 1) throws(TemplateError) {
        steps -= count
        if steps < 0 { throw failure("more than \(limits.steps) steps of work", .limit) }
    }

    /// Pays for making or searching text.
    func charge(bytes: Int) throws(TemplateError) {
        if bytes > limits.bytes { throw failure("text longer than \(limits.bytes) bytes", .limit) }
        try charge(bytes / 32 + 1)
    }

    /// Pays for making a list.
    func charge(elements: Int) throws(TemplateError) {
        try charge(elements + 1)
    }

    func enter(_ offset: Int) throws(TemplateError) {
        depth += 1
        steps -= 1
        if depth > limits.depth {
            place = offset
            throw failure("nesting deeper than \(limits.depth) levels while evaluating", .limit)
        }
        if steps < 0 {
            place = offset
            throw failure("more than \(limits.steps) steps of work", .limit)
        }
    }

    func leave() { depth -= 1 }

    // MARK: - Values

    func allocate(_ object: TemplateHeapObject) -> TemplateValue {
        heap.append(object)
        return .object(TemplateObject(id: heap.count - 1, kind: object.kind))
    }

    /// A sequence of the elements; its nesting is bounded.
    func sequence(
        _ kind: TemplateSequence.Kind, _ elements: [TemplateValue]
    ) throws(TemplateError) -> TemplateValue {
        try charge(elements: elements.count)
        let sequence = TemplateSequence(kind, elements)
        try check(depth: sequence.depth)
        return .sequence(sequence)
    }

    func list(_ elements: [TemplateValue]) throws(TemplateError) -> TemplateValue { try sequence(.list, elements) }

    func check(depth: Int) throws(TemplateError) {
        if depth > TemplateLimits.valueDepth {
            throw failure("value nested deeper than \(TemplateLimits.valueDepth) levels", .limit)
        }
    }

    /// The value of a name: of the blocks around, of the context, or a global function.
    func value(of name: String) -> TemplateValue {
        if let value = scope.value(of: name) ?? context[name] { return value }
        if TemplateGlobals.names.contains(name) { return allocate(.function(name)) }
        return .undefined(TemplateUndefined(.name(name)))
    }

    /// Runs `body` with an output of its own and returns what it wrote.
    func capture(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> TemplateString {
        let outer = output
        output = TemplateString()
        captures += 1
        defer {
            output = outer
            captures -= 1
        }
        try body()
        return output
    }

    /// Runs `body` in a scope inside `parent`.
    func within<Result>(
        _ parent: TemplateScope, _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = scope
        scope = TemplateScope(parent: parent)
        defer { scope = outer }
        return try body()
    }

    func write(_ text: TemplateString) throws(TemplateError) {
        steps -= text.utf8.count / 32 + 1
        output.append(text)
        if output.utf8.count > limits.bytes {
            throw failure("output longer than \(limits.bytes) bytes", .limit)
        }
    }
}
