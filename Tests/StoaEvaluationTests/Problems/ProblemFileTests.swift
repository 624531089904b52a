import OrderedCollections
import StoaCore
import Testing

@testable import StoaEvaluation

struct ProblemFileTests {
    private func problems(_ text: String, _ path: String = "data.jsonl") throws -> [Problem] {
        try ProblemFile(Array(text.utf8), path: path).problems
    }

    private func message(_ text: String, _ path: String = "data.jsonl") -> String? {
        do {
            _ = try problems(text, path)
            return nil
        } catch {
            return (error as? EvaluationError)?.message
        }
    }

    @Test
    func `lines are problems, and more fields are kept`() throws {
        let found = try problems(
            """
            {"id": "a", "question": "1+1?", "answer": 2, "level": 3, "tags": ["x"]}

            {"question": "2+2?", "answer": "4"}
            """)
        #expect(found[0] == Problem(id: "a", question: "1+1?", answer: "2", fields: ["level": 3, "tags": ["x"]]))
        #expect(found[1].id == "line-3")
    }

    @Test
    func `a table is the same with a header`() throws {
        let text =
            "\u{FEFF}id,question,answer,subject\r\n1,\"What is \"\"1,000\"\"?\nIn words.\",thousand,names\r\n\r\n"
            + "2,Two?,2,\"\"\r\n"
        let found = try problems(text, "data.csv")
        #expect(found[0].question == "What is \"1,000\"?\nIn words.")
        #expect(found[0].fields == ["subject": "names"])
        #expect(found.map(\.id) == ["1", "2"])
        #expect(try problems(text, "-") == found, "without a name, the first character tells")
    }

    @Test(arguments: [
        ("{\"id\": 1, \"question\": \"x\"}", "data.jsonl:1: \"answer\" is missing"),
        ("\n{\"id\": 1, \"answer\": \"x\"}", "data.jsonl:2: \"question\" is missing"),
        ("{\"id\": 1,\n", "data.jsonl:1:10: "),
        ("[1]", "data.jsonl:1: expected an object"),
        ("{\"id\": 1, \"question\": [], \"answer\": \"x\"}", "data.jsonl:1: \"question\": expected a text"),
        ("", "data.jsonl: expected at least one problem"),
        (
            "{\"id\":\"a\",\"question\":\"x\",\"answer\":\"y\"}\n\n{\"id\":\"a\",\"question\":\"x\",\"answer\":\"y\"}",
            "data.jsonl:3: the id \"a\" stands in line 1 already"
        ),
    ])
    func `errors of lines name the place`(text: String, expected: String) {
        #expect(message(text)?.hasPrefix(expected) == true, "\(message(text) ?? "none")")
    }

    @Test(arguments: [
        ("id,question,answer\n1,x", "data.csv:2: expected 3 cells as in the header, found 2"),
        ("id,question,answer\n1,\"x,y", "data.csv:2: a quote is opened and never closed"),
        ("id,question,answer\n1,\"x\"y,2", "data.csv:2: expected a comma"),
        ("id,id,answer\n1,x,2", "data.csv:1: the column \"id\" stands there twice"),
        ("id,question,answer\n1,\"a\nb\",2\n1,c,3", "data.csv:4: the id \"1\" stands in line 2 already"),
        ("id,question,answer", "data.csv: expected at least one problem"),
    ])
    func `errors of tables name the place`(text: String, expected: String) {
        #expect(message(text, "data.csv")?.hasPrefix(expected) == true, "\(message(text, "data.csv") ?? "none")")
    }

    @Test
    func `fields sort problems where they have a few short values`() {
        let problems = (0..<40).map {
            Problem(
                id: String($0), question: "q", answer: "a",
                fields: [
                    "level": .integer(Int64($0 % 5)), "topic": .string($0 < 20 ? "algebra" : "geometry"),
                    "solution": .string("long \($0)"), "source": "one", "extra": ["x"],
                ])
        }
        #expect(Strata.fields(of: problems) == ["level", "topic"])
    }
}
