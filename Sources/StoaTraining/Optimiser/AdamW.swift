internal import CStoaKernels
internal import Glibc
internal import StoaTensor

/// The settings of AdamW, named and defaulted as torch's.
///
/// Source: arXiv:1711.05101 algorithm 2.
public struct AdamW: Sendable, Hashable {
    /// The learning rate that a schedule is multiplied with.
    public var learningRate: Double
    /// How long gradients are averaged over.
    public var beta1: Double
    /// How long squared gradients are averaged over.
    public var beta2: Double
    /// Added to the root of the second average.
    public var epsilon: Double
    /// What parameters shrink by in a step, as a part of the learning rate.
    public var weightDecay: Double

    /// Creates settings.
    ///
    /// - Parameters:
    ///   - learningRate: the learning rate.
    ///   - beta1: how long gradients are averaged over.
    ///   - beta2: how long squared gradients are averaged over.
    ///   - epsilon: added to the root of the second average.
    ///   - weightDecay: what parameters shrink by, as a part of the learning rate.
    public init(
        learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

/// The averages of AdamW on the lane.
final class AdamWState {
    let settings: AdamW
    /// Averages of gradients and of their squares, in the order of the parameters.
    let first: AlignedBuffer<Float>
    let second: AlignedBuffer<Float>
    /// Steps taken.
    var steps = 0

    init(_ settings: AdamW, count: Int) {
        self.settings = settings
        first = AlignedBuffer(count: count)
        second = AlignedBuffer(count: count)
    }

    /// Takes a step.
    ///
    /// - Parameters:
    ///   - parameters: are changed.
    ///   - gradients: what they are changed by.
    ///   - rate: the learning rate of this step.
    ///   - gradientScale: what gradients are multiplied by first.
    ///   - pool: the workers.
    func step(
        _ parameters: AlignedBuffer<Float>, gradients: AlignedBuffer<Float>, rate: Double, gradientScale: Double,
        pool: KernelPool
    ) {
        steps += 1
        let correction1 = 1 - pow(settings.beta1, Double(steps))
        let correction2 = 1 - pow(settings.beta2, Double(steps))
        var step = stk_train_adamw(
            rate: Float(rate), decay: Float(1 - rate * settings.weightDecay), beta1: Float(settings.beta1),
            beta2: Float(settings.beta2), epsilon: Float(settings.epsilon),
            inverse_correction2: Float(1 / correction2.squareRoot()), step: Float(rate / correction1),
            gradient_scale: Float(gradientScale))
        stk_train_adamw_step(
            pool.pointer, &step, parameters.count, parameters.base, gradients.base, first.base, second.base)
    }
}
