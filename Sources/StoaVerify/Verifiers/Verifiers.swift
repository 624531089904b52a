public import StoaCore

/// The verifiers that come with the program; a new one is a file beside this one and an entry here.
public enum Verifiers {
    /// All of them, in the order of their names.
    public static let all: [any Verifier] = [
        ArithmeticVerifier(), BoxedVerifier(), EquivalentVerifier(), NumericVerifier(),
    ]

    /// The verifier of a name.
    ///
    /// - Parameter name: as playbooks write it.
    /// - Returns: the verifier; nil where there is none.
    public static func named(_ name: String) -> (any Verifier)? { all.first { $0.name == name } }
}

/// What evidence quotes of a text.
func quoted(_ text: String) -> String {
    let line = text.prefix(100).split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 80 ? "\"\(line.prefix(80))…\"" : "\"\(line)\""
}
