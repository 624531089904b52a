/// An endless sequence of random words that is read by position: a value, never a shared generator.
///
/// A stream is named by a path of children below a run's seed, and every consumer reads its own: what one agent draws
/// cannot depend on when, where or whether another one draws.
///
///     let stream = RandomStream(seed: 7).child("solver-2").child(3)
///     let draw = stream.uniform(at: 0)
///
/// The identity of a stream is 128 bits of SHA-256 over the parent's identity and the child's name, so two different
/// paths do not meet in practice (a billion streams: one chance in 10²⁰). Half of it is the key of `Philox4x32`, the
/// other half the upper half of the counter; the position is the lower half.
///
/// Determinism: a pure function of seed, path and position, the same on every machine.
public struct RandomStream: Sendable, Hashable {
    private let key: UInt64
    private let lane: UInt64

    private init(digest: SHA256Digest) {
        key = Self.word(digest.bytes, at: 0)
        lane = Self.word(digest.bytes, at: 8)
    }

    /// Creates the root stream of a run.
    ///
    /// - Parameter seed: the run's seed; any value.
    public init(seed: UInt64) {
        var hasher = SHA256Hasher()
        hasher.update("stoa random stream 1".utf8)
        hasher.update(Self.bytes(of: seed))
        self.init(digest: hasher.finalize())
    }

    /// The stream of a named part.
    ///
    /// - Parameter name: the name of an agent, a node, a purpose; compared byte by byte.
    /// - Returns: a stream that is independent of this one and of its other children.
    public func child(_ name: String) -> RandomStream { child(tag: 1, Array(name.utf8)) }

    /// The stream of a numbered part.
    ///
    /// - Parameter index: the number of a turn, a branch, a sample; `child(3)` is not `child("3")`.
    /// - Returns: a stream that is independent of this one and of its other children.
    public func child(_ index: Int) -> RandomStream {
        child(tag: 2, Self.bytes(of: UInt64(bitPattern: Int64(index))))
    }

    private func child(tag: UInt8, _ name: [UInt8]) -> RandomStream {
        var hasher = SHA256Hasher()
        hasher.update(Self.bytes(of: key) + Self.bytes(of: lane) + [tag])
        hasher.update(name)
        return RandomStream(digest: hasher.finalize())
    }

    private static func bytes(of word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }

    private static func word(_ bytes: [UInt8], at start: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
    }
}

// MARK: - Draws

extension RandomStream {
    /// The two words at a position.
    private func words(at position: UInt64) -> (UInt64, UInt64) {
        func low(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word) }
        func high(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word >> 32) }
        let block = Philox4x32.block(
            counter: (low(position), high(position), low(lane), high(lane)), key: (low(key), high(key)))
        return (UInt64(block.0) | UInt64(block.1) << 32, UInt64(block.2) | UInt64(block.3) << 32)
    }

    /// The 64 random bits at a position.
    ///
    /// - Parameter position: any position; near ones are as independent as far ones.
    /// - Returns: a uniformly distributed word.
    public func word(at position: UInt64) -> UInt64 { words(at: position).0 }

    /// The number in `0..<1` at a position: the upper 53 bits of its word.
    ///
    /// - Parameter position: any position.
    /// - Returns: a multiple of 2⁻⁵³.
    public func uniform(at position: UInt64) -> Double { Double(word(at: position) >> 11) * 0x1p-53 }

    /// The number strictly between 0 and 1 at a position, symmetric around one half.
    private func openUniform(at position: UInt64) -> Double { (Double(word(at: position) >> 12) + 0.5) * 0x1p-52 }

    /// The integer in `0..<bound` at a position.
    ///
    /// The bias of the multiplication (at most `bound` in 2¹²⁸) is beyond any test.
    ///
    /// - Parameters:
    ///   - position: any position.
    ///   - bound: how many integers to choose from, at least 1.
    /// - Returns: a uniformly distributed integer.
    public func integer(at position: UInt64, below bound: Int) -> Int {
        precondition(bound > 0, "an integer is drawn from at least one")
        let (fine, coarse) = words(at: position)
        let width = UInt64(bound)
        let carry = fine.multipliedFullWidth(by: width).high
        let product = coarse.multipliedFullWidth(by: width)
        let overflow = product.low.addingReportingOverflow(carry).overflow
        return Int(product.high + (overflow ? 1 : 0))
    }

    /// The standard normal deviate at a position, by the inverse of the distribution function.
    ///
    /// Determinism: additions, multiplications, divisions and square roots only, which IEEE 754 rounds correctly; no
    /// call of the C library.
    ///
    /// - Parameter position: any position.
    /// - Returns: a number with mean 0 and variance 1; its absolute value is at most 8.2.
    public func normal(at position: UInt64) -> Double { NormalDistribution.quantile(openUniform(at: position)) }

    /// The standard Gumbel deviate at a position: adding one to each of several logits and taking the largest draws
    /// from their softmax.
    ///
    /// Determinism: as `normal(at:)`.
    ///
    /// - Parameter position: any position.
    /// - Returns: a number with the distribution function exp(-exp(-x)).
    public func gumbel(at position: UInt64) -> Double {
        -PortableMath.log(-PortableMath.log(openUniform(at: position)))
    }
}

// MARK: - Text form

extension RandomStream: CustomStringConvertible, Codable {
    /// The 128 bits of the identity as 32 hexadecimal digits.
    public var description: String {
        [key, lane].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Reads the text form; nil for anything else.
    ///
    /// - Parameter text: 32 lower-case hexadecimal digits.
    public init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let key = UInt64(text.prefix(16), radix: 16), let lane = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.key = key
        self.lane = lane
    }

    /// Decodes the text form.
    ///
    /// - Parameter decoder: the decoder.
    /// - Throws: `DecodingError` where the form is not met.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let stream = RandomStream(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a random stream of 32 hexadecimal digits, found '\(text)'")
        }
        self = stream
    }

    /// Encodes the text form.
    ///
    /// - Parameter encoder: the encoder.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
