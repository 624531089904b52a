/// How a template's white space is treated.
public struct TemplateOptions: Sendable, Hashable {
    /// Whether the first line break after a block tag or a comment is dropped.
    public var trimsBlocks: Bool
    /// Whether blanks between the start of a line and a block tag or a comment are dropped.
    public var stripsBlocks: Bool
    /// Whether one line break at the very end of the source is kept.
    public var keepsTrailingNewline: Bool
    /// The bounds of parsing and rendering.
    public var limits: TemplateLimits

    /// Creates options.
    ///
    /// - Parameters:
    ///   - trimsBlocks: `trim_blocks` of Jinja.
    ///   - stripsBlocks: `lstrip_blocks` of Jinja.
    ///   - keepsTrailingNewline: `keep_trailing_newline` of Jinja.
    ///   - limits: the bounds of parsing and rendering.
    public init(
        trimsBlocks: Bool = false, stripsBlocks: Bool = false, keepsTrailingNewline: Bool = false,
        limits: TemplateLimits = TemplateLimits()
    ) {
        self.trimsBlocks = trimsBlocks
        self.stripsBlocks = stripsBlocks
        self.keepsTrailingNewline = keepsTrailingNewline
        self.limits = limits
    }

    /// The settings under which the chat templates of model files are written.
    public static let chat = TemplateOptions(trimsBlocks: true, stripsBlocks: true)
}

/// The bounds that make every evaluation end, with bounded memory, whatever the template says.
///
/// Work is counted in steps: one per node evaluated, element copied, or 32 bytes of text produced or searched.
public struct TemplateLimits: Sendable, Hashable {
    /// The most steps one rendering may take.
    public var steps: Int
    /// The largest output and the largest single string, in bytes of UTF-8.
    public var bytes: Int
    /// The most elements of a range or of a list made by repetition.
    public var elements: Int
    /// The deepest nesting of calls, statements and expressions while evaluating.
    public var depth: Int
    /// The deepest nesting of the source.
    public var nesting: Int

    /// Creates limits.
    ///
    /// - Parameters:
    ///   - steps: the most steps one rendering may take.
    ///   - bytes: the largest output and the largest single string, in bytes.
    ///   - elements: the most elements of a range or of a repeated list.
    ///   - depth: the deepest nesting while evaluating.
    ///   - nesting: the deepest nesting of the source.
    public init(
        steps: Int = 10_000_000, bytes: Int = 16 << 20, elements: Int = 100_000, depth: Int = 200, nesting: Int = 100
    ) {
        self.steps = steps
        self.bytes = bytes
        self.elements = elements
        self.depth = depth
        self.nesting = nesting
    }

    /// The deepest nesting of lists and dictionaries that is accepted or made.
    package static let valueDepth = 300
}
