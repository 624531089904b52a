private import StoaCore

/// Selection of the highest ranked of a list without sorting it.
///
/// Rank is by value, the larger first, and by id, the lower first. A value becomes a 32-bit key of the same order; its
/// upper 11, middle 11 and lower 10 bits are searched one after another for the place where the target is reached.
///
/// Complexity: linear in the length of the list, whatever the values are.
/// Determinism: weights are added in the order of the list, keys in descending order.
struct RankSelector {
    private var keys: [UInt32] = []
    private var masses = [Double](repeating: 0, count: 2048)

    /// A key that orders as the value does, both zeros being equal; not for NaN.
    static func key(_ value: Float) -> UInt32 {
        let bits = (value + 0).bitPattern
        return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    }

    /// Removes all but the highest ranked ids.
    ///
    /// - Parameters:
    ///   - ids: ids in ascending order; their order is kept.
    ///   - values: the value of every id, by id.
    ///   - weights: the weight of every id, in the order of `ids`; nil where each weighs 1.
    ///   - target: the fewest highest ranked ids whose weights reach this are kept, at least one; all of them where the
    ///     target is not reached.
    mutating func keepHighest(
        of ids: inout [Int32], values: UnsafeBufferPointer<Float>, weights: [Double]?, reaching target: Double
    ) {
        guard ids.count > 1 else { return }
        keys.removeAll(keepingCapacity: true)
        for id in ids { keys.append(Self.key(values[Int(id)])) }
        var (prefix, known): (UInt32, UInt32) = (0, 0)
        var mass = 0.0
        for (shift, width) in [(21, 11), (10, 11), (0, 10)] as [(UInt32, UInt32)] {
            let digit = (1 as UInt32) << width - 1
            for slot in 0...Int(digit) { masses[slot] = 0 }
            for index in keys.indices where keys[index] & known == prefix {
                masses[Int(keys[index] >> shift & digit)] += weights?[index] ?? 1
            }
            // The bucket in which the target is reached. Where rounding, or a target beyond the total, leaves it
            // unreached: everything at the first digit, the last bucket at the others.
            var (chosen, before, isReached) = (0, mass, false)
            for slot in (0...Int(digit)).reversed() where masses[slot] > 0 {
                (chosen, before) = (slot, mass)
                mass += masses[slot]
                isReached = mass >= target
                if isReached { break }
            }
            if !isReached, known == 0 { return }
            mass = before
            prefix |= UInt32(chosen) << shift
            known |= digit << shift
        }
        compact(&ids, above: prefix, weights: weights, mass: mass, target: target)
    }

    /// Keeps keys above the threshold, and of those equal to it the first ones that are needed.
    private func compact(
        _ ids: inout [Int32], above threshold: UInt32, weights: [Double]?, mass: Double, target: Double
    ) {
        var mass = mass
        var kept = 0
        for index in keys.indices where keys[index] >= threshold {
            if keys[index] == threshold {
                if mass >= target { continue }
                mass += weights?[index] ?? 1
            }
            ids[kept] = ids[index]
            kept += 1
        }
        ids.removeLast(ids.count - kept)
    }
}
