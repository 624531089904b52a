internal import CStoaKernels
internal import StoaModel
internal import StoaTensor

/// An adapter on the lane: its parameters as one run of numbers, with their gradients, and what products read.
///
/// Ranks are padded with zeros to a multiple of `rankStep`, in memory only: padded rows get zero gradients, so they stay zero.
final class AdapterState {
    /// What ranks are padded to a multiple of.
    static let rankStep = 16

    let configuration: AdapterConfiguration
    /// Rank as products see it: P.
    let paddedRank: Int
    let modules: [Slot]
    /// A then B of every module.
    ///
    /// Shape: A [P, inputs], B [outputs, P].
    let parameters: AlignedBuffer<Float>
    /// As the parameters, except that B's gradients are [P, outputs] until `finishGradients`.
    let gradients: AlignedBuffer<Float>
    /// Scaled copies that products read: for each module Aᵀ [inputs, P], then B [outputs, P].
    private let scaled: AlignedBuffer<Float>
    private let pool: KernelPool

    /// Where a module lies in the runs.
    struct Slot {
        let layer: Int
        let target: AdapterTarget
        let inputs: Int
        let outputs: Int
        let down: Int
        let up: Int
    }

    init(_ configuration: AdapterConfiguration, model: ModelConfiguration, pool: KernelPool) {
        self.configuration = configuration
        self.pool = pool
        let padded = (configuration.rank + Self.rankStep - 1) / Self.rankStep * Self.rankStep
        var slots: [Slot] = []
        var next = 0
        for layer in 0..<model.layers {
            for target in configuration.targets {
                let (inputs, outputs) = target.shape(in: model)
                slots.append(
                    Slot(
                        layer: layer, target: target, inputs: inputs, outputs: outputs, down: next,
                        up: next + padded * inputs))
                next += padded * (inputs + outputs)
            }
        }
        paddedRank = padded
        modules = slots
        parameters = AlignedBuffer(count: next)
        gradients = AlignedBuffer(count: next)
        scaled = AlignedBuffer(count: next)
    }

    /// The adapter of a matrix, as products take it; nil where the matrix is not adapted.
    func module(layer: Int, _ target: AdapterTarget) -> LowRankModule? {
        let count = configuration.targets.count
        guard let position = configuration.targets.firstIndex(of: target) else { return nil }
        let slot = modules[layer * count + position]
        return LowRankModule(
            inputs: slot.inputs, outputs: slot.outputs, rank: paddedRank, down: parameters.base + slot.down,
            up: parameters.base + slot.up, scaledDown: scaled.base + slot.down, scaledUp: scaled.base + slot.up,
            downGradient: gradients.base + slot.down, upGradient: gradients.base + slot.up)
    }

    /// Makes the scaled copies; to be called whenever parameters changed.
    func parametersChanged() {
        let scale = configuration.scale
        for slot in modules {
            stk_train_transpose(
                pool.pointer, parameters.base + slot.down, slot.inputs, paddedRank, slot.inputs,
                scaled.base + slot.down,
                paddedRank)
            (scaled.base + slot.up).update(from: parameters.base + slot.up, count: slot.outputs * paddedRank)
        }
        stk_scale(scale, scaled.base, scaled.count)
    }

    func clearGradients() { gradients.elements.update(repeating: 0) }

    /// Brings the gradients into the order of the parameters.
    func finishGradients() {
        let widest = modules.map(\.outputs).max() ?? 0
        let turned = AlignedBuffer<Float>(count: widest * paddedRank)
        for slot in modules {
            stk_train_transpose(
                pool.pointer, gradients.base + slot.up, slot.outputs, paddedRank, slot.outputs, turned.base, paddedRank)
            (gradients.base + slot.up).update(from: turned.base, count: slot.outputs * paddedRank)
        }
    }

    // MARK: - Values

    /// Takes the numbers of an adapter of the same shape.
    func load(_ adapter: Adapter) {
        parameters.elements.update(repeating: 0)
        scatter(adapter.modules.map { ($0.down, $0.up) }, into: parameters.base)
        parametersChanged()
    }

    /// The adapter as a value.
    func adapter() -> Adapter {
        Adapter(configuration, modules: gather(parameters.base))
    }

    /// A run in the order of the parameters, without padding: one module after the other.
    func gather(_ run: UnsafePointer<Float>) -> [Adapter.Module] {
        let rank = configuration.rank
        return modules.map { slot in
            Adapter.Module(
                layer: slot.layer, target: slot.target, inputs: slot.inputs, outputs: slot.outputs,
                down: Array(UnsafeBufferPointer(start: run + slot.down, count: rank * slot.inputs)),
                up: [Float](unsafeUninitializedCapacity: slot.outputs * rank) { buffer, count in
                    guard let target = buffer.baseAddress else { return }
                    for row in 0..<slot.outputs {
                        (target + row * rank).initialize(from: run + slot.up + row * paddedRank, count: rank)
                    }
                    count = slot.outputs * rank
                })
        }
    }

    /// The other way: fills a run.
    func scatter(_ values: [(down: [Float], up: [Float])], into run: UnsafeMutablePointer<Float>) {
        let rank = configuration.rank
        for (slot, value) in zip(modules, values) {
            value.down.withUnsafeBufferPointer { source in
                if let base = source.baseAddress { (run + slot.down).update(from: base, count: source.count) }
            }
            value.up.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                for row in 0..<slot.outputs {
                    (run + slot.up + row * paddedRank).update(from: base + row * rank, count: rank)
                }
            }
        }
    }
}
