internal import StoaCore

/// Foreign text made fit for a message of one line.
enum PlainText {
    /// The longest text of a server that a message repeats.
    static let longestMessage = 500

    /// Text without control and formatting characters, white space folded, cut to a length.
    ///
    /// - Parameters:
    ///   - text: any text.
    ///   - length: the most characters.
    /// - Returns: one line.
    static func bounded(_ text: String, to length: Int = longestMessage) -> String {
        var line = ""
        var count = 0
        var isBlank = true
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .surrogate,
                .unassigned:
                if !isBlank { line += " " }
                isBlank = true
            default:
                line.unicodeScalars.append(scalar)
                isBlank = false
            }
            count += 1
            if count == length { return line + "…" }
        }
        return line.hasSuffix(" ") ? String(line.dropLast()) : line
    }

    /// What a server says in the body of an error.
    ///
    /// Read are `{"error": {"message": …}}`, `{"error": …}`, `{"message": …}` and `{"detail": …}`; a body that is no JSON
    /// is repeated as it is.
    ///
    /// - Parameters:
    ///   - body: the body, or its beginning.
    ///   - key: a secret that the server may repeat.
    /// - Returns: one line without the secret; nil where it says nothing.
    static func serverMessage(_ body: [UInt8], without key: String?) -> String? {
        let text: String
        if let document = try? JSONParser.parse(body) {
            text = message(in: document) ?? document.text
        } else {
            text = String(decoding: body, as: UTF8.self)
        }
        return clean(text, without: key)
    }

    /// What a server says in an `error` member of an answer that began well.
    static func message(in document: JSONValue) -> String? {
        if let text = document.stringValue { return text }
        for name in ["error", "message", "detail"] {
            if let member = document[name], member != .null { return message(in: member) ?? member.text }
        }
        return nil
    }

    /// Foreign text as one line without the secret; nil for none.
    static func clean(_ text: String, without key: String?) -> String? {
        let open = key.map { text.replacing($0, with: "[key]") } ?? text
        let line = bounded(open)
        return line.isEmpty ? nil : line
    }
}
