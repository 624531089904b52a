public import OrderedCollections

/// A template in the subset of Jinja that chat templates and playbooks use, parsed once and rendered often.
///
/// Rendering is a pure function of the context and the date it is given: it reads no clock, no file and no random
/// source, and it ends within `TemplateLimits`. Differences from Python's jinja2 3.1: integers have 64 bits; what
/// filters such as `map` yield can be walked more than once; no template inheritance, no `include`, no `autoescape`.
public struct Template: Sendable {
    /// The name that errors carry.
    public let name: String
    /// How it was parsed.
    public let options: TemplateOptions
    let source: TemplateSource
    let body: [StatementNode]

    /// Parses a template.
    ///
    /// - Parameters:
    ///   - source: the text.
    ///   - name: what errors call it.
    ///   - options: how white space is treated, and the limits.
    /// - Throws: `TemplateError` with line and column.
    public init(
        _ source: String, name: String = "<template>", options: TemplateOptions = TemplateOptions()
    ) throws(TemplateError) {
        self.name = name
        self.options = options
        self.source = TemplateSource(source, name: name, keepsTrailingNewline: options.keepsTrailingNewline)
        body = try TemplateParser.parse(self.source, options: options)
    }

    /// Renders the template.
    ///
    /// - Parameters:
    ///   - context: the names the template can read.
    ///   - now: what `strftime_now` says; without it, that function is an error.
    /// - Returns: the text.
    /// - Throws: `TemplateError` with line and column.
    public func render(
        context: OrderedDictionary<String, TemplateValue>, now: TemplateDate? = nil
    ) throws(TemplateError) -> String {
        try evaluator(context, now).output.text
    }

    /// Renders the template and says where each part of the text came from.
    ///
    /// - Parameters:
    ///   - context: the names the template can read; strings that were not made trusted are untrusted.
    ///   - now: what `strftime_now` says; without it, that function is an error.
    /// - Returns: the text in segments, and the stretches inside `{% generation %}`.
    /// - Throws: `TemplateError` with line and column.
    public func renderSegments(
        context: OrderedDictionary<String, TemplateValue>, now: TemplateDate? = nil
    ) throws(TemplateError) -> TemplateOutput {
        let evaluator = try evaluator(context, now)
        return TemplateOutput(segments: evaluator.output.segments, generations: evaluator.generations)
    }

    private func evaluator(
        _ context: OrderedDictionary<String, TemplateValue>, _ now: TemplateDate?
    ) throws(TemplateError) -> TemplateEvaluator {
        let evaluator = try TemplateEvaluator(source: source, limits: options.limits, context: context, now: now)
        try evaluator.run(body)
        return evaluator
    }
}
