internal import OrderedCollections

/// What a reply's text has to be, whatever the model would rather say.
///
/// The engine allows only tokens behind which the text can still become one, and closes it within the tokens that the
/// request allows; see `LocalModel` for how. A constraint is about the words that the reply adds itself.
public enum OutputConstraint: Sendable, Hashable {
    /// JSON that a schema accepts.
    ///
    /// Not everything that the schema accepts is written: no space but a single one behind a colon or a comma; members in
    /// the schema's order, and no others than it names where it names any; numbers as plain decimals.
    case schema(JSONSchema)
    /// A text that a regular expression matches from its beginning to its end.
    ///
    /// Known are characters, `.`, classes such as `[^a-z_]`, `\d \w \s` with their opposites (ASCII), `\n \r \t \uXXXX`,
    /// groups, `|`, `* + ? {2} {2,} {2,5}`, and `^` and `$` around the whole. What may be empty can't be repeated.
    case regex(String)
    /// One of several texts, none of them empty.
    case choices([String])

    /// The constraint as it is written down: an object with the one member `schema`, `regex` or `choices`.
    public var document: JSONValue {
        switch self {
        case .schema(let schema): ["schema": schema.document]
        case .regex(let text): ["regex": .string(text)]
        case .choices(let texts): ["choices": .array(texts.map { .string($0) })]
        }
    }

    /// Reads what was written down.
    ///
    /// - Parameter document: an object with one member.
    /// - Throws: `JSONSchemaError` with what is wrong with the schema or with the object.
    public init(document: JSONValue) throws(JSONSchemaError) {
        let texts = document["choices"]?.arrayValue?.compactMap(\.stringValue)
        if document.objectValue?.count == 1 {
            if let schema = document["schema"] {
                self = .schema(try JSONSchema(schema))
                return
            }
            if let text = document["regex"]?.stringValue {
                self = .regex(text)
                return
            }
            if let texts, texts.count == document["choices"]?.arrayValue?.count {
                self = .choices(texts)
                return
            }
        }
        throw JSONSchemaError(problems: [
            JSONSchemaError.Problem(
                path: JSONPath(), message: "expected an object with schema, regex or choices, found \(document.words)")
        ])
    }
}
