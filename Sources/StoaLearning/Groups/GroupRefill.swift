public import StoaCore

/// Makes a batch of a fixed number of groups out of those that filters have left.
///
/// More than are wanted: a random subset, in their order. Fewer: whole groups again, as often as it takes, in a random
/// order, or as few as there are. Sampling more prompts than a batch needs, as the reference does (two or three times as
/// many), makes the second case rare: a copy teaches nothing new, it only weighs more.
///
/// Source: SimpleTIR's trainer, arXiv:2509.02479, whose choice is not repeatable.
public struct GroupRefill: Sendable, Hashable {
    /// What is done where there are too few groups.
    public enum Shortage: String, Sendable, Hashable, CaseIterable {
        /// Groups are repeated.
        case replicate
        /// The batch stays smaller.
        case shrink
    }

    /// How many groups a batch has.
    public var count: Int
    /// What is done where there are too few.
    public var shortage: Shortage

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - count: how many groups a batch has, at least 1.
    ///   - shortage: what is done where there are too few.
    public init(count: Int, shortage: Shortage = .replicate) {
        self.count = count
        self.shortage = shortage
    }

    /// Makes the batch.
    ///
    /// Determinism: a pure function of its arguments; the stream is read at one position per group.
    ///
    /// - Parameters:
    ///   - groups: the groups that are left.
    ///   - stream: whose chance is drawn on.
    /// - Returns: `count` groups, or fewer; a copy is named `id#1`, `id#2` and so on. None for no groups.
    public func batch(of groups: [TrajectoryGroup], stream: RandomStream) -> [TrajectoryGroup] {
        guard !groups.isEmpty, count > 0 else { return [] }
        let shuffled = groups.indices.sorted { first, second in
            let (one, other) = (stream.word(at: UInt64(first)), stream.word(at: UInt64(second)))
            return (one, first) < (other, second)
        }
        if groups.count >= count { return shuffled.prefix(count).sorted().map { groups[$0] } }
        guard shortage == .replicate else { return groups }
        var batch = groups
        while batch.count < count {
            let copy = batch.count - groups.count
            var group = groups[shuffled[copy % groups.count]]
            group.id += "#\(copy / groups.count + 1)"
            batch.append(group)
        }
        return batch
    }
}
