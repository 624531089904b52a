public import StoaModel

extension Trainer {
    /// Writes the adapter as PEFT keeps it.
    ///
    /// - Parameters:
    ///   - folder: is made where it is missing.
    ///   - baseModel: what the configuration calls the base model.
    /// - Throws: `WeightFileError` with the system's reason.
    public func writePEFT(to folder: String, baseModel: String) throws {
        try adapter.writePEFT(to: folder, baseModel: baseModel)
    }

    /// Writes the adapter as llama.cpp keeps it.
    ///
    /// - Parameter path: the file.
    /// - Throws: `WeightFileError` with the system's reason.
    public func writeGGUF(to path: String) throws { try adapter.writeGGUF(to: path, model: model.configuration) }

    /// Reads an adapter for this model from a PEFT folder or a GGUF file.
    ///
    /// - Parameter path: a folder or a file.
    /// - Returns: the adapter; `start(from:)` goes on with it.
    /// - Throws: `WeightFileError` or `AdapterError` saying what cannot be used and why.
    public func readAdapter(_ path: String) throws -> Adapter {
        guard path.hasSuffix(".gguf") else {
            let adapter = try Adapter(peft: path)
            try adapter.validate(for: model.configuration)
            return adapter
        }
        return try Adapter(gguf: path, model: model.configuration)
    }
}
