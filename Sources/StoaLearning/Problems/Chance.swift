internal import StoaCore

/// A stream of chance that is read from its beginning to its end.
///
/// Determinism: what is drawn is a pure function of the stream and of how much was drawn before.
struct Chance {
    let stream: RandomStream
    private var position: UInt64 = 0

    init(_ stream: RandomStream) { self.stream = stream }

    /// A number in 0..<1.
    mutating func uniform() -> Double {
        defer { position += 1 }
        return stream.uniform(at: position)
    }

    /// An integer in 0..<bound.
    mutating func integer(below bound: Int) -> Int {
        defer { position += 1 }
        return stream.integer(at: position, below: bound)
    }

    /// Whether something that happens this often happens.
    mutating func isLucky(_ probability: Double) -> Bool { uniform() < probability }

    /// One of several; nil of none.
    mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[integer(below: elements.count)]
    }

    /// The index of one of several that are drawn as often as their weights say; nil where these are not positive.
    mutating func index(weights: [Double]) -> Int? {
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        var rest = uniform() * total
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }
    }

    /// The elements in a random order.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, integer(below: last + 1))
        }
        return elements
    }
}
