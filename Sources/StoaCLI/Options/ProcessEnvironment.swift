internal import Glibc

/// The environment of the process as a value: read once, passed to whatever needs it.
struct ProcessEnvironment: Sendable {
    /// Names and values; those that are not UTF-8 are repaired.
    let variables: [String: String]

    subscript(name: String) -> String? { variables[name] }

    /// What the process was started with.
    static var process: ProcessEnvironment {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let words = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if words.count == 2 { variables[String(words[0])] = String(words[1]) }
            entry += 1
        }
        return ProcessEnvironment(variables: variables)
    }
}
