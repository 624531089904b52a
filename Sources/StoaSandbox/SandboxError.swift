public import StoaCore

/// What keeps code from being run at all; what code does is a `SandboxResult`.
public struct SandboxError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// This machine cannot isolate code, or what isolates it does not do so.
        public static let unavailable = Code(description: "unavailable")
        /// The packages that were asked for are not there.
        public static let missingPackages = Code(description: "missing_packages")
        /// A limit that cannot be held.
        public static let invalidLimit = Code(description: "invalid_limit")
        /// Code that is too long to be handed over.
        public static let invalidRequest = Code(description: "invalid_request")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?
}

extension SandboxError {
    static func unavailable(_ problem: String, cure: String) -> SandboxError {
        SandboxError(code: .unavailable, kind: .noSandbox, message: "no usable sandbox: \(problem)", hint: cure)
    }

    static func missingPackages(_ set: PackageSet, _ problem: String) -> SandboxError {
        SandboxError(
            code: .missingPackages, kind: .noSandbox, message: "package set \(set.name): \(problem)",
            hint: "run: stoa sandbox packages")
    }

    static func invalidLimit(_ name: String, _ value: String, expected: String) -> SandboxError {
        SandboxError(
            code: .invalidLimit, kind: .usage, message: "\(name): expected \(expected), found \(value)", hint: nil)
    }

    static func invalidFileName(_ name: String) -> SandboxError {
        SandboxError(
            code: .invalidRequest, kind: .badInput,
            message: "file \"\(name)\": expected a path below the working folder, without . and ..", hint: nil)
    }

    static func codeTooLong(_ bytes: Int) -> SandboxError {
        SandboxError(
            code: .invalidRequest, kind: .badInput,
            message: "code of \(bytes) bytes: expected at most \(CellRequest.maximumCodeBytes)", hint: nil)
    }
}
