internal import Glibc
package import StoaCore

/// A model folder in the layout of Hugging Face: `config.json` and safetensors, in one file or in shards.
///
/// Other files are located, not read. Memory: that of the shards; `config.json` may have 256 KiB at most.
package struct HuggingFaceFolder: WeightSource {
    /// The longest `config.json`; real ones have a few KiB.
    static let maximumConfigurationBytes = 256 * 1024
    /// More shards than any model has.
    static let maximumShards = 4096

    /// The folder.
    package let path: String
    /// The content of `config.json`: an object.
    package let configuration: JSONValue
    /// The weight files, in the order in which the index names them first.
    package let shards: [SafetensorsFile]

    package var format: String { "safetensors" }
    package var files: [MappedFile] { shards.flatMap(\.files) }
    package var tensorCount: Int { shards.reduce(0) { $0 + $1.tensorCount } }
    package var tensorNames: [String] { shards.flatMap(\.tensorNames) }

    /// `config.json`.
    package var configurationPath: String { "\(path)/config.json" }
    /// `tokenizer.json`, where there is one.
    package var tokenizerPath: String? { existing("tokenizer.json") }
    /// `tokenizer_config.json`, where there is one.
    package var tokenizerConfigurationPath: String? { existing("tokenizer_config.json") }
    /// `chat_template.jinja`, where there is one.
    package var chatTemplatePath: String? { existing("chat_template.jinja") }
    /// `generation_config.json`, where there is one.
    package var generationConfigurationPath: String? { existing("generation_config.json") }

    /// Opens a folder and maps all its weight files.
    ///
    /// - Parameter path: the folder.
    /// - Throws: `WeightFileError` for a file that is missing or cannot be accepted.
    package init(path: String) throws(WeightFileError) {
        self.path = path
        configuration = try Self.readConfiguration("\(path)/config.json")
        if access("\(path)/model.safetensors", F_OK) == 0 {
            shards = [try SafetensorsFile(path: "\(path)/model.safetensors")]
        } else if access("\(path)/model.safetensors.index.json", F_OK) == 0 {
            shards = try Self.openShards(folder: path)
        } else {
            throw WeightFileError(
                .missing, path: path, subject: "model folder",
                problem: "has neither model.safetensors nor model.safetensors.index.json",
                hint: "weights in other formats (pytorch_model.bin) must be converted to safetensors")
        }
    }

    package func findTensor(_ name: String) throws(WeightFileError) -> WeightTensor? {
        var found: WeightTensor?
        for shard in shards {
            guard let tensor = try shard.findTensor(name) else { continue }
            if let found {
                throw WeightFileError(
                    .malformed, path: path, subject: "safetensors tensor \(name.quoted)",
                    problem: "is in two shards, \(found.bytes.file.path) and \(shard.path)")
            }
            found = tensor
        }
        return found
    }

    private func existing(_ name: String) -> String? {
        access("\(path)/\(name)", R_OK) == 0 ? "\(path)/\(name)" : nil
    }

    private static func readConfiguration(_ path: String) throws(WeightFileError) -> JSONValue {
        let file = try MappedFile(path: path)
        func malformed(_ problem: String) -> WeightFileError {
            WeightFileError(.malformed, path: path, subject: "model configuration", problem: problem)
        }
        guard file.count <= maximumConfigurationBytes else {
            throw malformed("has \(file.count) bytes, at most \(maximumConfigurationBytes) are accepted")
        }
        let value: JSONValue
        do {
            value = try file.withBytes(in: 0..<file.count) { bytes throws(JSONError) in try JSONParser.parse(bytes) }
        } catch {
            throw malformed(error.message)
        }
        guard value.objectValue != nil else { throw malformed("expected a JSON object") }
        return value
    }

    /// Opens every file that the index names, and checks that each tensor is where the index says.
    private static func openShards(folder: String) throws(WeightFileError) -> [SafetensorsFile] {
        let index = try MappedFile(path: "\(folder)/model.safetensors.index.json")
        var shards: [SafetensorsFile] = []
        var names: [String] = []
        try index.withBytes(in: 0..<index.count) { bytes throws(WeightFileError) in
            var scanner = JSONScanner(bytes, path: index.path, subject: "shard index")
            var hasMap = false
            try scanner.members { scanner, key throws(WeightFileError) in
                guard scanner.spells(key, "weight_map") else { return try scanner.skipValue() }
                guard !hasMap else { throw scanner.failure("\"weight_map\" appears twice") }
                hasMap = true
                try scanner.members { scanner, tensor throws(WeightFileError) in
                    let name = try scanner.headerString()
                    var position = names.firstIndex(of: name)
                    if position == nil {
                        try checkShardName(name, index: index.path)
                        guard names.count < maximumShards else {
                            throw scanner.failure("more than \(maximumShards) shards")
                        }
                        shards.append(try SafetensorsFile(path: "\(folder)/\(name)"))
                        names.append(name)
                        position = names.count - 1
                    }
                    let tensorName = String(decoding: bytes[tensor], as: UTF8.self)
                    guard let position, shards[position].hasEntry(tensorName) else {
                        throw WeightFileError(
                            .missing, path: index.path, subject: "safetensors tensor \(tensorName.quoted)",
                            problem: "the index places it in \(name.quoted), which does not have it")
                    }
                }
            }
            if scanner.peek() != nil { throw scanner.failure("unexpected text behind the object") }
            guard hasMap, !shards.isEmpty else { throw scanner.failure("expected a \"weight_map\" with entries") }
        }
        return shards
    }

    /// A shard is a plain file name: nothing that could lead out of the folder.
    private static func checkShardName(_ name: String, index path: String) throws(WeightFileError) {
        let isPlain =
            !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 }
        guard isPlain else {
            throw WeightFileError(
                .malformed, path: path, subject: "shard index",
                problem: "expected the name of a file in the folder, found \(name.quoted)")
        }
    }
}
