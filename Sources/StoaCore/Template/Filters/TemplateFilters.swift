/// The filters, by name.
///
/// A group of filters is a file; its table is one line here.
enum TemplateFilters {
    typealias Filter =
        @Sendable (TemplateEvaluator, TemplateValue, TemplateArguments) throws(TemplateError) -> TemplateValue

    private static let all: [String: Filter] = [
        TextFilters.all, LayoutFilters.all, NumberFilters.all, SequenceFilters.all, OrderFilters.all,
        SelectionFilters.all, JSONFilters.all, RetrievalFilters.all,
    ].reduce(into: [:]) { all, group in all.merge(group) { $1 } }

    /// The filter of a name, or nil where there is none.
    static func named(_ name: String) -> Filter? { all[name] }
}
