/// A matrix of a decoder layer that an adapter may change.
public enum AdapterTarget: String, Sendable, Hashable, CaseIterable, Codable {
    /// Queries.
    case query = "q_proj"
    /// Keys.
    case key = "k_proj"
    /// Values.
    case value = "v_proj"
    /// The output of attention.
    case output = "o_proj"
    /// The gate of the feed-forward part.
    case gate = "gate_proj"
    /// What the gate multiplies.
    case up = "up_proj"
    /// The output of the feed-forward part.
    case down = "down_proj"

    /// The tensor that it changes.
    package var tensor: TensorRole.LayerTensor {
        switch self {
        case .query: .query
        case .key: .key
        case .value: .value
        case .output: .attentionOutput
        case .gate: .gate
        case .up: .up
        case .down: .down
        }
    }

    /// The path of the matrix below a layer in PEFT's names, for example `self_attn.q_proj`.
    package var path: String {
        switch self {
        case .query, .key, .value, .output: "self_attn.\(rawValue)"
        case .gate, .up, .down: "mlp.\(rawValue)"
        }
    }

    /// The short names that commands take: q, k, v, o, gate, up, down.
    public var shortName: String { String(rawValue.prefix { $0 != "_" }) }

    /// The target of a short name or of PEFT's name.
    ///
    /// - Parameter name: for example `q` or `q_proj`.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.rawValue == name || $0.shortName == name }) else {
            return nil
        }
        self = found
    }

    /// Inputs and outputs of the matrix.
    ///
    /// - Parameter configuration: the shape of the model.
    /// - Returns: columns and rows.
    package func shape(in configuration: ModelConfiguration) -> (inputs: Int, outputs: Int) {
        switch self {
        case .query: (configuration.width, configuration.queryWidth)
        case .key, .value: (configuration.width, configuration.keyWidth)
        case .output: (configuration.queryWidth, configuration.width)
        case .gate, .up: (configuration.width, configuration.feedForwardWidth)
        case .down: (configuration.feedForwardWidth, configuration.width)
        }
    }
}
