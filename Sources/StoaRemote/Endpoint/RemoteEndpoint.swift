/// A model behind a server, by the name of one and the address of the other.
///
/// It holds no secret. Two forms are read:
///
/// - `openai:NAME`: at the address that `STOA_OPENAI_BASE_URL` names, else `OPENAI_BASE_URL`, else
///   `https://api.openai.com/v1`;
/// - `openai:NAME@http://host:port/v1`: at that address.
public struct RemoteEndpoint: Sendable, Hashable {
    /// The address for those who name none.
    public static let defaultAddress = "https://api.openai.com/v1"
    /// What every reference begins with.
    public static let prefix = "openai:"

    /// The reference as it was written.
    public let reference: String
    /// The model's name as the server knows it.
    public let model: String
    /// Where the server is.
    public let address: ServerAddress
    /// Whether the reference itself named the address.
    public let isExplicit: Bool

    /// Reads a reference.
    ///
    /// - Parameters:
    ///   - reference: `openai:NAME` or `openai:NAME@ADDRESS`; the name may hold `:`, `/` and `@`.
    ///   - environment: names and values; only the addresses are read.
    /// - Throws: `RemoteError` of kind usage that says what was expected.
    public init(reference: String, environment: [String: String]) throws {
        guard reference.hasPrefix(Self.prefix) else { throw RemoteError.invalidReference(reference) }
        let rest = String(reference.dropFirst(Self.prefix.count))
        // The last one: names may hold an @, addresses may not.
        let place = ["@http://", "@https://"].compactMap { rest.ranges(of: $0).last }.max {
            $0.lowerBound < $1.lowerBound
        }
        let name = String(rest[..<(place?.lowerBound ?? rest.endIndex)])
        guard !name.isEmpty, name.utf8.count <= 256,
            name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0 != "\u{7F}" })
        else { throw RemoteError.invalidReference(reference) }
        if let place {
            guard let address = ServerAddress(String(rest[rest.index(after: place.lowerBound)...])) else {
                throw RemoteError.invalidReference(reference)
            }
            self.address = address
        } else {
            address = try Self.configuredAddress(environment)
        }
        self.reference = reference
        model = name
        isExplicit = place != nil
    }

    /// The address that the environment names for references without one.
    ///
    /// - Parameter environment: names and values.
    /// - Returns: the address.
    /// - Throws: `RemoteError` of kind usage for one that cannot be read; it does not repeat the value, which may hold a
    ///   password.
    public static func configuredAddress(_ environment: [String: String]) throws -> ServerAddress {
        for variable in ["STOA_OPENAI_BASE_URL", "OPENAI_BASE_URL"] {
            guard let text = environment[variable], !text.isEmpty else { continue }
            guard let address = ServerAddress(text) else { throw RemoteError.invalidAddress(variable) }
            return address
        }
        guard let address = ServerAddress(defaultAddress) else { throw RemoteError.invalidAddress("the default") }
        return address
    }

    /// Where chat completions are asked for.
    var completions: String { "\(address)/chat/completions" }

    /// What must be equal for two models to be taken for the same one: `openai:`, the address, a space, the name.
    public var fingerprint: String { "\(Self.prefix)\(address) \(model)" }

    /// The subject of messages: the reference, with the address where it is not part of it.
    var subject: String { isExplicit ? reference : "\(reference) at \(address)" }
}
