/// An expression of a template, with its place.
package struct ExpressionNode: Sendable {
    package enum Unary: Sendable {
        case negate
        case plus
        case not
    }

    package enum Binary: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case floorDivide = "//"
        case modulo = "%"
        case power = "**"
    }

    package enum Comparison: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
        case isNotIn = "not in"
    }

    /// What kind of expression it is; the groups keep the evaluator's recursive frames small.
    package enum Kind: Sendable {
        case constant(TemplateValue)
        case name(String)
        /// What a filter of a block is applied to.
        case captured
        case access(Access)
        case application(Application)
        case operation(Operation)
        case choice(Choice)
        case literal(Literal)
    }

    package indirect enum Access: Sendable {
        case attribute(ExpressionNode, TemplateString)
        case item(ExpressionNode, ExpressionNode)
        case slice(start: ExpressionNode?, stop: ExpressionNode?, step: ExpressionNode?)
    }

    package indirect enum Application: Sendable {
        case call(ExpressionNode, CallNode)
        case filter(ExpressionNode, String, CallNode)
        case test(ExpressionNode, String, CallNode)
    }

    package indirect enum Operation: Sendable {
        case unary(Unary, ExpressionNode)
        case binary(Binary, ExpressionNode, ExpressionNode)
        case concatenation([ExpressionNode])
        case comparison(ExpressionNode, [(operation: Comparison, operand: ExpressionNode)])
    }

    package indirect enum Choice: Sendable {
        case and(ExpressionNode, ExpressionNode)
        case or(ExpressionNode, ExpressionNode)
        case conditional(test: ExpressionNode, then: ExpressionNode, otherwise: ExpressionNode?)
    }

    package indirect enum Literal: Sendable {
        case tuple([ExpressionNode])
        case list([ExpressionNode])
        case dictionary([(key: ExpressionNode, value: ExpressionNode)])
    }

    package let kind: Kind
    /// The offset of the place in the source, in bytes.
    package let at: Int
    /// The height of the tree, which bounds every recursion over it.
    package let height: Int
}

/// The arguments of a call, a filter or a test.
package struct CallNode: Sendable {
    package var positional: [ExpressionNode] = []
    package var keyword: [(name: String, value: ExpressionNode)] = []
    package var spread: ExpressionNode?
    package var keywordSpread: ExpressionNode?

    var nodes: [ExpressionNode] {
        positional + keyword.map(\.value) + [spread, keywordSpread].compactMap { $0 }
    }
}

/// What can stand left of an assignment.
package indirect enum TargetNode: Sendable {
    case name(String)
    case attribute(namespace: String, name: TemplateString, at: Int)
    case tuple([TargetNode])
}

/// A statement of a template.
package indirect enum StatementNode: Sendable {
    case text(TemplateString)
    case output(ExpressionNode)
    case conditional(branches: [(test: ExpressionNode, body: [StatementNode])], otherwise: [StatementNode])
    case loop(LoopNode)
    case set(TargetNode, ExpressionNode)
    case setBlock(TargetNode, filter: ExpressionNode?, body: [StatementNode])
    case macro(MacroNode)
    case call(ExpressionNode, CallNode, MacroNode, at: Int)
    case filterBlock(ExpressionNode, body: [StatementNode])
    case with([(target: TargetNode, value: ExpressionNode)], body: [StatementNode])
    case generation(body: [StatementNode])
    case breakLoop
    case continueLoop
}

/// A `for` loop.
package struct LoopNode: Sendable {
    package let target: TargetNode
    package let iterated: ExpressionNode
    package let filter: ExpressionNode?
    package let isRecursive: Bool
    package let body: [StatementNode]
    package let otherwise: [StatementNode]
    package let at: Int
}

/// A macro, or the body of a call block.
package struct MacroNode: Sendable {
    package struct Parameter: Sendable {
        let name: String
        let defaultValue: ExpressionNode?
    }

    package let name: String
    package let parameters: [Parameter]
    package let body: [StatementNode]
    /// Whether the body reads `varargs`, `kwargs` or `caller`, and so accepts what they hold.
    package let usesVarargs: Bool
    package let usesKwargs: Bool
    package let usesCaller: Bool
    package let at: Int
}
