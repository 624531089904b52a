internal import StoaCore

/// Hidden states on their way, and what Adam remembers of the way so far.
///
/// A step with reward R descends `-R * sum_t log p_t[argmax]`: where the answer is disliked, its present tokens become less
/// probable. Source: LatentSeek (arXiv:2505.13308), section 3; Adam as in arXiv:1412.6980, algorithm 1.
///
/// Differs from the paper: a reward of exactly 0 is no step at all, where Adam would go on by what it remembers.
struct SeekState: Sendable {
    /// The states, [positions][width].
    private(set) var states: [[Double]]
    private var mean: [[Double]]
    private var square: [[Double]]
    /// Steps taken; those of reward 0 are none.
    private(set) var steps = 0

    private static let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)

    /// The beginning: the states of the greedy answer.
    init(_ hidden: [[Float]]) {
        states = hidden.map { $0.map(Double.init) }
        mean = hidden.map { Array(repeating: 0, count: $0.count) }
        square = mean
    }

    /// Takes a step.
    ///
    /// - Parameters:
    ///   - slope: d log p[argmax] / dz of each state, [positions][width].
    ///   - reward: the reward of the present answer; at most 0.
    ///   - learningRate: Adam's step size.
    ///   - direction: where random directions come from; nil for the gradient's own.
    mutating func step(_ slope: [[Double]], reward: Double, learningRate: Double, direction: RandomStream?) {
        guard reward != 0 else { return }
        steps += 1
        let (first, second) = (1 - Self.power(Self.beta1, steps), 1 - Self.power(Self.beta2, steps))
        for position in states.indices {
            var change = states[position].indices.map { index in
                let gradient = -reward * slope[position][index]
                mean[position][index] = Self.beta1 * mean[position][index] + (1 - Self.beta1) * gradient
                square[position][index] =
                    Self.beta2 * square[position][index] + (1 - Self.beta2) * gradient * gradient
                return -learningRate * (mean[position][index] / first)
                    / ((square[position][index] / second).squareRoot() + Self.epsilon)
            }
            if let direction {
                change = Self.wander(
                    like: change, stream: direction.child(steps).child(position))
            }
            for index in change.indices { states[position][index] += change[index] }
        }
    }

    /// A random direction of the same length.
    private static func wander(like change: [Double], stream: RandomStream) -> [Double] {
        let draw = change.indices.map { stream.normal(at: UInt64($0)) }
        let (wanted, found) = (length(change), length(draw))
        return found > 0 ? draw.map { $0 * (wanted / found) } : change
    }

    private static func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// By multiplication, so that it is the same on every machine.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }
}
