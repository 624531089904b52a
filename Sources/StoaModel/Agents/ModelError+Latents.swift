internal import StoaCore

extension ModelError.Code {
    /// A handle stands for a latent message that is not here.
    public static let unknownLatent = ModelError.Code(description: "unknown_latent")
}

extension ModelError {
    static func foreignLatent(_ latent: LatentHandle, reader: String) -> ModelError {
        ModelError(
            .fingerprintMismatch, kind: .badInput,
            "latent message \(short(latent.digest.description)) made by model \(short(latent.modelFingerprint)) "
                + "cannot be read by model \(short(reader))",
            hint: "compute the latent again with this model, or exchange text between different models")
    }

    static func unknownLatent(_ latent: LatentHandle, model: String) -> ModelError {
        ModelError(
            .unknownLatent,
            "latent message \(short(latent.digest.description)) of \(latent.rows) rows is not held by model \(model)",
            hint:
                "it was released as often as it was given out: hold it for longer, restore its bytes, or compute it again"
        )
    }

    /// Enough of a fingerprint or a digest to tell it from others.
    private static func short(_ digits: String) -> String { String(digits.prefix(16)) }
}
