/// A template or expression that cannot be accepted or cannot be rendered, with the place of the first offence.
public struct TemplateError: StoaError, Hashable {
    /// What went wrong, as a closed set of classes.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The text does not follow the grammar.
        case syntax
        /// An operation is not defined for the values it met.
        case evaluation
        /// Something undefined was used where a value is needed.
        case undefined
        /// The template itself called `raise_exception`.
        case raised
        /// A limit of `TemplateLimits` was reached.
        case limit
    }

    /// What there is to say, behind one pointer: every `try` in the recursive parser and evaluator keeps room for an
    /// error on the stack.
    private indirect enum Storage: Sendable, Hashable {
        case detail(code: Code, reason: String, name: String, line: Int, column: Int, excerpt: String)
    }

    private let storage: Storage

    package init(code: Code, reason: String, name: String, line: Int, column: Int, excerpt: String) {
        storage = .detail(code: code, reason: reason, name: name, line: line, column: column, excerpt: excerpt)
    }

    /// The class of the failure.
    public var code: Code {
        switch storage {
        case .detail(let code, _, _, _, _, _): code
        }
    }
    /// What was wrong.
    public var reason: String {
        switch storage {
        case .detail(_, let reason, _, _, _, _): reason
        }
    }
    /// The name of the template.
    public var name: String {
        switch storage {
        case .detail(_, _, let name, _, _, _): name
        }
    }
    /// The line of the offending place, from 1.
    public var line: Int {
        switch storage {
        case .detail(_, _, _, let line, _, _): line
        }
    }
    /// The column of the offending place in Unicode scalars, from 1.
    public var column: Int {
        switch storage {
        case .detail(_, _, _, _, let column, _): column
        }
    }
    /// The source around the place, at most one line.
    public var excerpt: String {
        switch storage {
        case .detail(_, _, _, _, _, let excerpt): excerpt
        }
    }

    /// A budget for limits, bad input for everything else.
    public var kind: FailureKind { code == .limit ? .budget : .badInput }
    /// The reason with its place.
    public var message: String { "template \(name):\(line):\(column): \(reason), at \"\(excerpt)\"" }
    /// What limits exist, for limits.
    public var hint: String? {
        code == .limit ? "raise the limit in TemplateLimits if the template can be trusted" : nil
    }
}
