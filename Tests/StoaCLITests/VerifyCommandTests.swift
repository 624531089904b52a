import Foundation
import StoaCore
import Testing

@Suite(.timeLimit(.minutes(30))) struct VerifyCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func pairs(_ text: String) throws -> String {
        let path = folder.path + "/pairs.jsonl"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(arguments: [
        (#"\frac{1}{2}"#, "0.5", true), ("-5", "5", false), ("50%", "50", false), ("(1, 2)", "(2, 1)", false),
        ("", "", false),
    ])
    func `a pair is decided, and the document says of what`(answer: String, reference: String, same: Bool) throws {
        // A number below zero would be taken for an option, and an empty text behind "=" for none.
        func option(_ name: String, _ text: String) -> [String] {
            text.hasPrefix("-") ? ["--\(name)=\(text)"] : ["--\(name)", text]
        }
        let result = try StoaBinary.run(
            StoaBinary.process(["verify", "--json"] + option("answer", answer) + option("reference", reference), [:]))
        let document = try result.document()
        #expect(result.status == 0 && document["equivalent"] == .bool(same))
        #expect(document["method"]?.stringValue != nil && document["normalised"]?.arrayValue?.count == 2)
    }

    @Test func `a batch answers line by line, in order`() throws {
        let path = try pairs(
            """
            {"id": "a", "answer": "x = 3", "reference": "3"}
            {"id": 7, "answer": "1,234", "reference": "1234"}

            {"id": "c", "answer": "12", "reference": "1,2"}
            """)
        let result = try StoaBinary.run("verify", "--batch", path, environment: [:])
        let lines = try result.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        #expect(result.status == 0 && lines.map { $0["equivalent"] } == [true, true, false])
        #expect(lines.map { $0["id"] } == ["a", 7, "c"])
    }

    @Test func `lines with a label are counted, in a last line of its own`() throws {
        let path = try pairs(
            """
            {"id": 1, "answer": "1/2", "reference": "0.5", "label": true}
            {"id": 2, "answer": "2", "reference": "3", "label": false}
            {"id": 3, "answer": "2", "reference": "2.0001", "label": true}
            {"id": 4, "answer": "1+", "reference": "3", "label": false}
            {"id": 5, "answer": "3", "reference": "3"}
            """)
        let result = try StoaBinary.run("verify", "--batch", path, environment: [:])
        let lines = try result.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        #expect(result.status == 0 && lines.count == 6)
        #expect(lines.map { $0["label"] } == [true, false, true, false, nil, nil])
        let summary = lines.last?["summary"]
        #expect(summary?["n"] == 4)
        #expect(summary?["false_negative"]?["count"] == 1 && summary?["false_positive"]?["count"] == 0)
        #expect(summary?["undecided"]?["count"] == 1)
    }

    @Test(arguments: [#"{"id": 1, "answer": "2""#, #"{"id": 1, "answer": "2"}"#, "[]"])
    func `a broken line is named, with its place`(line: String) throws {
        let path = try pairs(#"{"id": 0, "answer": "1", "reference": "1"}"# + "\n" + line + "\n")
        let result = try StoaBinary.run("verify", "--batch", path, environment: [:])
        #expect(result.status == 65 && result.error.contains("line 2"))
    }

    @Test func `an option that is missing is named`() throws {
        let result = try StoaBinary.run("verify", "--answer", "1", environment: [:])
        #expect(result.status == 64 && result.error.contains("--reference"))
    }
}
