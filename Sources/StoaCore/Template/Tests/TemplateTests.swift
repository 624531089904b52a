/// The tests of `is`, by name.
///
/// A group of tests is a file; its table is one line here.
enum TemplateTests {
    typealias Test =
        @Sendable (TemplateEvaluator, TemplateValue, TemplateArguments) throws(TemplateError) -> Bool

    private static let all: [String: Test] = [TypeTests.all, ComparisonTests.all].reduce(into: [:]) { all, group in
        all.merge(group) { $1 }
    }

    /// The test of a name, or nil where there is none.
    static func named(_ name: String) -> Test? { all[name] }
}
