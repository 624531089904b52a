internal import StoaCore

/// What `tokenizer_config.json` says about special tokens.
struct TokenizerConfig {
    private(set) var bos: String?
    private(set) var eos: String?
    private(set) var unknown: String?
    private(set) var padding: String?
    private(set) var addsBOS: Bool?
    private(set) var addsEOS: Bool?

    init(_ bytes: [UInt8]?) throws(TokenizerError) {
        guard let bytes else { return }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(bytes)
        } catch {
            throw TokenizerError(.malformed, "tokenizer_config.json: \(error.message)")
        }
        guard document.objectValue != nil else {
            throw TokenizerError(.malformed, "tokenizer_config.json is not an object")
        }
        bos = try Self.token("bos_token", document)
        eos = try Self.token("eos_token", document)
        unknown = try Self.token("unk_token", document)
        padding = try Self.token("pad_token", document)
        addsBOS = try Self.flag("add_bos_token", document)
        addsEOS = try Self.flag("add_eos_token", document)
    }

    private static func token(_ key: String, _ document: JSONValue) throws(TokenizerError) -> String? {
        switch document[key] {
        case nil, .null: return nil
        case .string(let text): return text
        case let value?:
            guard let text = value["content"]?.stringValue else {
                throw TokenizerError(.malformed, "tokenizer_config.json: \(key) is neither a text nor has a content")
            }
            return text
        }
    }

    private static func flag(_ key: String, _ document: JSONValue) throws(TokenizerError) -> Bool? {
        switch document[key] {
        case nil, .null: return nil
        case .bool(let flag): return flag
        default: throw TokenizerError(.malformed, "tokenizer_config.json: \(key) is not true or false")
        }
    }
}
