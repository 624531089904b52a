internal import OrderedCollections
internal import StoaCore
internal import StoaTensor
public import StoaText

/// A model on disk, opened but not loaded: what it is, its vocabulary and its chat template.
///
/// Opening maps the files and checks their structure; weights are read by `LocalModel.load`.
public struct StoredModel: Sendable {
    /// The weights by role.
    let weights: ModelWeights

    private var source: any WeightSource { weights.source }

    /// Opens a model.
    ///
    /// - Parameter path: a GGUF file, or a Hugging Face folder (config.json and safetensors).
    /// - Throws: `WeightFileError` or `ModelConfigurationError` saying what cannot be used and why.
    public init(path: String) throws { weights = try ModelWeights(path: path) }

    /// The file or folder.
    public var path: String { source.path }

    /// What the model is.
    ///
    /// - Parameters:
    ///   - precision: how it would be run; part of its fingerprint.
    ///   - cacheFolder: where digests of files are remembered; nil for nowhere.
    /// - Returns: its figures and its fingerprint.
    /// - Throws: `WeightFileError` for a tensor that is missing or has another shape.
    public func information(precision: Precision = .fast, cacheFolder: String? = nil) throws -> ModelInformation {
        try ModelInformation(
            weights, fingerprint: ModelFingerprint(weights, precision: precision, cacheFolder: cacheFolder))
    }

    /// Whether the model has a vocabulary at all.
    public var hasVocabulary: Bool {
        if let gguf = source as? GGUFFile { return gguf.metadata.value("tokenizer.ggml.tokens") != nil }
        return (source as? HuggingFaceFolder)?.tokenizerPath != nil
    }

    /// Builds the tokenizer.
    ///
    /// - Returns: the tokenizer.
    /// - Throws: `TokenizerError`, `WeightFileError` or `ModelError` saying what the vocabulary lacks.
    public func makeTokenizer() throws -> Tokenizer {
        if let gguf = source as? GGUFFile {
            let tokenizer = try Tokenizer(Vocabulary(gguf))
            // The tokenizer has copied what it needs; the file's pages need not stay resident.
            for file in gguf.files { file.advise(.dontNeed, range: 0..<file.count) }
            return tokenizer
        }
        guard let folder = source as? HuggingFaceFolder, let path = folder.tokenizerPath else {
            throw ModelError(
                .unusableModel, kind: .badInput, "model \(source.path) has no tokenizer",
                hint: "put the model's tokenizer.json beside config.json")
        }
        return try Tokenizer(
            tokenizerJSON: Self.read(path), configJSON: try folder.tokenizerConfigurationPath.map(Self.read))
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let file = try MappedFile(path: path)
        return file.bytes(in: 0..<file.count).array
    }

    /// The source of the model's own chat template; nil where it has none.
    ///
    /// - Returns: the template's text.
    /// - Throws: `WeightFileError` or `JSONError` where the file that holds it cannot be read.
    public func chatTemplateSource() throws -> String? {
        if let gguf = source as? GGUFFile { return try gguf.metadata.string("tokenizer.chat_template") }
        guard let folder = source as? HuggingFaceFolder else { return nil }
        if let path = folder.chatTemplatePath {
            return String(decoding: try Self.read(path), as: UTF8.self)
        }
        guard let path = folder.tokenizerConfigurationPath else { return nil }
        let template = try JSONParser.parse(Self.read(path))["chat_template"]
        // Some folders list several templates by name.
        let named = template?.arrayValue?.first { $0["name"]?.stringValue == "default" }
        return template?.stringValue ?? named?["template"]?.stringValue
    }
}

extension StoredModel {
    /// The model's own chat template.
    ///
    /// - Parameter tokenizer: whose special tokens the template may name.
    /// - Returns: the template.
    /// - Throws: `ModelError` where the model has none, `TemplateError` where it cannot be parsed.
    public func chatTemplate(for tokenizer: Tokenizer) throws -> ChatTemplate {
        guard let source = try chatTemplateSource() else {
            throw ModelError(
                .invalidRequest, kind: .usage, "model \(path) has no chat template",
                hint: "it is a base model: give it plain text, or name a template with --template FILE")
        }
        return try Self.chatTemplate(source: source, name: "chat template of \(path)", tokenizer: tokenizer)
    }

    /// Any chat template, for a tokenizer's special tokens.
    ///
    /// - Parameters:
    ///   - source: the template's text.
    ///   - name: what errors call it.
    ///   - tokenizer: whose special tokens the template may name.
    /// - Returns: the template.
    /// - Throws: `TemplateError` with line and column.
    public static func chatTemplate(source: String, name: String, tokenizer: Tokenizer) throws -> ChatTemplate {
        let special = tokenizer.special
        let named = [
            ("bos_token", special.bos), ("eos_token", special.eos), ("unk_token", special.unknown),
            ("pad_token", special.padding),
        ]
        var tokens: OrderedDictionary<String, String> = [:]
        for (name, id) in named { tokens[name] = id.map { tokenizer.piece(of: $0) } }
        return try ChatTemplate(source, name: name, specialTokens: tokens)
    }
}

extension Vocabulary {
    /// The vocabulary that a GGUF file carries.
    init(_ gguf: GGUFFile) throws {
        let metadata = gguf.metadata
        func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }
        self.init(
            model: try metadata.require(key("model"), metadata.string), pre: try metadata.string(key("pre")))
        if let strings = try metadata.strings(key("tokens")) {
            strings.forEach { tokens.append($1) }
        }
        if let strings = try metadata.strings(key("merges")) {
            strings.forEach { merges.append($1) }
        }
        types = try metadata.ints(key("token_type")) ?? []
        scores = try metadata.floats(key("scores")) ?? []
        bos = try metadata.int(key("bos_token_id"))
        eos = try metadata.int(key("eos_token_id"))
        eot = try metadata.int(key("eot_token_id"))
        unknown = try metadata.int(key("unknown_token_id"))
        padding = try metadata.int(key("padding_token_id"))
        addsBOS = try metadata.bool(key("add_bos_token"))
        addsEOS = try metadata.bool(key("add_eos_token"))
        addsSpacePrefix = try metadata.bool(key("add_space_prefix"))
    }
}
