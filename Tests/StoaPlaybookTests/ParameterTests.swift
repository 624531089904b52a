import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

@Suite struct ParameterTests {
    static func plan() throws -> Plan {
        let document: JSONValue = [
            "stoa": 1, "name": "p", "output": "x", "steps": [["id": "one", "ask": "what"]],
            "parameters": [
                "question": ["type": "string", "description": "what to answer"],
                "rounds": ["type": "integer", "default": 2, "minimum": 1, "maximum": 8],
                "ratio": ["type": "number", "default": 0.5], "flag": ["type": "boolean", "default": false],
                "mode": ["type": "string", "choices": ["low", "high"], "default": "low"],
                "list": ["type": "array", "default": []], "object": ["type": "object", "default": .emptyObject],
            ],
        ]
        return try Plan(document: document, environment: Playbooks.environment)
    }

    @Test func `defaults are added, in the order of the playbook`() throws {
        let values = try Self.plan().checkParameters(["rounds": 3, "question": "q"])
        #expect(
            JSONValue.object(values).text
                == #"{"question":"q","rounds":3,"ratio":0.5,"flag":false,"mode":"low","list":[],"object":{}}"#)
    }

    static let refused: [(given: JSONValue.Members, text: String)] = [
        ([:], "playbook 'p' needs the parameter 'question': what to answer\nhint: give it with -P question=…"),
        (["qestion": "q"], "playbook 'p' has no parameter 'qestion'\nhint: did you mean 'question'?"),
        (
            ["question": "q", "zebra": 1],
            "playbook 'p' has no parameter 'zebra'\nhint: it has question, rounds, ratio, flag, mode, list, object"
        ),
        (["question": 5], "parameter 'question' must be a text, found the number 5"),
        (["question": "q", "rounds": 9], "parameter 'rounds' must be at most 8, found 9"),
        (["question": "q", "rounds": 0], "parameter 'rounds' must be at least 1, found 0"),
        (["question": "q", "rounds": 1.5], "parameter 'rounds' must be a whole number, found the number 1.5"),
        (["question": "q", "ratio": .number(.nan)], "parameter 'ratio' must be a number, found the number null"),
        (["question": "q", "flag": "yes"], "parameter 'flag' must be true or false, found the text \"yes\""),
        (["question": "q", "mode": "mid"], "parameter 'mode' must be one of \"low\", \"high\", found \"mid\""),
        (["question": "q", "list": .emptyObject], "parameter 'list' must be a list, found an empty mapping"),
        (["question": "q", "object": .null], "parameter 'object' must be a mapping, found nothing"),
    ]

    @Test(arguments: refused.indices)
    func `a value that is not allowed is a matter of usage, and the error names the parameter`(index: Int) throws {
        let plan = try Self.plan()
        let error = try #require(
            thrown(ParameterError.self) { _ = try plan.checkParameters(Self.refused[index].given) })
        #expect(error.description == Self.refused[index].text)
        #expect(error.kind == .usage)
    }

    static let accepted: [(name: String, text: String, value: JSONValue)] = [
        ("question", "5", "5"), ("question", "", ""), ("rounds", "5", 5), ("rounds", "5.0", 5),
        ("ratio", "5", 5), ("ratio", "1e-1", 0.1), ("flag", "true", true), ("list", "[1, \"a\"]", [1, "a"]),
        ("object", "{\"a\": 1}", ["a": 1]),
    ]

    @Test(arguments: accepted)
    func `a text from the command line becomes a value of the parameter's type`(
        name: String, text: String, value: JSONValue
    ) throws {
        let parameter = try #require(Self.plan().parameters.first { $0.name == name })
        #expect(try parameter.parse(text) == value)
    }

    @Test(arguments: [
        ("rounds", "five", "parameter 'rounds' must be a whole number, found \"five\""),
        ("rounds", "1.5", "parameter 'rounds' must be a whole number, found \"1.5\""),
        ("flag", "yes", "parameter 'flag' must be true or false, found \"yes\""),
        ("list", "a", "parameter 'list' must be a list, found \"a\"\nhint: write JSON: […]"),
        ("object", "[1]", "parameter 'object' must be a mapping, found \"[1]\"\nhint: write JSON: {…}"),
    ])
    func `a text that is no value of the type is refused`(name: String, text: String, message: String) throws {
        let parameter = try #require(Self.plan().parameters.first { $0.name == name })
        let error = try #require(thrown(ParameterError.self) { _ = try parameter.parse(text) })
        #expect(error.description == message)
    }
}
