internal import OrderedCollections
internal import StoaCore
package import StoaTensor

/// Adapters as PEFT keeps them: a folder with `adapter_config.json` and `adapter_model.safetensors`.
///
/// Source: peft 0.21, `LoraConfig` and `get_peft_model_state_dict`.
extension Adapter {
    static let configurationFile = "adapter_config.json"
    static let tensorFile = "adapter_model.safetensors"

    /// Writes the folder; each file is replaced only by the complete new one, the configuration last.
    ///
    /// - Parameters:
    ///   - folder: is made where it is missing.
    ///   - baseModel: what the configuration calls the base model.
    /// - Throws: `WeightFileError` with the system's reason.
    public func writePEFT(to folder: String, baseModel: String) throws {
        FileWriting.makeFolder(folder)
        var writer = SafetensorsWriter()
        writer.addMetadata("format", "pt")
        for module in modules {
            let rank = configuration.rank
            try writer.addTensor("\(module.name).lora_A.weight", shape: [rank, module.inputs], floats: module.down)
            try writer.addTensor("\(module.name).lora_B.weight", shape: [module.outputs, rank], floats: module.up)
        }
        try writer.write(to: "\(folder)/\(Self.tensorFile)")
        let document: JSONValue = [
            "base_model_name_or_path": .string(baseModel), "bias": "none", "fan_in_fan_out": false,
            "inference_mode": true, "init_lora_weights": true, "lora_alpha": .number(configuration.alpha).canonical,
            "lora_dropout": 0.0, "modules_to_save": .null, "peft_type": "LORA",
            "r": .integer(Int64(configuration.rank)),
            "target_modules": .array(configuration.targets.map { .string($0.rawValue) }), "task_type": "CAUSAL_LM",
            "use_dora": false, "use_rslora": false,
        ]
        let path = "\(folder)/\(Self.configurationFile)"
        try FileWriting.write(to: path, [Array("\(document.text)\n".utf8)])
        try DurableFile.finish(path)
    }

    /// Reads a folder that this or PEFT wrote.
    ///
    /// - Parameter folder: with both files.
    /// - Throws: `WeightFileError` for files that cannot be read, `AdapterError` for adapters of another sort.
    public init(peft folder: String) throws {
        let path = "\(folder)/\(Self.configurationFile)"
        let fields = try PEFTFields(path: path)
        let file = try SafetensorsFile(path: "\(folder)/\(Self.tensorFile)")
        let configuration = try fields.configuration()
        var layers = 0
        let first = configuration.targets[0].path
        while file.hasTensor("base_model.model.model.layers.\(layers).\(first).lora_A.weight") { layers += 1 }
        let expected = 2 * layers * configuration.targets.count
        guard layers > 0, file.tensorCount == expected else {
            throw AdapterError(
                .adapterMismatch,
                "adapter \(folder): expected A and B of \(configuration.targets.count) matrices in each layer from 0 on, "
                    + "found \(file.tensorCount) tensors for \(layers) layers")
        }
        let modules = try (0..<layers).flatMap { layer in
            try configuration.targets.map { target in
                let name = "base_model.model.model.layers.\(layer).\(target.path)"
                return try Module(
                    layer: layer, target: target, rank: configuration.rank,
                    down: try file.tensor("\(name).lora_A.weight"), up: try file.tensor("\(name).lora_B.weight"))
            }
        }
        self.init(configuration, modules: modules)
    }
}

extension Adapter.Module {
    /// Takes A and B from a file.
    ///
    /// - Parameters:
    ///   - layer: the layer.
    ///   - target: the matrix.
    ///   - rank: rows of A, columns of B.
    ///   - down: A. [rank, inputs]
    ///   - up: B. [outputs, rank]
    /// - Throws: `WeightFileError` for tensors of another shape.
    package init(
        layer: Int, target: AdapterTarget, rank: Int, down: WeightTensor, up: WeightTensor
    ) throws(WeightFileError) {
        try down.requireShape([rank, down.columns])
        try up.requireShape([up.rows, rank])
        self.init(
            layer: layer, target: target, inputs: down.columns, outputs: up.rows, down: down.dequantised(),
            up: up.dequantised())
    }
}

/// The fields of an `adapter_config.json`.
private struct PEFTFields {
    let path: String
    private let document: JSONValue

    init(path: String) throws {
        self.path = path
        let file = try MappedFile(path: path)
        document = try JSONParser.parse(file.bytes(in: 0..<file.count).array)
    }

    private func error(_ field: String, _ problem: String) -> AdapterError {
        AdapterError(.adapterMismatch, "adapter configuration \(path): \(field) \(problem)")
    }

    func configuration() throws(AdapterError) -> AdapterConfiguration {
        guard document["peft_type"]?.stringValue == "LORA" else { throw error("peft_type", "is not LORA") }
        if let bias = document["bias"]?.stringValue, bias != "none" { throw error("bias", "is \(bias), expected none") }
        for field in ["use_dora", "fan_in_fan_out", "lora_bias"] where document[field]?.boolValue == true {
            throw error(field, "is true, which is not supported")
        }
        for field in ["rank_pattern", "alpha_pattern"] where document[field]?.objectValue?.isEmpty == false {
            throw error(field, "is not empty, which is not supported")
        }
        for field in ["layers_to_transform", "modules_to_save"] where document[field].map({ $0 != .null }) ?? false {
            throw error(field, "is set, which is not supported")
        }
        guard let rank = document["r"]?.intValue else { throw error("r", "expected an integer, found none") }
        guard let alpha = document["lora_alpha"]?.doubleValue else {
            throw error("lora_alpha", "expected a number, found none")
        }
        guard let names = document["target_modules"]?.arrayValue else {
            throw error("target_modules", "expected a list of names")
        }
        var targets: [AdapterTarget] = []
        for name in names {
            guard let target = name.stringValue.flatMap(AdapterTarget.init(name:)) else {
                throw error("target_modules", "names \(name.text), which is not supported")
            }
            targets.append(target)
        }
        // rsLoRA divides alpha by the root of the rank instead of the rank.
        let isStabilised = document["use_rslora"]?.boolValue ?? false
        return try AdapterConfiguration(
            rank: rank, alpha: isStabilised ? alpha * Double(max(0, rank)).squareRoot() : alpha, targets: targets)
    }
}
