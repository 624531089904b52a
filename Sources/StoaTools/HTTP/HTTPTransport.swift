/// What carries a tool's request to a server and its answer back.
///
/// Which hosts and addresses are allowed is decided before it is asked; it decides nothing, and follows no redirection.
public protocol HTTPTransport: Sendable {
    /// The addresses of a host, in the order in which to try them.
    ///
    /// - Parameter host: a name, or an address, which is its own.
    /// - Returns: addresses as numbers.
    /// - Throws: an error whose description says why there are none; `CancellationError`.
    func addresses(of host: String) async throws -> [String]

    /// Sends a request and reads the answer.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - address: what to connect to, whatever the host's name leads to by now.
    /// - Returns: the answer.
    /// - Throws: an error whose description says what went wrong; `CancellationError`.
    func send(_ request: HTTPToolRequest, to address: String) async throws -> HTTPToolResponse
}

/// A request of a tool.
public struct HTTPToolRequest: Sendable {
    /// The method, in capitals.
    public var method: String
    /// `http` or `https`.
    public var scheme: String
    /// The host's name.
    public var host: String
    /// The port.
    public var port: Int
    /// The path and the query.
    public var target: String
    /// Names and values; `Host` is not among them.
    public var headers: [(name: String, value: String)]
    /// The body; nil for none.
    public var body: [UInt8]?
    /// An answer that is longer than this is cut off there.
    public var maximumBytes: Int
}

/// A server's answer.
public struct HTTPToolResponse: Sendable, Hashable {
    /// The status code.
    public var status: Int
    /// The header Content-Type; empty where there is none.
    public var contentType: String
    /// The header Location; nil where there is none.
    public var location: String?
    /// The body, cut off behind the request's limit.
    public var body: [UInt8]
    /// Whether there was more.
    public var isCut: Bool

    /// Creates an answer.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - contentType: the header Content-Type.
    ///   - location: the header Location.
    ///   - body: the body.
    ///   - isCut: whether there was more of it.
    public init(status: Int, contentType: String = "", location: String? = nil, body: [UInt8] = [], isCut: Bool = false)
    {
        self.status = status
        self.contentType = contentType
        self.location = location
        self.body = body
        self.isCut = isCut
    }
}
