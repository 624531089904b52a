internal import StoaCore
internal import StoaTensor

/// Adapters as llama.cpp keeps them: one GGUF file of type `adapter`.
///
/// Tensors are `blk.N.NAME.weight.lora_a` [rank, inputs] and `.lora_b` [outputs, rank]. Families whose GGUF files interleave
/// the rows of q and k interleave those of their B too.
/// Source: `convert_lora_to_gguf.py` of llama.cpp.
extension Adapter {
    /// Writes the file; a file of that name is replaced only by the complete new one.
    ///
    /// - Parameters:
    ///   - path: where.
    ///   - model: the shape of the base model.
    /// - Throws: `AdapterError` where the adapter is another model's, `WeightFileError` with the system's reason.
    package func writeGGUF(to path: String, model: ModelConfiguration) throws {
        try validate(for: model)
        var writer = GGUFWriter()
        writer.add("general.architecture", .string(model.architecture))
        writer.add("general.type", .string("adapter"))
        writer.add("adapter.type", .string("lora"))
        writer.add("adapter.lora.alpha", .float32(Float(configuration.alpha)))
        for module in modules {
            let name = TensorRole.layer(module.layer, module.target.tensor).ggufName
            let rank = configuration.rank
            let order = Self.storedOrder(module.target, model)
            var up = module.up
            for (row, stored) in (order ?? []).enumerated() {
                let place = Int(stored) * rank
                up.replaceSubrange(place..<place + rank, with: module.up[row * rank..<(row + 1) * rank])
            }
            try writer.addTensor("\(name).lora_a", shape: [rank, module.inputs], floats: module.down)
            try writer.addTensor("\(name).lora_b", shape: [module.outputs, rank], floats: up)
        }
        try writer.write(to: path)
        try DurableFile.finish(path)
    }

    /// Reads a file that this or llama.cpp wrote.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - model: the shape of the base model.
    /// - Throws: `WeightFileError` for a file that cannot be read, `AdapterError` for an adapter of another sort or model.
    package init(gguf path: String, model: ModelConfiguration) throws {
        let file = try GGUFFile(path: path)
        let architecture = try file.metadata.require("general.architecture", file.metadata.string)
        let type = try file.metadata.string("adapter.type")
        guard type == "lora", architecture == model.architecture else {
            throw AdapterError(
                .adapterMismatch,
                "adapter \(path): expected a lora for \(model.architecture), found \(type ?? "none") for \(architecture)"
            )
        }
        func name(_ layer: Int, _ target: AdapterTarget, _ part: String) -> String {
            "\(TensorRole.layer(layer, target.tensor).ggufName).lora_\(part)"
        }
        let targets = AdapterTarget.allCases.filter { file.hasTensor(name(0, $0, "a")) }
        guard let first = targets.first else {
            throw AdapterError(.adapterMismatch, "adapter \(path): no matrix of layer 0 is adapted")
        }
        let rank = try file.tensor(name(0, first, "a")).rows
        let alpha = try file.metadata.double("adapter.lora.alpha") ?? Double(rank)
        let configuration = try AdapterConfiguration(rank: rank, alpha: alpha, targets: targets)
        let modules = try (0..<model.layers).flatMap { layer in
            try targets.map { target in
                var module = try Module(
                    layer: layer, target: target, rank: rank, down: try file.tensor(name(layer, target, "a")),
                    up: try file.tensor(name(layer, target, "b")))
                if let order = Self.storedOrder(target, model), order.count == module.outputs {
                    module.up = order.flatMap { module.up[Int($0) * rank..<(Int($0) + 1) * rank] }
                }
                return module
            }
        }
        self.init(configuration, modules: modules)
        try validate(for: model)
    }

    /// Which row of the file each row of B is; nil for the same.
    private static func storedOrder(_ target: AdapterTarget, _ model: ModelConfiguration) -> [UInt32]? {
        guard let traits = ArchitectureTraits.all.first(where: { $0.id == model.architecture }) else { return nil }
        // What counts is the order of the family's GGUF files, whichever file the base model came from.
        var stored = model
        stored.keysInterleaved = traits.interleavedInGGUF
        switch target {
        case .query: return stored.rowPermutation(heads: model.heads)
        case .key: return stored.rowPermutation(heads: model.keyValueHeads)
        default: return nil
        }
    }
}
