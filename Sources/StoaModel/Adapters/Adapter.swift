internal import StoaCore

/// A trained adapter as a value: what files hold, what checkpoints compare, what the engine may add to its products.
public struct Adapter: Sendable, Hashable {
    /// Rank, scale and targets.
    public let configuration: AdapterConfiguration
    /// The pairs of matrices, layer after layer, targets in the order of the configuration.
    public package(set) var modules: [Module]

    /// The two matrices that change one matrix of the model.
    public struct Module: Sendable, Hashable {
        /// The layer.
        public let layer: Int
        /// The matrix.
        public let target: AdapterTarget
        /// Columns of A.
        public let inputs: Int
        /// Rows of B.
        public let outputs: Int
        /// A, row-major.
        ///
        /// Shape: [rank, inputs].
        public package(set) var down: [Float]
        /// B, row-major; rows in the order of Hugging Face files.
        ///
        /// Shape: [outputs, rank].
        public package(set) var up: [Float]

        /// Creates a pair.
        ///
        /// - Parameters:
        ///   - layer: the layer.
        ///   - target: the matrix.
        ///   - inputs: columns of A.
        ///   - outputs: rows of B.
        ///   - down: A. [rank, inputs]
        ///   - up: B. [outputs, rank]
        package init(layer: Int, target: AdapterTarget, inputs: Int, outputs: Int, down: [Float], up: [Float]) {
            self.layer = layer
            self.target = target
            self.inputs = inputs
            self.outputs = outputs
            self.down = down
            self.up = up
        }

        /// The name in PEFT files, without `lora_A.weight`.
        package var name: String { "base_model.model.model.layers.\(layer).\(target.path)" }
    }

    /// The number of trained numbers.
    public var parameterCount: Int { modules.reduce(0) { $0 + $1.down.count + $1.up.count } }

    /// A new adapter: A uniform in ±1/sqrt(inputs) (Kaiming's rule as PEFT applies it), B zero, so that it changes nothing.
    ///
    /// Determinism: a pure function of seed, configuration and model shape.
    ///
    /// - Parameters:
    ///   - configuration: rank, scale and targets.
    ///   - model: the shape of the model.
    ///   - seed: where the numbers of A come from.
    package init(_ configuration: AdapterConfiguration, for model: ModelConfiguration, seed: UInt64) {
        self.configuration = configuration
        let stream = RandomStream(seed: seed).child("adapter")
        modules = (0..<model.layers).flatMap { layer in
            configuration.targets.map { target in
                let (inputs, outputs) = target.shape(in: model)
                let numbers = stream.child(layer).child(target.rawValue)
                let bound = 1 / Double(inputs).squareRoot()
                let down = (0..<configuration.rank * inputs).map {
                    Float((2 * numbers.uniform(at: UInt64($0)) - 1) * bound)
                }
                return Module(
                    layer: layer, target: target, inputs: inputs, outputs: outputs, down: down,
                    up: [Float](repeating: 0, count: outputs * configuration.rank))
            }
        }
    }

    /// Creates an adapter of given numbers.
    ///
    /// - Parameters:
    ///   - configuration: rank, scale and targets.
    ///   - modules: layer after layer, targets in the order of the configuration.
    package init(_ configuration: AdapterConfiguration, modules: [Module]) {
        self.configuration = configuration
        self.modules = modules
    }

    /// Whether it changes nothing.
    public var isNeutral: Bool { modules.allSatisfy { $0.up.allSatisfy { $0 == 0 } } }

    /// Checks that the adapter fits a model.
    ///
    /// - Parameter model: the shape of the model.
    /// - Throws: `AdapterError` that names the first matrix that does not fit.
    package func validate(for model: ModelConfiguration) throws(AdapterError) {
        let expected = model.layers * configuration.targets.count
        guard modules.count == expected else {
            throw AdapterError(
                .adapterMismatch,
                "adapter: expected \(expected) matrices for \(model.layers) layers, found \(modules.count)")
        }
        for (index, module) in modules.enumerated() {
            let (layer, position) = index.quotientAndRemainder(dividingBy: configuration.targets.count)
            let target = configuration.targets[position]
            let (inputs, outputs) = target.shape(in: model)
            guard module.layer == layer, module.target == target, module.inputs == inputs, module.outputs == outputs
            else {
                throw AdapterError(
                    .adapterMismatch,
                    "adapter matrix \(module.name.debugDescription): expected \(outputs) x \(inputs) for layer \(layer) "
                        + "\(target.rawValue), found \(module.outputs) x \(module.inputs)",
                    hint: "the adapter was made for another model")
            }
        }
    }
}
