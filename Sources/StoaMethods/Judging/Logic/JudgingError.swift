internal import StoaCore

/// What keeps somebody from judging: options that make no sense.
struct JudgingError: StoaError, Hashable {
    let message: String
    let hint: String?
    var kind: FailureKind { .badInput }

    /// An option that came to something else than it must.
    static func wrongOption(_ method: String, _ key: String, expected: String, hint: String? = nil) -> JudgingError {
        JudgingError(message: "\(method): '\(key)': expected \(expected)", hint: hint)
    }
}
