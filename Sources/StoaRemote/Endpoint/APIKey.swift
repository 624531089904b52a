/// Where the secret that opens a server comes from: the environment, read anew for every call.
///
/// The secret is held nowhere between calls. It is sent in one header and appears in no message, description, identity
/// or journal; what a server says is cleaned of it.
///
/// A playbook can name any address, so a key is not sent to whatever address a reference names:
/// `STOA_OPENAI_API_KEY`, or else `OPENAI_API_KEY`, goes to the server that the environment names
/// (`STOA_OPENAI_BASE_URL`, else `OPENAI_BASE_URL`, else OpenAI), and `STOA_OPENAI_API_KEY` to servers on this machine.
public struct APIKey: Sendable {
    private let environment: @Sendable () -> [String: String]

    /// Creates a source of keys.
    ///
    /// - Parameter environment: gives the names and values of the process's environment as they are now.
    public init(environment: @escaping @Sendable () -> [String: String]) { self.environment = environment }

    /// No key, for servers that want none.
    public static let none = APIKey { [:] }

    /// The key for an endpoint.
    ///
    /// - Parameter endpoint: whom it is for.
    /// - Returns: the key, or nil where there is none for it.
    /// - Throws: `RemoteError` for a key that fits no header; it does not repeat it.
    func value(for endpoint: RemoteEndpoint) throws -> String? {
        let environment = environment()
        let isConfigured =
            try !endpoint.isExplicit
            || endpoint.address.origin == RemoteEndpoint.configuredAddress(environment).origin
        for variable in ["STOA_OPENAI_API_KEY", "OPENAI_API_KEY"] {
            guard isConfigured || (endpoint.address.isLoopback && variable == "STOA_OPENAI_API_KEY") else { continue }
            // A key that was read from a file often ends with a line break.
            let key = environment[variable, default: ""].trimmed
            if key.isEmpty { continue }
            guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw RemoteError.invalidKey(variable) }
            return key
        }
        return nil
    }
}

extension APIKey: CustomStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "APIKey" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// The text without white space at either end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
