package import StoaCore

/// Why an arithmetic expression has no value.
///
/// What models and people write is data: where it is judged, this ends as evidence or as a tool's failure.
package struct ExpressionError: StoaError, Hashable {
    /// The precise failure.
    package enum Code: String, Sendable, Hashable {
        /// The text is no expression.
        case syntax
        /// A division by zero, the root of a negative number or the like.
        case undefined
        /// A bound of `NumberLimits` was passed.
        case limit
    }

    /// The precise failure.
    package let code: Code
    /// Where it is, in characters from 1.
    package let column: Int
    /// What failed, on what, expected and found.
    package let message: String

    /// The class of the failure.
    package var kind: FailureKind { code == .limit ? .budget : .badInput }
    /// Nothing beyond the message.
    package var hint: String? { nil }

    init(_ code: Code, in source: [UInt8], at offset: Int, _ reason: String) {
        self.code = code
        column = String(decoding: source[..<min(offset, source.count)], as: UTF8.self).unicodeScalars.count + 1
        let text = String(decoding: source.prefix(1000), as: UTF8.self)
        // An error shows enough of a text to recognise it.
        let excerpt = text.count > 60 ? "\(text.prefix(60))…" : text
        message = "expression \"\(excerpt)\": column \(column): \(reason)"
    }
}
