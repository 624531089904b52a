package import StoaCore

/// The formats of calls by themselves, for tests of what real templates write.
package enum ToolCallProbe {
    /// The name of the format that a template asks for.
    ///
    /// - Parameter template: the template's text.
    /// - Returns: the type's name.
    package static func format(for template: String) -> String { "\(ToolCallFormats.format(for: template))" }

    /// Reads calls as the format of a template does.
    ///
    /// - Parameters:
    ///   - words: what a model wrote.
    ///   - template: the template's text.
    ///   - offered: the names of the tools that it may call.
    /// - Returns: the calls and the other words; nil where there are no calls.
    package static func read(
        _ words: String, template: String, offered: Set<String>
    ) -> (calls: [ToolCall], rest: String)? {
        ToolCallFormats.format(for: template).read(words, offered: offered).map { ($0.calls, $0.rest) }
    }
}
