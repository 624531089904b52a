/// The readable name of a random stream: a run's seed and the names of the parts below it.
///
/// A journal stores the path beside what was drawn, so that a reader sees whose stream it was; `stream` gives the
/// stream itself. The coded form is an array whose first element is the seed in decimal digits:
/// `["7", "solver-2", 3]`.
public struct SeedPath: Sendable, Hashable {
    /// One step of a path.
    public enum Component: Sendable, Hashable {
        /// A named part.
        case name(String)
        /// A numbered part.
        case index(Int)
    }

    /// The run's seed.
    public let seed: UInt64
    /// The steps below the seed, in order.
    public let components: [Component]

    /// Creates a path.
    ///
    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - components: the steps below it.
    public init(seed: UInt64, components: [Component] = []) {
        self.seed = seed
        self.components = components
    }

    /// The path of a named part.
    ///
    /// - Parameter name: the name.
    /// - Returns: this path with one more step.
    public func child(_ name: String) -> SeedPath { SeedPath(seed: seed, components: components + [.name(name)]) }

    /// The path of a numbered part.
    ///
    /// - Parameter index: the number.
    /// - Returns: this path with one more step.
    public func child(_ index: Int) -> SeedPath { SeedPath(seed: seed, components: components + [.index(index)]) }

    /// The stream that the path names.
    public var stream: RandomStream {
        components.reduce(RandomStream(seed: seed)) { stream, component in
            switch component {
            case .name(let name): stream.child(name)
            case .index(let index): stream.child(index)
            }
        }
    }
}

extension SeedPath: CustomStringConvertible {
    /// The path for people, as in `7/solver-2/3`.
    public var description: String {
        ([String(seed)]
            + components.map { component in
                switch component {
                case .name(let name): name
                case .index(let index): String(index)
                }
            }).joined(separator: "/")
    }
}

extension SeedPath: Codable {
    /// Decodes the array form.
    ///
    /// - Parameter decoder: the decoder.
    /// - Throws: `DecodingError` where the form is not met.
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        // Decimal digits in a string: readers that take numbers for doubles would round a large seed.
        let text = try container.decode(String.self)
        guard let seed = UInt64(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a seed of 0 to 2^64 - 1 in decimal digits, found '\(text)'")
        }
        var components: [Component] = []
        while !container.isAtEnd {
            if let index = try? container.decode(Int.self) {
                components.append(.index(index))
            } else {
                components.append(.name(try container.decode(String.self)))
            }
        }
        self.init(seed: seed, components: components)
    }

    /// Encodes the array form.
    ///
    /// - Parameter encoder: the encoder.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(String(seed))
        for component in components {
            switch component {
            case .name(let name): try container.encode(name)
            case .index(let index): try container.encode(index)
            }
        }
    }
}
