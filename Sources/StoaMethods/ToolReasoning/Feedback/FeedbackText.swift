internal import StoaCore

/// What is done to the words of tools before a model reads them.
enum FeedbackText {
    /// The first and last half of what may stand, with a mark between them, cut at characters of Unicode.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - longest: the most Unicode scalars that stand.
    ///   - mark: what stands where so many were left out.
    /// - Returns: the text, or its shortened form.
    static func shortened(_ text: String, to longest: Int, mark: (Int) -> String) -> String {
        let scalars = text.unicodeScalars
        let count = scalars.count
        guard count > longest else { return text }
        let head = String(String.UnicodeScalarView(scalars.prefix(longest / 2)))
        let tail = String(String.UnicodeScalarView(scalars.suffix(longest - longest / 2)))
        return head + mark(count - longest) + tail
    }

    /// Without white space at its end and empty lines at its beginning.
    static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        while let first = scalars.first, first == "\n" || first == "\r" { scalars.removeFirst() }
        return String(scalars)
    }

    /// Words that cannot be taken for anything but words: control characters written out, line endings made one, and marks
    /// that chat templates begin and end turns with broken by a space.
    ///
    /// A model of this program is told what tools say as plain text anyway; a server may look for such marks in it.
    ///
    /// Complexity: linear in the text.
    static func neutralised(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar = "\n"
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            switch scalar {
            case "\r": result.append("\n")
            case "\n": if previous != "\r" { result.append("\n") }
            case "\t": result.append(scalar)
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200E}"..."\u{200F}", "\u{202A}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return broken(String(result))
    }

    /// Marks of the form `<|name|>` aside, which are broken whatever the name.
    private static let marks = [
        "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]",
        "<<SYS>>", "<</SYS>>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>",
        "</think>",
    ].map { Array($0.unicodeScalars) }

    private static func broken(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x3C || $0 == 0x5B }) else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            result.append(scalar)
            guard scalar == "<" || scalar == "[" else { continue }
            let rest = scalars[index...]
            let isMark = marks.contains { rest.starts(with: $0) } || (rest.dropFirst().first == "|" && scalar == "<")
            if isMark { result.append(" ") }
        }
        return String(result)
    }
}
