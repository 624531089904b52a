extension SamplingParameters: Codable {
    private enum CodingKeys: String, CodingKey {
        case temperature
        case topK = "top_k"
        case topP = "top_p"
        case minP = "min_p"
        case repetitionPenalty = "repetition_penalty"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
        case logitBias = "logit_bias"
        case logProbabilities = "logprobs"
    }

    /// A token id as the key of an object.
    private struct TokenKey: CodingKey {
        let stringValue: String
        var intValue: Int? { Int(stringValue) }
        init(stringValue: String) { self.stringValue = stringValue }
        init(intValue: Int) { stringValue = String(intValue) }
    }

    /// Decodes an object in which every absent member has its default; ranges are not checked here.
    ///
    /// - Parameter decoder: the decoder.
    /// - Throws: `DecodingError` for members of a wrong type.
    public init(from decoder: any Decoder) throws {
        self.init()
        let members = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
            if let found = try members.decodeIfPresent(Value.self, forKey: key) { value = found }
        }
        try read(.temperature, into: &temperature)
        try read(.topK, into: &topK)
        try read(.topP, into: &topP)
        try read(.minP, into: &minP)
        try read(.repetitionPenalty, into: &repetitionPenalty)
        try read(.presencePenalty, into: &presencePenalty)
        try read(.frequencyPenalty, into: &frequencyPenalty)
        logProbabilities = try members.decodeIfPresent(Int.self, forKey: .logProbabilities)
        guard members.contains(.logitBias) else { return }
        let biases = try members.nestedContainer(keyedBy: TokenKey.self, forKey: .logitBias)
        for key in biases.allKeys {
            guard let id = Int32(key.stringValue) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: biases, debugDescription: "expected a token id, found '\(key.stringValue)'")
            }
            logitBias[TokenID(id)] = try biases.decode(Double.self, forKey: key)
        }
    }

    /// Encodes all members; biases as an object from token id to number.
    ///
    /// - Parameter encoder: the encoder.
    /// - Throws: what the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(temperature, forKey: .temperature)
        try members.encode(topK, forKey: .topK)
        try members.encode(topP, forKey: .topP)
        try members.encode(minP, forKey: .minP)
        try members.encode(repetitionPenalty, forKey: .repetitionPenalty)
        try members.encode(presencePenalty, forKey: .presencePenalty)
        try members.encode(frequencyPenalty, forKey: .frequencyPenalty)
        try members.encodeIfPresent(logProbabilities, forKey: .logProbabilities)
        var biases = members.nestedContainer(keyedBy: TokenKey.self, forKey: .logitBias)
        for (id, bias) in logitBias.sorted(by: { $0.key < $1.key }) {
            try biases.encode(bias, forKey: TokenKey(intValue: id.index))
        }
    }
}
