public import StoaCore

/// What can go wrong between a request and a server's answer.
///
/// It never holds a key.
public struct RemoteError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// The reference cannot be read.
        public static let invalidReference = Code(description: "invalid_reference")
        /// A setting of the environment cannot be used.
        public static let invalidSetting = Code(description: "invalid_setting")
        /// The request asks for what a server cannot do.
        public static let unsupported = Code(description: "unsupported")
        /// The server cannot be reached, or keeps failing.
        public static let unreachable = Code(description: "unreachable")
        /// The server keeps asking for fewer requests.
        public static let rateLimited = Code(description: "rate_limited")
        /// The server took too long.
        public static let timeout = Code(description: "timeout")
        /// The answer broke off after text of it was delivered.
        public static let interrupted = Code(description: "interrupted")
        /// The server refuses access.
        public static let accessDenied = Code(description: "access_denied")
        /// The server has no such model, or there is no such interface.
        public static let notFound = Code(description: "not_found")
        /// The server refuses the request.
        public static let refused = Code(description: "refused")
        /// The server withheld its answer.
        public static let filtered = Code(description: "filtered")
        /// The server answers something that makes no sense.
        public static let badResponse = Code(description: "bad_response")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?

    init(_ code: Code, kind: FailureKind = .failure, _ message: String, hint: String? = nil) {
        self.code = code
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

// MARK: - Before a request

extension RemoteError {
    static func invalidReference(_ reference: String) -> RemoteError {
        // The reference may hold a password where the address should be.
        let found = reference.contains("://") ? "" : ", found \"\(PlainText.bounded(reference, to: 100))\""
        return RemoteError(
            .invalidReference, kind: .usage,
            "model reference: expected openai:NAME or openai:NAME@http://host:port/v1, without user name and query\(found)"
        )
    }

    static func invalidAddress(_ variable: String) -> RemoteError {
        RemoteError(
            .invalidSetting, kind: .usage,
            "\(variable): expected an http:// or https:// address without user name and query",
            hint: "for example \(variable)=http://127.0.0.1:8080/v1")
    }

    static func invalidKey(_ variable: String) -> RemoteError {
        RemoteError(.invalidSetting, kind: .usage, "\(variable): expected visible ASCII characters only")
    }

    static func latentContext(_ subject: String) -> RemoteError {
        RemoteError(
            .unsupported, kind: .usage, "model \(subject): a server cannot take latent messages",
            hint: "exchange latents between agents on one embedded model, and text with this one")
    }
}

// MARK: - What may be tried again

extension RemoteError {
    static func unreachable(_ endpoint: RemoteEndpoint, reason: String, attempts: Int) -> RemoteError {
        RemoteError(
            .unreachable, kind: .unreachable,
            "model \(endpoint.subject): \(endpoint.address.authority) cannot be reached: \(reason)\(after(attempts))",
            hint: "check that the server runs and that the address is right (STOA_OPENAI_BASE_URL, or "
                + "openai:NAME@http://host:port/v1)")
    }

    static func failing(_ endpoint: RemoteEndpoint, status: Int, said: String?, attempts: Int) -> RemoteError {
        RemoteError(
            .unreachable, kind: .unreachable,
            "model \(endpoint.subject): the server fails: HTTP \(status)\(quote(said))\(after(attempts))",
            hint: "look at the server's log, or try again later")
    }

    static func rateLimited(_ endpoint: RemoteEndpoint, said: String?, attempts: Int) -> RemoteError {
        RemoteError(
            .rateLimited, kind: .unreachable,
            "model \(endpoint.subject): too many requests: HTTP 429\(quote(said))\(after(attempts))",
            hint: "try again later, or run fewer calls at a time")
    }

    static func pauseTooLong(_ endpoint: RemoteEndpoint, asked: Duration, limit: Duration) -> RemoteError {
        RemoteError(
            .rateLimited, kind: .unreachable,
            "model \(endpoint.subject): the server asks to wait \(seconds(asked)), longer than the \(seconds(limit)) "
                + "that are waited",
            hint: "try again later")
    }

    static func silent(_ endpoint: RemoteEndpoint, for idle: Duration, attempts: Int) -> RemoteError {
        RemoteError(
            .timeout, kind: .timeout,
            "model \(endpoint.subject): nothing received for \(seconds(idle))\(after(attempts))",
            hint: "the server may be overloaded or stuck; look at its log")
    }

    static func slow(_ endpoint: RemoteEndpoint, limit: Duration, attempts: Int) -> RemoteError {
        RemoteError(
            .timeout, kind: .timeout,
            "model \(endpoint.subject): no whole answer within \(seconds(limit))\(after(attempts))",
            hint: "ask for fewer tokens, or allow more time")
    }

    /// The failure of an attempt that had delivered text: it is not tried again, since the text would come twice.
    static func interrupted(_ endpoint: RemoteEndpoint, characters: Int, reason: String, kind: FailureKind)
        -> RemoteError
    {
        RemoteError(
            .interrupted, kind: kind,
            "model \(endpoint.subject): the answer broke off after \(characters) characters: \(reason)",
            hint: "the call was not repeated because part of its text was delivered; run it again")
    }

    private static func after(_ attempts: Int) -> String { attempts > 1 ? " (\(attempts) attempts)" : "" }

    /// A duration as in `1.5 s`.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = Int(duration / .milliseconds(1))
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
    }
}

// MARK: - What the server says

extension RemoteError {
    static func accessDenied(_ endpoint: RemoteEndpoint, status: Int, hasKey: Bool) -> RemoteError {
        RemoteError(
            .accessDenied,
            "model \(endpoint.subject): access refused: HTTP \(status), \(hasKey ? "with a key" : "without a key")",
            hint: hasKey
                ? "check the key in STOA_OPENAI_API_KEY or OPENAI_API_KEY"
                : "set STOA_OPENAI_API_KEY, and STOA_OPENAI_BASE_URL to the server's address: keys go nowhere else")
    }

    static func notFound(_ endpoint: RemoteEndpoint, said: String?) -> RemoteError {
        RemoteError(
            .notFound, "model \(endpoint.subject): the server has no such model or address: HTTP 404\(quote(said))",
            hint: "\(endpoint.address)/models lists its models; most addresses end in /v1")
    }

    static func refused(_ endpoint: RemoteEndpoint, status: Int?, said: String?) -> RemoteError {
        let status = status.map { ": HTTP \($0)" } ?? ""
        return RemoteError(
            .refused, "model \(endpoint.subject): the server refuses the request\(status)\(quote(said))",
            hint: "change what it complains about: sampling parameters, tools, or the length of the conversation")
    }

    static func filtered(_ endpoint: RemoteEndpoint) -> RemoteError {
        RemoteError(
            .filtered, "model \(endpoint.subject): the server's content filter withheld the rest of the answer",
            hint: "change the prompt, or use another model")
    }

    static func badResponse(_ endpoint: RemoteEndpoint, _ reason: String) -> RemoteError {
        RemoteError(
            .badResponse, "model \(endpoint.subject): \(reason)",
            hint: "check that the address is that of an OpenAI-compatible interface; most end in /v1")
    }

    private static func quote(_ text: String?) -> String { text.map { ": \"\($0)\"" } ?? "" }
}
