internal import OrderedCollections
internal import StoaCore

extension TrainingRequest {
    /// What the adapter that comes of a request depends on: the key of its checkpoint.
    ///
    /// - Parameters:
    ///   - base: which base model it is.
    ///   - examples: the request's examples as tokens.
    /// - Returns: equal for equal adapters to be.
    func digest(base: String, examples: TrainingExamples) -> SHA256Digest {
        var hasher = SHA256Hasher()
        let path: [JSONValue] = seed.components.map { component in
            switch component {
            case .name(let name): .string(name)
            case .index(let index): .integer(Int64(index))
            }
        }
        let document: JSONValue = [
            "stoa_training": 1, "base": .string(base), "start": start.map { .string($0.description) } ?? .null,
            "reference": reference.map { .string($0.description) } ?? .null, "settings": settings.document,
            "seed": .array([.string(String(seed.seed))] + path),
        ]
        hasher.update(document.canonicalText.utf8)
        for example in examples.examples { hasher.update(example.digest.bytes) }
        return hasher.finalize()
    }
}

extension TrainingSettings {
    /// All settings by name.
    fileprivate var document: JSONValue {
        [
            "loss": .string(loss), "options": .object(options), "rank": .integer(Int64(rank)), "alpha": .number(alpha),
            "targets": .array(targets.map { .string($0) }), "learning_rate": .number(learningRate),
            "schedule": .string(schedule), "warmup": .number(warmup), "epochs": .number(epochs),
            "batch": .integer(Int64(batch)), "maximum_tokens": .integer(Int64(maximumTokens)),
            "weight_decay": .number(weightDecay),
            "maximum_gradient_norm": maximumGradientNorm.map { .number($0) } ?? .null, "precision": .string(precision),
        ]
    }
}
