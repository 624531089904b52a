internal import StoaCore
package import StoaTensor

extension ModelConfiguration {
    /// Reads the configuration of a Hugging Face folder, as its library of either generation writes it.
    ///
    /// - Parameter folder: an open folder.
    /// - Throws: `ModelConfigurationError` for a field that is missing, of another type or not supported, and for values
    ///   that describe no model.
    package init(huggingFace folder: HuggingFaceFolder) throws(ModelConfigurationError) {
        let fields = try HuggingFaceFields(folder)
        let traits = fields.traits
        let layers = try fields.require("num_hidden_layers")
        guard (1...4096).contains(layers) else {
            throw fields.error("num_hidden_layers", "expected 1 to 4096, found \(layers)")
        }
        let width = try fields.require("hidden_size")
        let heads = try fields.require("num_attention_heads")
        let headWidth = try fields.headWidth(width: width, heads: heads)
        try fields.checkActivation()
        let queryScalar = traits.scalesEmbedding ? try fields.double("query_pre_attn_scalar") : nil
        let window = try fields.slidingWindow(layers: layers)
        self.init(
            architecture: traits.id, layers: layers, width: width, heads: heads,
            keyValueHeads: try fields.int("num_key_value_heads") ?? heads, headWidth: headWidth,
            feedForwardWidth: try fields.require("intermediate_size"),
            vocabularySize: try fields.require("vocab_size"),
            contextLength: try fields.require("max_position_embeddings"))
        rmsEpsilon = Float(try fields.double("rms_norm_eps") ?? 1e-6)
        activation = traits.activation
        rope = try fields.rope(headWidth: headWidth)
        slidingWindow = window
        attentionScale = Float(1 / (queryScalar ?? Double(headWidth)).squareRoot())
        embeddingScale = traits.scalesEmbedding ? Float(Double(width).squareRoot()) : 1
        tiedHead = try fields.bool("tie_word_embeddings") ?? traits.tiedByDefault
        let bias = try fields.bool("attention_bias") ?? false
        queryKeyValueBias = traits.alwaysHasBias || bias
        attentionOutputBias = !traits.alwaysHasBias && bias
        queryKeyNorm = traits.queryKeyNorm
        postNorms = traits.postNorms
        normWeightOffset = traits.huggingFaceNormOffset
        finalSoftCap = try fields.double("final_logit_softcapping").map { Float($0) }
        attentionSoftCap = try fields.double("attn_logit_softcapping").map { Float($0) }
        self = try validated(path: fields.path)
    }
}

/// The fields of a `config.json`, or of its text part in multimodal models, with the defaults of the family.
struct HuggingFaceFields {
    let path: String
    let traits: ArchitectureTraits
    let modelType: String
    private let fields: JSONValue
    /// The whole document, where `fields` is a part of it.
    private let document: JSONValue

    init(_ folder: HuggingFaceFolder) throws(ModelConfigurationError) {
        path = folder.configurationPath
        document = folder.configuration
        guard let type = document["model_type"]?.stringValue else {
            throw ModelConfigurationError(path: path, field: "model_type", problem: "expected a string, found none")
        }
        guard let traits = ArchitectureTraits.all.first(where: { $0.huggingFaceTypes.contains(type) }) else {
            throw ModelConfigurationError(
                path: path, field: "model_type", problem: "\(type.quoted) is not supported",
                hint: "supported: \(ArchitectureTraits.all.flatMap(\.huggingFaceTypes).joined(separator: ", "))")
        }
        self.traits = traits
        modelType = type
        let text = document["text_config"]
        fields = text?.objectValue == nil ? document : text ?? document
    }

    func error(_ field: String, _ problem: String, hint: String? = nil) -> ModelConfigurationError {
        ModelConfigurationError(path: path, field: field, problem: problem, hint: hint)
    }

    /// The value of a field, the family's default where it is left out; a written null means none.
    private func value(_ field: String) -> JSONValue? {
        guard let value = fields[field] else { return traits.huggingFaceDefaults[field] }
        // A plain nil beside a JSON value would mean JSON's null, which is a value.
        return value == .null ? Optional<JSONValue>.none : value
    }

    private func typed<Value>(
        _ field: String, _ expected: String, _ convert: (JSONValue) -> Value?
    ) throws(ModelConfigurationError) -> Value? {
        guard let value = value(field) else { return nil }
        guard let converted = convert(value) else {
            throw error(field, "expected \(expected), found \(Self.short(value))")
        }
        return converted
    }

    private static func short(_ value: JSONValue) -> String {
        switch value {
        case .array: "an array"
        case .object: "an object"
        case .string(let text): text.quoted
        default: value.text
        }
    }

    func int(_ field: String) throws(ModelConfigurationError) -> Int? {
        try typed(field, "an integer") { $0.intValue }
    }

    func double(_ field: String) throws(ModelConfigurationError) -> Double? {
        try typed(field, "a number") { $0.doubleValue }
    }

    func bool(_ field: String) throws(ModelConfigurationError) -> Bool? {
        // Multimodal configurations keep this one outside of the text part.
        if field == "tie_word_embeddings", fields[field] == nil, let outer = document[field]?.boolValue { return outer }
        return try typed(field, "true or false") { $0.boolValue }
    }

    func require(_ field: String) throws(ModelConfigurationError) -> Int {
        guard let value = try int(field) else { throw error(field, "expected an integer, found none") }
        return value
    }

    func headWidth(width: Int, heads: Int) throws(ModelConfigurationError) -> Int {
        if let width = try int("head_dim") { return width }
        guard heads > 0, width.isMultiple(of: heads) else {
            throw error("num_attention_heads", "\(heads) heads do not divide width \(width)")
        }
        return width / heads
    }

    /// The gate's function is the family's; a configuration that names another is not run wrongly.
    func checkActivation() throws(ModelConfigurationError) {
        let field = traits.activation == .silu ? "hidden_act" : "hidden_activation"
        let accepted = traits.activation == .silu ? ["silu", "swish"] : ["gelu_pytorch_tanh"]
        if let name = try typed(field, "a string", { $0.stringValue }), !accepted.contains(name) {
            throw error(field, "\(name.quoted) is not supported", hint: "supported: \(accepted[0])")
        }
        if try bool("mlp_bias") == true { throw error("mlp_bias", "biases in the feed-forward are not supported") }
        if try bool("use_bidirectional_attention") == true {
            throw error("use_bidirectional_attention", "attention to later positions is not supported")
        }
    }

    func slidingWindow(layers: Int) throws(ModelConfigurationError) -> ModelConfiguration.SlidingWindow? {
        // Families with a pattern always use their window, llamas never do, qwens when told to.
        let isUsed = try bool("use_sliding_window") ?? (traits.localPattern != nil || modelType == "mistral")
        guard isUsed, let size = try int("sliding_window") else { return nil }
        if let types = try typed("layer_types", "an array", { $0.arrayValue }) {
            var isLocal: [Bool] = []
            for type in types {
                switch type.stringValue {
                case "sliding_attention": isLocal.append(true)
                case "full_attention": isLocal.append(false)
                default: throw error("layer_types", "\(Self.short(type)) is not supported")
                }
            }
            return isLocal.contains(true) ? ModelConfiguration.SlidingWindow(size: size, isLocal: isLocal) : nil
        }
        var pattern = try int("sliding_window_pattern")
        if pattern == nil { pattern = try int("_sliding_window_pattern") }
        if let pattern = pattern ?? traits.localPattern {
            guard pattern > 0 else { throw error("sliding_window_pattern", "expected 1 or more, found \(pattern)") }
            return ModelConfiguration.SlidingWindow(
                size: size, isLocal: ArchitectureTraits.localLayers(pattern: pattern, layers: layers))
        }
        // Families without a pattern: all layers from `max_window_layers` on are local; all where it is left out.
        let first = try int("max_window_layers") ?? 0
        return ModelConfiguration.SlidingWindow(size: size, isLocal: (0..<layers).map { $0 >= first })
    }

    /// Rotary parameters: `rope_parameters` (for each type of layer, or for all), or the older `rope_theta`,
    /// `rope_scaling` and `rope_local_base_freq`.
    func rope(headWidth: Int) throws(ModelConfigurationError) -> Rope {
        let partial = try double("partial_rotary_factor") ?? 1
        guard partial > 0, partial <= 1 else {
            throw error("partial_rotary_factor", "expected a number above 0 and up to 1, found \(partial)")
        }
        var rope = Rope(dimensions: Int(Double(headWidth) * partial), base: 10000, localBase: traits.ropeLocalBase)
        if let parameters = try typed(
            "rope_parameters", "an object", { $0.objectValue == nil ? Optional<JSONValue>.none : $0 })
        {
            let global = parameters["full_attention"] ?? parameters
            let written = try base(global, "rope_parameters")
            let outer = try double("rope_theta")
            rope.base = written ?? outer ?? rope.base
            rope.scaling = try scaling(global, "rope_parameters")
            if let local = parameters["sliding_attention"] {
                rope.localBase = try base(local, "rope_parameters") ?? rope.localBase
                guard try scaling(local, "rope_parameters") == .none else {
                    throw error("rope_parameters", "scaling of local layers is not supported")
                }
            }
            return rope
        }
        rope.base = try double("rope_theta") ?? 10000
        if traits.ropeLocalBase != nil { rope.localBase = try double("rope_local_base_freq") ?? rope.localBase }
        if let parameters = try typed(
            "rope_scaling", "an object", { $0.objectValue == nil ? Optional<JSONValue>.none : $0 })
        {
            rope.scaling = try scaling(parameters, "rope_scaling")
        }
        return rope
    }

    private func base(_ parameters: JSONValue, _ field: String) throws(ModelConfigurationError) -> Double? {
        guard let value = parameters["rope_theta"], value != .null else { return nil }
        guard let base = value.doubleValue else {
            throw error("\(field).rope_theta", "expected a number, found \(Self.short(value))")
        }
        return base
    }

    private func scaling(_ parameters: JSONValue, _ field: String) throws(ModelConfigurationError) -> Rope.Scaling {
        func number(_ name: String) throws(ModelConfigurationError) -> Double {
            guard let value = parameters[name]?.doubleValue else {
                throw error(
                    "\(field).\(name)", "expected a number, found \(parameters[name].map(Self.short) ?? "none")")
            }
            return value
        }
        let type = parameters["rope_type"] ?? parameters["type"] ?? "default"
        switch type.stringValue {
        case "default": return .none
        case "linear": return .linear(factor: try number("factor"))
        case "llama3":
            let original = try number("original_max_position_embeddings")
            guard let original = Int(exactly: original) else {
                throw error("\(field).original_max_position_embeddings", "expected an integer, found \(original)")
            }
            return .llama3(
                factor: try number("factor"), lowFrequencyFactor: try number("low_freq_factor"),
                highFrequencyFactor: try number("high_freq_factor"), originalContext: original)
        default:
            throw error(
                "\(field).rope_type", "\(Self.short(type)) is not supported", hint: "supported: default, linear, llama3"
            )
        }
    }
}
