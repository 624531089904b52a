import StoaCore
import Testing

@Suite struct TemplateGoldenTests {
    @Test func `every template of the corpus renders as in Python, or fails where Python fails`() throws {
        let goldens = try TemplateGoldens()
        #expect(goldens.cases.count > 1000)
        for golden in goldens.cases {
            var phase = "syntax"
            do {
                let template = try Template(golden.source, options: golden.options)
                phase = "runtime"
                let output = try template.renderSegments(context: goldens.context, now: TemplateGoldens.now)
                #expect(
                    Array(output.text.utf8) == golden.text.map { Array($0.utf8) },
                    "\(golden.name): \(golden.source.debugDescription) gave \(output.text.debugDescription), expected \(golden.text.debugDescription) \(golden.error ?? "")"
                )
            } catch {
                #expect(
                    golden.error == phase && (golden.line == nil || golden.line == error.line),
                    "\(golden.name): \(golden.source.debugDescription): \(error.message), expected \(golden.text.debugDescription) \(golden.error ?? "") line \(golden.line ?? 0)"
                )
            }
        }
    }
}
