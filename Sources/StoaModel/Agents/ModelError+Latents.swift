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

    static func strayLatent(_ latent: LatentHandle, base: LatentHandle) -> ModelError {
        ModelError(
            .cacheShape, kind: .badInput,
            "latent message \(short(latent.digest.description)) of \(latent.rows) rows does not begin with the "
                + "\(base.rows) rows of latent message \(short(base.digest.description)), its base",
            hint: "give as base what all latents of the context were made behind, or none")
    }

    static func damagedSpill(_ digest: SHA256Digest, path: String, problem: String) -> ModelError {
        ModelError(
            .cacheFormat,
            "latent message \(short(digest.description)) cannot be read back from \(path): \(problem)",
            hint: "leave the files of a running process alone; restore the latent's bytes, or compute it again")
    }

    /// Enough of a fingerprint or a digest to tell it from others.
    private static func short(_ digits: String) -> String { String(digits.prefix(16)) }
}
