import Foundation
import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import StoaVerify
import Testing

@testable import StoaEvaluation

struct ReportTests {
    private static let hostile =
        "</pre></script><script>alert(1)</script><img src=x onerror='alert(2)'>\" onmouseover=\"alert(3)\u{202E}&lt;"

    private func page(_ bench: Bench, _ definition: EvaluationDefinition) async throws -> String {
        let content = try await bench.runner().run(definition, plan: bench.plan, concurrency: 2)
        let result = EvaluationResult(content.record.id, content, verifier: EquivalentVerifier())
        var conversations: [RunID: Conversation] = [:]
        for run in EvaluationReport.runs(of: result) {
            conversations[run] = try await Conversation(of: run, in: bench.journal)
        }
        return EvaluationReport(result, conversations: conversations).html
    }

    @Test
    func `a hostile answer, question, name or field does nothing`() async throws {
        let bench = try Bench(model: Bench.calculator { _ in .say(Self.hostile) })
        var definition = bench.definition(4)
        definition.data = "data/\(Self.hostile)"
        for index in definition.problems.indices {
            definition.problems[index] = Problem(
                id: "\(Self.hostile)\(index)", question: Self.hostile, answer: Self.hostile,
                fields: [
                    Self.hostile: .string(index % 2 == 0 ? "<b>" : "<i>"), "hint": .string("{{ '<script>' }}"),
                ])
        }
        let html = try await page(bench, definition)
        // The page's own script is the only one, and nothing that was said is a tag or an attribute.
        #expect(html.components(separatedBy: "<script").count == 2)
        #expect(!html.contains("<img"))
        #expect(!html.contains("onerror='"))
        #expect(!html.contains("\" onmouseover=\""))
        #expect(!html.contains("\u{202E}"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(html.contains("&amp;lt;"))
    }

    @Test
    func `the policy names the script by its digest and lets nothing else load`() async throws {
        let bench = try Bench()
        let html = try await page(bench, bench.definition())
        #expect(html.contains("default-src 'none'"))
        #expect(html.contains("script-src 'sha256-\(ReportScript.digest)'"))
        let script = html.components(separatedBy: "<script>")[1].components(separatedBy: "</script>")[0]
        #expect(Base64.encode(SHA256Digest(hashing: script.utf8).bytes) == ReportScript.digest)
        for word in ["http://", "https://", "src=", "@import", "url("] { #expect(!html.contains(word), "\(word)") }
    }

    @Test
    func `the page shows numbers, kinds, every item and what was said`() async throws {
        let bench = try Bench()
        let html = try await page(bench, bench.definition(6, samples: 3))
        for text in ["66.7 %", "95 % interval", "subject", "even", "odd", "majority@k", "Calibration", "p0", "p5"] {
            #expect(html.contains(text), "\(text)")
        }
        #expect(html.components(separatedBy: "<details").count == 6 * 3 + 1)
        #expect(html.components(separatedBy: "The answer is 3.").count == 3 + 1)
        #expect(html.contains("prefers-color-scheme:dark"))
    }

    @Test
    func `an evaluation without a single item is a page, too`() async throws {
        let bench = try Bench()
        let content = EvaluationLog.Content(
            record: RunRecord(
                id: RunID("e"), playbook: "eval:asking", started: WallTime(nanosecondsSinceEpoch: 0)),
            definition: bench.definition(), items: [], elapsed: 0)
        let html = EvaluationReport(EvaluationResult(RunID("e"), content)).html
        #expect(html.contains("not finished"))
    }

    @Test
    func `numbers are written as people read them`() {
        #expect(NumberText.percent(0.41499) == "41.5 %")
        #expect(NumberText.percent(1) == "100.0 %")
        #expect(NumberText.decimal(-0.04, places: 1) == "0.0")
        #expect(NumberText.decimal(-1.26, places: 1) == "−1.3")
        #expect(NumberText.decimal(2.5, places: 2, trims: true) == "2.5")
        #expect(NumberText.decimal(.nan, places: 2) == "–")
        #expect(NumberText.count(1_234_567) == "1\u{2009}234\u{2009}567")
        #expect(NumberText.amount(0.123) == "0.12")
        #expect(NumberText.amount(12_340) == "12.3\u{2009}k")
        #expect(NumberText.seconds(0.3412) == "0.34 s")
        #expect(NumberText.seconds(200) == "3 min 20 s")
        #expect(NumberText.probability(0.00004) == "< 0.001")
    }

    @Test
    func `markup escapes what is put into it and nothing that is written in it`() {
        let text = "<a href=\"x\">&'"
        let markup: Markup = "<p title=\"\(text)\">\(text)\(2.50)</p>"
        #expect(
            markup.text
                == "<p title=\"&lt;a href=&quot;x&quot;&gt;&amp;&#39;\">&lt;a href=&quot;x&quot;&gt;&amp;&#39;2.5</p>")
    }
}
