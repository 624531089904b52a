internal import StoaCore
internal import StoaTensor

extension ModelFingerprint {
    /// The fingerprint of stored weights and of the vocabulary that comes with them.
    ///
    /// - Parameters:
    ///   - weights: the stored weights.
    ///   - precision: how they will be run.
    ///   - cacheFolder: where digests of files are remembered; nil for nowhere.
    /// - Throws: `WeightFileError` for a file beside the weights that cannot be read.
    init(_ weights: ModelWeights, precision: Precision, cacheFolder: String?) throws {
        let memory = FingerprintCache(folder: cacheFolder.map { "\($0)/fingerprints" })
        var hasher = SHA256Hasher()
        for file in weights.source.files { hasher.update(try memory.digest(of: file).bytes) }
        // In a GGUF file, configuration and vocabulary are part of what was hashed.
        guard let folder = weights.source as? HuggingFaceFolder else {
            let digest = hasher.finalize().description
            self.init(weights: digest, tokenizer: "in \(digest)", precision: precision)
            return
        }
        hasher.update(folder.configuration.canonicalText.utf8)
        // The second file says which tokens begin and end a sequence.
        let files = [folder.tokenizerPath, folder.tokenizerConfigurationPath].compactMap(\.self)
        var text = SHA256Hasher()
        for path in files { text.update(try memory.digest(of: MappedFile(path: path)).bytes) }
        self.init(
            weights: hasher.finalize().description, tokenizer: files.isEmpty ? "none" : text.finalize().description,
            precision: precision)
    }
}
