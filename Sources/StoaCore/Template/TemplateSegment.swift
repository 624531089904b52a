/// A stretch of rendered text of one provenance.
///
/// A tokenizer looks for control tokens in trusted segments only, and only inside one segment, so text that came from a
/// message can't forge one.
public struct TemplateSegment: Sendable, Hashable {
    /// The text; never empty.
    public let text: String
    /// Whether the text was written by the template's author or declared trusted by the caller.
    public let isTrusted: Bool

    /// Creates a segment.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - isTrusted: whether control tokens may be read in it.
    public init(text: String, isTrusted: Bool) {
        self.text = text
        self.isTrusted = isTrusted
    }
}

/// What a rendering produced.
public struct TemplateOutput: Sendable, Hashable {
    /// The text in order; neighbours differ in provenance.
    public let segments: [TemplateSegment]
    /// The stretches inside `{% generation %}` tags, as offsets in bytes of UTF-8 of `text`; those inside macros and
    /// captured blocks are left out.
    public let generations: [Range<Int>]

    /// The segments joined.
    public var text: String { segments.map(\.text).joined() }
}
