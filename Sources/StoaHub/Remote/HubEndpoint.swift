/// Where hub files come from, and the secret that opens them.
struct HubEndpoint: Sendable {
    /// The one host this program knows by itself.
    static let defaultBase = "https://huggingface.co"

    /// The address before the owner's name, without a slash at the end.
    let base: String
    /// Sent to the base's own host only; never logged, stored or put in a message.
    let token: String?

    /// Decides the base (`STOA_HF_BASE`, else the default) and takes the token (`HF_TOKEN`).
    ///
    /// - Parameter environment: names and values.
    /// - Throws: `HubError` of kind usage for a base that is no HTTP address.
    init(environment: [String: String]) throws(HubError) {
        var base = environment["STOA_HF_BASE"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultBase
        while base.hasSuffix("/") { base.removeLast() }
        guard WebAddress(base) != nil else {
            throw .invalidSetting("STOA_HF_BASE", base, expected: "an http:// or https:// address")
        }
        self.base = base
        token = environment["HF_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The address of a file.
    func url(_ address: HubAddress, _ file: String) -> String {
        "\(base)/\(address.owner)/\(address.repository)/resolve/\(address.revision)/\(file)"
    }

    /// The token, where the address is on the base's own host.
    func token(for url: String) -> String? {
        guard let token, let asked = WebAddress(url), let own = WebAddress(base), asked.origin == own.origin else {
            return nil
        }
        return token
    }
}
