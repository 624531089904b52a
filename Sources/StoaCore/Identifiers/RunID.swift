/// The name of a run: 12 characters of `a-z2-7`, never reused, the same in every journal it is copied to.
public struct RunID: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The name.
    public let rawValue: String

    /// Creates an id from its name.
    ///
    /// - Parameter rawValue: the name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Creates an id from its name.
    ///
    /// - Parameter rawValue: the name.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// Creates an id from 64 random bits, of which 60 are used.
    ///
    /// - Parameter bits: from an `IdentifierSource`.
    public init(bits: UInt64) {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        rawValue = String((0..<12).map { alphabet[Int(bits >> (5 * $0) & 31)] })
    }

    /// The name.
    public var description: String { rawValue }

    /// Orders ids by name.
    public static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}
