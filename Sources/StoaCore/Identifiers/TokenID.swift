/// The number of a token in one model's vocabulary.
///
/// Ids of different vocabularies do not compare in any useful way: text crosses between models, ids do not.
public struct TokenID: RawRepresentable, Sendable, Hashable, Comparable, Codable {
    /// The number, from 0.
    public let rawValue: Int32

    /// Creates an id.
    ///
    /// - Parameter rawValue: the number in the vocabulary.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Creates an id from its number.
    ///
    /// - Parameter rawValue: the number in the vocabulary.
    public init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// The number as an index into an array over the vocabulary.
    public var index: Int { Int(rawValue) }

    /// Orders ids by number.
    public static func < (left: TokenID, right: TokenID) -> Bool { left.rawValue < right.rawValue }
}

extension TokenID: CustomStringConvertible {
    /// The number.
    public var description: String { "\(rawValue)" }
}

extension TokenID: ExpressibleByIntegerLiteral {
    /// Creates an id from a literal.
    public init(integerLiteral value: Int32) { self.init(value) }
}
