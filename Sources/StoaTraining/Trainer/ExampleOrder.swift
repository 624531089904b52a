internal import StoaCore

/// The order in which examples are taken: another one in each pass over them.
///
/// Determinism: a pure function of seed, pass and number of examples; there is no state to lose.
public struct ExampleOrder: Sendable, Hashable {
    /// Where the order comes from.
    public let seed: UInt64
    /// How many examples there are.
    public let count: Int

    /// Creates an order.
    ///
    /// - Parameters:
    ///   - seed: where the order comes from.
    ///   - count: how many examples there are.
    public init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = count
    }

    /// The order of one pass.
    ///
    /// - Parameter epoch: the pass, from 0.
    /// - Returns: every index below `count` once.
    public func indices(epoch: Int) -> [Int] {
        let stream = RandomStream(seed: seed).child("order").child(epoch)
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, stream.integer(at: UInt64(last), below: last + 1))
        }
        return order
    }

    /// The examples of one step, when passes follow each other without a break.
    ///
    /// - Parameters:
    ///   - step: the step, from 0.
    ///   - size: examples of a step, at least 1.
    /// - Returns: `size` indices; a step that begins in one pass may end in the next.
    public func indices(step: Int, size: Int) -> [Int] {
        guard count > 0 else { return [] }
        var result: [Int] = []
        var position = step * size
        while result.count < size {
            let (epoch, offset) = position.quotientAndRemainder(dividingBy: count)
            let part = indices(epoch: epoch)[offset...].prefix(size - result.count)
            result.append(contentsOf: part)
            position += part.count
        }
        return result
    }
}
