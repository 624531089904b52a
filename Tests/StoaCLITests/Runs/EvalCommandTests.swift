import Foundation
import StoaCore
import Testing

/// Evaluations and comparisons by the built program, of a playbook that needs no model.
@Suite(.serialized, .timeLimit(.minutes(30))) struct EvalCommandTests {
    private let folder: RunFolder

    init() throws {
        folder = try RunFolder()
        try folder.playbook(
            "sums",
            """
            parameters: {question: {type: string}, plus: {type: integer, default: 0}}
            tools: {calculator: {kind: builtin, description: Computes., parameters: {type: object}}}
            steps:
              - {id: sum, call: calculator, arguments: {expression: "{{ question }} + {{ plus }}"}}
            output: "{{ sum.value.result }}"
            """)
        var problems = (1...7).map {
            #"{"id": "p\#($0)", "question": "\#($0) + \#($0)", "answer": "\#(2 * $0)", "kind": "\#($0 < 4 ? "low" : "high")"}"#
        }
        problems.append(#"{"id": "odd", "question": "1 / 0", "answer": "1", "kind": "low"}"#)
        try folder.write(problems.joined(separator: "\n"), to: "data.jsonl")
    }

    private func evaluation(_ more: String...) throws -> JSONValue {
        let result = try StoaBinary.run(
            folder.process(["eval", "sums", "--data", "data.jsonl", "--json", "--quiet"] + more))
        #expect(result.status == 0, "\(result.error)")
        return try result.document()
    }

    private func name(_ document: JSONValue) throws -> String { try #require(document["eval"]?.stringValue) }

    @Test func `an evaluation is the document of the contract`() throws {
        let document = try evaluation()
        #expect(document["playbook"] == "sums" && document["data"] == "data.jsonl")
        #expect(document["n"] == 8 && document["accuracy"]?.doubleValue == 0.875)
        // Wilson's interval of 7 of 8, as scipy 1.17 gives it: binomtest(7, 8).proportion_ci(method="wilson").
        let interval = try #require(document["ci95"]?.arrayValue).compactMap(\.doubleValue)
        #expect(abs(interval[0] - 0.5291118177871466) < 1e-12 && abs(interval[1] - 0.9775825085499432) < 1e-12)
        for member in ["pass_at_k", "majority_at_k", "seconds", "questions_per_second"] {
            #expect(document[member]?.doubleValue != nil, "\(member)")
        }
        #expect(document["usage"]?["tool_calls"] == 8)
        let items = try #require(document["items"]?.arrayValue)
        #expect(items.map { $0["id"]?.stringValue } == (1...7).map { "p\($0)" } + ["odd"])
        #expect(items.map { $0["correct"] } == Array(repeating: true, count: 7) + [false])
        #expect(items[2]["answer"] == "6")
        let run = try #require(items[2]["run"]?.stringValue)
        #expect(try folder.document("log", "verify", run)["chain_intact"] == true)
        let kinds = try #require(document["strata"]?.arrayValue?.first?["rows"]?.arrayValue)
        #expect(kinds.map { $0["n"] } == [4, 4] && kinds.map { $0["accuracy"]?.doubleValue } == [1, 0.75])
    }

    @Test func `samples, a limit, tables and standard input are taken`() throws {
        #expect(try evaluation("--limit", "3", "--samples", "2")["n"] == 3)
        try folder.write("id,question,answer\na,\"1 + 1\",2\nb,\"2 + 2\",5\n", to: "table.csv")
        let table = try folder.document("eval", "sums", "--data", "table.csv", "--quiet")
        #expect(table["items"]?.arrayValue?.map { $0["correct"] } == [true, false])
    }

    @Test func `the report is one page that works without a network`() throws {
        let document = try evaluation("--report", "out")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out") == ["index.html"])
        let page = try String(contentsOfFile: folder.path + "/out/index.html", encoding: .utf8)
        #expect(page.contains("87.5") && page.contains("<svg"))
        for item in try #require(document["items"]?.arrayValue) {
            #expect(page.contains(try #require(item["run"]?.stringValue)))
        }
        #expect(page.firstRange(of: #/(src|href)=["']?(https?:)?\/\//#) == nil)
    }

    @Test func `what was recorded is scored anew without running it`() throws {
        let first = try evaluation()
        let again = try folder.document("eval", "--rescore", try name(first), "--verifier", "numeric", "--quiet")
        #expect(again["accuracy"] == first["accuracy"] && again["verifier"] == "numeric")
        #expect(try name(again) != name(first))
        #expect(again["items"]?.arrayValue?.map { $0["run"] } == first["items"]?.arrayValue?.map { $0["run"] })
    }

    @Test func `compare says who is better, and by how much more than chance`() throws {
        let (worse, better) = (try evaluation("-P", "plus=1"), try evaluation())
        let result = try folder.stoa("compare", try name(worse), try name(better), "--json")
        #expect(result.status == 2)
        let document = try result.document()
        #expect(document["difference"]?.doubleValue == 0.875 && document["n"] == 8)
        // Seven of seven changes in one direction: 2 · 2^-7.
        #expect(abs(try #require(document["mcnemar_p"]?.doubleValue) - 0.015625) < 1e-12)
        let interval = try #require(document["ci95"]?.arrayValue).compactMap(\.doubleValue)
        #expect(interval.count == 2 && interval[0] > 0 && interval[1] <= 1)

        let same = try folder.stoa("compare", try name(better), try name(better), "--json")
        #expect(same.status == 0)
        #expect(try same.document()["mcnemar_p"]?.doubleValue == 1)
    }

    @Test func `what cannot be evaluated or compared is said`() throws {
        try folder.write(#"{"id": "a", "question": "1 + 1", "answer": "2"}"# + "\n" + #"{"id": 3"#, to: "bad.jsonl")
        let bad = try folder.stoa("eval", "sums", "--data", "bad.jsonl")
        #expect(bad.status == 65)
        #expect(bad.error.contains("bad.jsonl:2:"), "\(bad.error)")
        #expect(bad.output.isEmpty)
        #expect(try folder.stoa("eval", "sums").status == 64)
        #expect(try folder.stoa("eval", "sums", "--data", "data.jsonl", "--samples", "0").status == 64)
        #expect(try folder.stoa("eval", "nothing", "--data", "data.jsonl").status != 0)

        try folder.write(#"{"id": "other", "question": "1 + 1", "answer": "2"}"#, to: "other.jsonl")
        let other = try folder.document("eval", "sums", "--data", "other.jsonl", "--quiet")
        #expect(try folder.stoa("compare", try name(evaluation()), try name(other)).status == 65)
        #expect(try folder.stoa("compare", "nothing", "neither").status != 0)
    }
}
