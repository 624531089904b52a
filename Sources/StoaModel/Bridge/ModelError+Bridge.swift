internal import StoaCore

extension ModelError.Code {
    /// A latent message of one model cannot be made one of another.
    public static let untranslatable = ModelError.Code(description: "untranslatable")
}

extension ModelError {
    static func nothingShared(_ source: String, _ target: String) -> ModelError {
        ModelError(
            .untranslatable, kind: .badInput,
            "the vocabularies of \(source) and \(target) have no token in common to map latents by",
            hint: "exchange text between these models")
    }

    static func closedSource(_ name: String, target: String) -> ModelError {
        ModelError(
            .untranslatable, kind: .badInput,
            "latents of model \(name) cannot be mapped to model \(target): its weights are not in this engine",
            hint: "run both models in the engine, or exchange text")
    }

    static func noLatentRows(_ latent: LatentHandle, model: String) -> ModelError {
        ModelError(
            .untranslatable, kind: .badInput,
            "latent message \(latent.digest.description.prefix(16)) of model \(model) has no latent rows with hidden "
                + "states to map: its rows are \(latent.rowsByOrigin)",
            hint: "let its author think at least one step, in this process: prompt and text rows, joined latents and "
                + "those restored from bytes have no states")
    }
}

extension LatentHandle {
    /// `12 prompt, 3 text`.
    fileprivate var rowsByOrigin: String {
        segments.isEmpty ? "none" : segments.map { "\($0.rows) \($0.origin)" }.joined(separator: ", ")
    }
}
