package import StoaCore

/// What goes wrong in the commands themselves, rather than in what they call.
package struct CLIError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        package let description: String

        /// A setting, from a flag or the environment, that cannot be read.
        static let invalidSetting = Code(description: "invalid_setting")
        /// A file given as input that cannot be read or has another form than expected.
        static let invalidInput = Code(description: "invalid_input")
        /// Standard output or standard error cannot be written.
        static let outputFailed = Code(description: "output_failed")
        /// A file or folder that cannot be made.
        static let unwritable = Code(description: "unwritable")
        /// A part of a recorded run that this machine or this command cannot serve.
        static let unusableRun = Code(description: "unusable_run")
    }

    /// The precise failure.
    package let code: Code
    /// The class of the failure.
    package let kind: FailureKind
    /// What failed, on what, expected and found.
    package let message: String
    /// What to do next.
    package let hint: String?
}

extension CLIError {
    static func invalidInput(_ path: String, _ problem: String) -> CLIError {
        CLIError(code: .invalidInput, kind: .badInput, message: "\(path): \(problem)", hint: nil)
    }

    static func invalidSetting(_ source: String, value: String, expected: String) -> CLIError {
        CLIError(
            code: .invalidSetting, kind: .usage, message: "\(source): expected \(expected), found \"\(value)\"",
            hint: nil)
    }

    static func outputFailed(_ stream: String, reason: String) -> CLIError {
        CLIError(code: .outputFailed, kind: .failure, message: "\(stream): \(reason)", hint: nil)
    }

    static func invalidSettings(_ problem: String, hint: String?) -> CLIError {
        CLIError(code: .invalidSetting, kind: .badInput, message: problem, hint: hint)
    }

    static func unwritable(_ path: String, reason: String) -> CLIError {
        CLIError(
            code: .unwritable, kind: .failure, message: "\(path): cannot be made: \(reason)",
            hint: "set STOA_HOME to a folder of yours, or give --journal FILE")
    }

    static func unusableRun(_ run: RunID, _ problem: String, hint: String?, kind: FailureKind = .failure) -> CLIError {
        CLIError(code: .unusableRun, kind: kind, message: "run \(run): \(problem)", hint: hint)
    }
}
