/// Anything that tensors can be taken from by name: a GGUF file, a safetensors file, a folder of shards.
package protocol WeightSource: Sendable {
    /// The file or folder, for messages.
    var path: String { get }
    /// `GGUF` or `safetensors`, for messages.
    var format: String { get }
    /// The names of all tensors, in the file's order.
    var tensorNames: [String] { get }
    /// Number of tensors.
    var tensorCount: Int { get }
    /// The files behind it, in a fixed order: what a fingerprint covers.
    var files: [MappedFile] { get }

    /// The tensor of a name, or nil where the source has none.
    func findTensor(_ name: String) throws(WeightFileError) -> WeightTensor?
}

extension WeightSource {
    /// The tensor of a name.
    ///
    /// - Parameter name: as the file spells it.
    /// - Returns: a view of the stored tensor.
    /// - Throws: `WeightFileError` where there is none.
    package func tensor(_ name: String) throws(WeightFileError) -> WeightTensor {
        if let tensor = try findTensor(name) { return tensor }
        throw WeightFileError(
            .missing, path: path, subject: "\(format) tensor \(name.quoted)",
            problem: "not found among \(tensorCount) tensors")
    }

    /// Whether there is a tensor of that name.
    package func hasTensor(_ name: String) -> Bool { (try? findTensor(name)) != nil }

    /// All tensors, in the file's order.
    package func allTensors() throws(WeightFileError) -> [WeightTensor] {
        var tensors: [WeightTensor] = []
        for name in tensorNames { tensors.append(try tensor(name)) }
        return tensors
    }
}
