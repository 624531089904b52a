internal import StoaCore

/// The steps around the model of a `tokenizer.json`, recognised as ones that are implemented.
struct TokenizerPipeline {
    private(set) var spelling: TokenizerBlueprint.Spelling
    private(set) var normalizes = false
    private(set) var takesWholeWords = false
    private(set) var fusesUnknown = false
    private(set) var unknown: String?
    /// Whether a post-processor says what surrounds a sequence.
    private(set) var hasTemplate = false
    private(set) var templateBOS: String?
    private(set) var templateEOS: String?

    init(_ file: TokenizerFile) throws(TokenizerError) {
        let model = file.model
        if let type = model["type"], type.stringValue != "BPE" { throw Self.unsupported("model", type) }
        for key in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
            switch model[key] {
            case nil, .null, .string(""), .integer(0): break
            case let value?: throw Self.unsupported("model.\(key)", value)
            }
        }
        takesWholeWords = try Self.flag("ignore_merges", model) ?? false
        fusesUnknown = try Self.flag("fuse_unk", model) ?? false
        unknown = model["unk_token"]?.stringValue
        let fallsBack = try Self.flag("byte_fallback", model) ?? false

        let normalizers = try Self.steps(file.members["normalizer"], of: "normalizers")
        let preTokenizers = try Self.steps(file.members["pre_tokenizer"], of: "pretokenizers")
        let decoders = try Self.steps(file.members["decoder"], of: "decoders")
        let isByteLevel = preTokenizers.contains { Self.type($0) == "ByteLevel" }
        if isByteLevel {
            spelling = .byteLevel(try Self.preTokenizer(preTokenizers))
            switch normalizers.map(Self.type) {
            case []: break
            case ["NFC"]: normalizes = true
            default: throw Self.unsupported("normalizer", .array(normalizers))
            }
            guard decoders.map(Self.type) == ["ByteLevel"] else {
                throw Self.unsupported("decoder", .array(decoders))
            }
            if fallsBack { throw Self.unsupported("model.byte_fallback of a byte-level model", .bool(true)) }
        } else {
            guard fallsBack else { throw Self.unsupported("model without ByteLevel and byte_fallback", .null) }
            let prefixes = try Self.addsSpacePrefix(normalizers)
            guard preTokenizers.allSatisfy({ $0 == Self.idleSplit }) else {
                throw Self.unsupported("pre_tokenizer", .array(preTokenizers))
            }
            guard decoders == Self.sentencePieceDecoders + (prefixes ? [Self.strip] : []) else {
                throw Self.unsupported("decoder", .array(decoders))
            }
            spelling = .sentencePiece(addsSpacePrefix: prefixes)
            if takesWholeWords { throw Self.unsupported("model.ignore_merges with byte_fallback", .bool(true)) }
        }
        try readPostProcessor(file.members["post_processor"])
    }

    // MARK: - Steps

    /// The members of a sequence, or the one step itself; none for null.
    private static func steps(_ value: JSONValue?, of key: String) throws(TokenizerError) -> [JSONValue] {
        switch value {
        case nil, .null: return []
        case let step? where type(step) == "Sequence":
            guard let steps = step[key]?.arrayValue else {
                throw TokenizerError(.malformed, "tokenizer.json: a Sequence lacks its \(key)")
            }
            return steps
        case let step?: return [step]
        }
    }

    private static func type(_ step: JSONValue) -> String { step["type"]?.stringValue ?? "" }

    private static func flag(_ key: String, _ object: [String: JSONValue]) throws(TokenizerError) -> Bool? {
        switch object[key] {
        case nil, .null: return nil
        case .bool(let flag): return flag
        case let value?: throw unsupported("model.\(key)", value)
        }
    }

    private static func unsupported(_ what: String, _ value: JSONValue) -> TokenizerError {
        TokenizerError(
            .unsupported, "tokenizer.json: \(what) \(String(value.text.prefix(200))) is not implemented",
            hint: "Implemented are BPE with the byte-level pre-tokenizers \(PreTokenizer.names), and BPE with byte "
                + "fallback as Gemma has it.")
    }

    // MARK: - Byte-level

    private static let patterns: [(pattern: String, pre: PreTokenizer)] = [
        (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
        (
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
                + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#, .llamaBPE
        ),
        (
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
                + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#, .qwen2
        ),
    ]

    private static func preTokenizer(_ steps: [JSONValue]) throws(TokenizerError) -> PreTokenizer {
        guard let last = steps.last, type(last) == "ByteLevel", last["add_prefix_space"] != .bool(true) else {
            throw unsupported("pre_tokenizer", .array(steps))
        }
        let usesRegex = last["use_regex"] != .bool(false)
        switch (steps.count, usesRegex) {
        case (1, true): return .gpt2
        case (2, true):
            if type(steps[0]) == "Digits", steps[0]["individual_digits"] == .bool(true) { return .smollm }
        case (2, false):
            guard type(steps[0]) == "Split", steps[0]["behavior"] == "Isolated", steps[0]["invert"] != .bool(true),
                let pattern = steps[0]["pattern"]?["Regex"]?.stringValue
            else { break }
            if let known = patterns.first(where: { $0.pattern.utf8.elementsEqual(pattern.utf8) }) { return known.pre }
        default: break
        }
        throw unsupported("pre_tokenizer", .array(steps))
    }

    // MARK: - SentencePiece

    /// Splits at spaces, of which none is left once they are written as U+2581.
    private static let idleSplit: JSONValue = [
        "type": "Split", "pattern": ["String": " "], "behavior": "MergedWithPrevious", "invert": false,
    ]
    private static let sentencePieceDecoders: [JSONValue] = [
        ["type": "Replace", "pattern": ["String": "\u{2581}"], "content": " "], ["type": "ByteFallback"],
        ["type": "Fuse"],
    ]
    private static let strip: JSONValue = ["type": "Strip", "content": " ", "start": 1, "stop": 0]
    private static let replace: JSONValue = ["type": "Replace", "pattern": ["String": " "], "content": "\u{2581}"]
    private static let prepend: JSONValue = ["type": "Prepend", "prepend": "\u{2581}"]

    private static func addsSpacePrefix(_ normalizers: [JSONValue]) throws(TokenizerError) -> Bool {
        switch normalizers {
        case [replace]: return false
        case [prepend, replace]: return true
        default: throw unsupported("normalizer", .array(normalizers))
        }
    }

    // MARK: - Post-processor

    private mutating func readPostProcessor(_ value: JSONValue?) throws(TokenizerError) {
        for step in try Self.steps(value, of: "processors") {
            switch Self.type(step) {
            // Changes offsets only, which are not made here.
            case "ByteLevel": break
            case "TemplateProcessing" where !hasTemplate:
                hasTemplate = true
                guard let single = step["single"]?.arrayValue,
                    let middle = single.firstIndex(where: { $0["Sequence"] != nil }), middle < 2,
                    single.count - middle <= 2, single[middle]["Sequence"]?["id"] == "A"
                else { throw Self.unsupported("post_processor", step) }
                templateBOS = try middle == 0 ? nil : Self.special(single[0], step)
                templateEOS = try middle == single.count - 1 ? nil : Self.special(single[middle + 1], step)
            default: throw Self.unsupported("post_processor", step)
            }
        }
    }

    private static func special(_ item: JSONValue, _ step: JSONValue) throws(TokenizerError) -> String {
        guard let name = item["SpecialToken"]?["id"]?.stringValue else { throw unsupported("post_processor", step) }
        return name
    }
}
