import OrderedCollections
import StoaCore
import StoaLearning
import StoaPlaybook
import StoaTestKit
import Testing

/// The pure functions of the loop as playbooks call them.
@Suite struct CurriculumToolsTests {
    static func attempt(_ text: String, _ correct: Bool, answer: String? = nil, sample: String? = nil) -> JSONValue {
        [
            "text": .string(text), "correct": .bool(correct), "answer": answer.map { .string($0) } ?? .null,
            "sample": sample.map { .string($0) } ?? .null, "tokens": .integer(Int64(text.count)),
        ]
    }

    static func tried(_ id: String, right: Int, of count: Int, family: String = "join-result") -> JSONValue {
        [
            "id": .string(id), "family": .string(family), "level": 2, "question": .string("Question \(id)?"),
            "program": "2 + 3", "answer": "5",
            "attempts": .array(
                (0..<count).map { index in
                    attempt(
                        index < right ? "2 + 3" : "2 * 3 + \(index)", index < right,
                        answer: index < right ? "5" : "\(index + 6)",
                        sample: "attempt[\(id),\(index)]@solver#0.0")
                }),
        ]
    }

    @Test func `every tool has a folder that says what its definition says`() throws {
        for tool in CurriculumTools.all {
            let definition = tool.definition
            let path = "\(Teacher.folder)/../../tools/\(definition.name)/tool.yaml"
            let file = try #require(try RecordFiles(workingDirectory: "/").value(of: path).arrayValue?.first)
            #expect(file["name"]?.stringValue == definition.name)
            #expect(file["kind"]?.stringValue == "builtin")
            #expect(file["description"]?.stringValue == definition.description)
            #expect(file["parameters"]?.canonicalText == definition.parameters.canonicalText, "\(definition.name)")
            #expect(throws: Never.self) { _ = try JSONSchema(definition.parameters) }
        }
        let names = CurriculumTools.all.map(\.definition.name)
        #expect(names == names.sorted())
    }

    @Test(
        arguments: [
            ("draw-problems", [], "draw-problems: arguments: expected an object, found []"),
            ("draw-problems", ["families": [], "seed": 1], #"draw-problems: arguments: "count" is missing"#),
            (
                "draw-problems", ["families": [], "seed": 1, "count": 1],
                "draw-problems: families: expected one document with lists of words, found 0"
            ),
            (
                "sort-zones", ["problems": [["question": "Why?"]]],
                #"sort-zones: problem : expected attempts, found {"question":"Why?"}"#
            ),
            (
                "sort-zones", ["problems": [["question": "Why?", "attempts": [["text": "x"]]]]],
                #"sort-zones: problems[0].attempts[0]: expected an attempt with correct: true or false, found {"text":"x"}"#
            ),
            ("make-pairs", ["problems": [5]], "make-pairs: problems[0]: expected a problem with its question, found 5"),
            (
                "make-pairs", ["questions": []],
                #"make-pairs: arguments: expected problems, maximum, reference, prompt, system, completion, found "questions""#
            ),
            (
                "filter-problems", ["problems": [], "low": 2],
                "filter-problems: low: expected a number of 0.0 to 1.0, found 2"
            ),
            (
                "make-examples", ["problems": [], "from": "nobody"],
                #"make-examples: from: expected one of reference, verified, both, found "nobody""#
            ),
            (
                "wilson-interval", ["right": 3, "total": 2],
                "wilson-interval: right: expected a whole number of 0 to 2, found 3"
            ),
        ] as [(String, JSONValue, String)])
    func `wrong arguments are a failure with a reason`(_ name: String, _ arguments: JSONValue, _ output: String) throws
    {
        let tool = try #require(CurriculumTools.all.first { $0.definition.name == name })
        let result = tool.call(arguments)
        #expect(result.status == .failed)
        #expect(result.output == output)
    }

    @Test func `a call is a pure function, and seeds of any form tell problems apart`() throws {
        func draw(_ seed: JSONValue) -> JSONValue? {
            Teacher.call(
                "draw-problems",
                [
                    "families": Teacher.documents, "count": 12, "seed": seed, "levels": [2], "prefix": "r1-",
                    "tokenised": 0,
                ])
        }
        let first = try #require(draw("1-0"))
        #expect(first == draw("1-0"))
        #expect(first != draw("1-1") && first != draw(1))
        let problems = try #require(first["problems"]?.arrayValue)
        #expect(problems.map { $0["id"]?.stringValue } == (0..<12).map { "r1-\($0)" })
        #expect(
            problems.allSatisfy { $0["level"]?.intValue == 2 && $0["question"]?.stringValue?.contains(" .") == false })
        #expect(first["levels"] == ["2": 12])
    }

    @Test func `only some families are drawn from where these are named`() throws {
        let drawn = Teacher.call(
            "draw-problems",
            [
                "families": Teacher.documents, "count": 30, "seed": 1, "only": ["groups", "join-result"],
                "mix": "adaptive",
            ])
        #expect(Set(try #require(drawn?["shares"]?.objectValue).keys) == ["groups", "join-result"])
    }

    @Test func `sorting counts zones, in whatever form problems were tried`() throws {
        let nested: JSONValue = [
            "problem": ["id": "c", "question": "Question c?", "answer": "5", "checked": true],
            "attempts": [Self.attempt("1", false)],
        ]
        let sorted = try #require(
            Teacher.call(
                "sort-zones",
                ["problems": [Self.tried("a", right: 4, of: 4), Self.tried("b", right: 2, of: 4), nested]]))
        #expect(sorted["zones"] == ["mastered": 1, "learning": 1, "too_hard": 1])
        #expect(sorted["success"] == .number(0.5))
        let problems = try #require(sorted["problems"]?.arrayValue)
        #expect(problems.map { $0["s"] } == [.number(1), .number(0.5), .number(0)])
        #expect(problems.map { $0["zone"]?.stringValue } == ["mastered", "learning", "too_hard"])
        #expect(problems[1]["utility"] == .number(1))
        #expect(problems[2]["checked"] == true && problems[2]["problem"] == nil)
        let standing = try #require(sorted["standing"]?["join-result"])
        #expect(
            standing["seen"] == 8 && standing["right"] == 6 && standing["levels"] == ["2": ["seen": 8, "right": 6]])
    }

    @Test(arguments: 0...8) func `pairs are those of the rule, with the calls they came of`(right: Int) throws {
        let problem = Self.tried("a", right: right, of: 8)
        let made = try #require(Teacher.call("make-pairs", ["problems": [problem], "maximum": 100]))
        let examples = try #require(made["examples"]?.arrayValue)
        // Right attempts are of the same words, so that all of them name the first call.
        #expect(examples.count == (right == 0 ? 8 : right * (8 - right)))
        for example in examples {
            #expect(
                example["chosen"]
                    == (right == 0
                        ? ["prompt": "Question a?", "completion": "2 + 3"] : ["sample": "attempt[a,0]@solver#0.0"]))
            #expect(example["rejected"]?["sample"]?.stringValue?.hasPrefix("attempt[a,") == true)
        }
        let few = Teacher.call("make-pairs", ["problems": [problem]])
        #expect(few?["pairs"]?.intValue == min(4, examples.count))
        let none = Teacher.call("make-pairs", ["problems": [problem], "reference": false, "maximum": 100])
        #expect(none?["pairs"]?.intValue == right * (8 - right))
    }

    @Test func `examples are of programs, of verified attempts, or of both`() throws {
        let problems: JSONValue = [Self.tried("a", right: 2, of: 4), Self.tried("b", right: 0, of: 4)]
        func examples(_ more: JSONValue.Members) throws -> [JSONValue] {
            let arguments = JSONValue.Members(uniqueKeysWithValues: [("problems", problems)]).merging(more) { $1 }
            return try #require(Teacher.call("make-examples", .object(arguments))?["examples"]?.arrayValue)
        }
        let references = try examples(["prompt": "Q: {question}"])
        #expect(references.map { $0["prompt"]?.stringValue } == ["Q: Question a?", "Q: Question b?"])
        #expect(references.allSatisfy { $0["completion"] == "2 + 3" && $0["weight"] == .number(1) })
        let worded = try examples(["completion": "{program} = {answer}"])
        #expect(worded.allSatisfy { $0["completion"] == "2 + 3 = 5" })
        #expect(try examples(["from": "verified"]).map { $0["sample"]?.stringValue } == ["attempt[a,0]@solver#0.0"])
        #expect(try examples(["from": "verified", "distinct": false]).count == 2)
        // The words of a verified attempt and of the program are the same.
        #expect(try examples(["from": "both"]).count == 2)
        let weighed = try examples(["utility": true])
        #expect(weighed[0]["weight"] == .number(1))
        #expect(isNear(weighed[1]["weight"]?.doubleValue ?? 0, 0.0439369336, within: 1e-9))
        let system = try examples(["system": "You calculate."])
        #expect(
            system[0]["messages"] == [
                ["role": "system", "content": "You calculate."], ["role": "user", "content": "Question a?"],
            ])
    }

    /// With the generator as the source, what is learned is nearer to one half than what was written: S11.
    @Test func `new problems are weighed by what they were worth`() throws {
        let problems: [JSONValue] = (0...8).map { right in
            guard case .object(var members) = Self.tried("\(right)", right: right, of: 8) else { return .null }
            members["original"] = "Old question?"
            members["failed"] = "7 + 7"
            return .object(members)
        }
        let made = try #require(
            Teacher.call(
                "weigh-problems", ["problems": .array(problems), "prompt": "{question} {failed}", "least": 0.1]))
        let examples = try #require(made["examples"]?.arrayValue)
        #expect(examples.map { $0["problem"]?.stringValue } == (1...7).map { "\($0)" })
        #expect(examples.allSatisfy { $0["prompt"] == "Old question? 7 + 7" })
        #expect(examples[3]["completion"] == "Question 4?" && examples[3]["weight"] == .number(1))
        #expect(isNear(examples[0]["weight"]?.doubleValue ?? 0, 0.1724216239, within: 1e-9))
        let easy = try #require(Teacher.call("weigh-problems", ["problems": .array(Array(problems[4...]))]))
        let (mean, weighted) = (
            try #require(easy["mean_s"]?.doubleValue), try #require(easy["weighted_mean_s"]?.doubleValue)
        )
        #expect(abs(weighted - 0.5) < abs(mean - 0.5))
    }

    @Test func `failed problems come again, and a share of the others`() throws {
        let pool: [JSONValue] = (0..<20).map { Self.tried("\($0)", right: $0 < 5 ? 0 : 2, of: 4) }
        func replayed(_ more: JSONValue.Members) throws -> [String] {
            let arguments = JSONValue.Members(uniqueKeysWithValues: [("pool", .array(pool)), ("seed", 3)])
            let value = try #require(Teacher.call("replay-problems", .object(arguments.merging(more) { $1 })))
            let problems = try #require(value["problems"]?.arrayValue)
            #expect(problems.allSatisfy { $0["attempts"] == nil && $0["program"] == "2 + 3" })
            return problems.compactMap { $0["id"]?.stringValue }
        }
        let standard = try replayed([:])
        #expect(standard.prefix(5) == ["0", "1", "2", "3", "4"])
        #expect(standard.count == 5 + 4)
        #expect(Set(standard).count == standard.count)
        #expect(try replayed(["failed": 0, "batch": 40]).count == 10)
        #expect(try replayed(["failed": 0, "batch": 4000]).count == 15)
        #expect(try replayed(["seed": 4]) != standard)
    }

    @Test func `a filter keeps a band and fills up from its edges`() throws {
        let problems: JSONValue = .array((0...8).map { Self.tried("\($0)", right: $0, of: 8) })
        func kept(_ more: JSONValue.Members) throws -> ([String], Int) {
            let arguments = JSONValue.Members(uniqueKeysWithValues: [("problems", problems)]).merging(more) { $1 }
            let value = try #require(Teacher.call("filter-problems", .object(arguments)))
            let ids = try #require(value["kept"]?.arrayValue).compactMap { $0["id"]?.stringValue }
            #expect(ids.count + (value["dropped"]?.arrayValue?.count ?? 0) == 9)
            return (ids, try #require(value["refilled"]?.intValue))
        }
        #expect(try kept([:]) == (["2", "3", "4", "5", "6"], 0))
        #expect(try kept(["count": 7]) == (["1", "2", "3", "4", "5", "6", "7"], 2))
        #expect(try kept(["count": 3, "seed": 5]).0.count == 3)
        #expect(try kept(["low": 0.5, "high": 0.5]) == (["4"], 0))
    }

    @Test(arguments: [("sum", [1.1, 0.1, 1, 0]), ("product", [1, 0, 0, 0])])
    func `format and accuracy make a reward`(_ combine: String, _ rewards: [Double]) throws {
        let attempts: JSONValue = [
            Self.attempt("2 + 3", true), Self.attempt("2 - 3", false), Self.attempt("five", true),
            Self.attempt("", false),
        ]
        let problem: JSONValue = ["id": "a", "question": "Why?", "answer": "5", "attempts": attempts]
        let value = try #require(
            Teacher.call("reward-attempts", ["problems": [problem], "combine": .string(combine)]))
        let found = try #require(value["problems"]?.arrayValue?.first?["attempts"]?.arrayValue)
        #expect(found.compactMap { $0["reward"]?.doubleValue } == rewards)
        #expect(found.compactMap { $0["format"]?.doubleValue } == [1, 1, 0, 0])
    }

    @Test func `critiques say what is so`() throws {
        let problem: JSONValue = [
            "id": "a", "question": "Of 7 apples and 5 pears, 3 apples go. How many apples are left?",
            "program": "7 - 3",
            "answer": "4",
            "attempts": [
                Self.attempt("7 - 3", true), Self.attempt("7 + 3", false), Self.attempt("7 - 5", false),
                Self.attempt("7 + 3", false),
            ],
        ]
        let value = try #require(Teacher.call("make-critiques", ["problems": [problem]]))
        #expect(
            try #require(value["examples"]?.arrayValue).map { $0["completion"]?.stringValue } == [
                "Right: 7 - 3 = 4.",
                "Wrong: the numbers are right, but they are put together in the wrong way. Right is 7 - 3 = 4.",
                "Wrong: it uses a number that does not belong to what is asked. Right is 7 - 3 = 4.",
            ])
        #expect(value["counts"] == ["distractor": 1, "operation": 1, "right": 1])
    }

    @Test func `what a model wrote is verified or left out`() throws {
        let value = try #require(
            Teacher.call(
                "read-problems",
                [
                    "families": Teacher.documents,
                    "questions": [
                        [
                            "id": "g1",
                            "question": "Zubin has 14 widgets. He buys 9 more. How many widgets does Zubin have now?",
                            "from": "d3",
                        ],
                        "Zubin thinks.",
                    ],
                ]))
        let problem = try #require(value["problems"]?.arrayValue?.first)
        #expect(problem["id"] == "g1" && problem["from"] == "d3" && problem["verified"] == true)
        #expect(problem["program"] == "14 + 9" && problem["answer"] == "23")
        #expect(value["unread"] == [["id": "q1", "question": "Zubin thinks.", "reason": "unknown"]])
        #expect(value["counts"]?["read"] == 1 && value["counts"]?["unknown"] == 1)
    }

    @Test func `problems are refined by zone, the most useful first`() throws {
        let drawn = try #require(
            Teacher.call("draw-problems", ["families": Teacher.documents, "count": 9, "seed": 2, "levels": [2]])?[
                "problems"]?
                .arrayValue)
        let tried: [JSONValue] = drawn.enumerated().map { index, problem in
            ["problem": problem, "attempts": .array((0..<8).map { Self.attempt("1 + \($0)", $0 < index) })]
        }
        let sorted = try #require(Teacher.call("sort-zones", ["problems": .array(tried)])?["problems"])
        func refined(_ more: JSONValue.Members) throws -> [JSONValue] {
            let arguments = JSONValue.Members(
                uniqueKeysWithValues: [("families", Teacher.documents), ("problems", sorted), ("seed", 1)])
            return try #require(
                Teacher.call("refine-problems", .object(arguments.merging(more) { $1 }))?["problems"]?.arrayValue)
        }
        let all = try refined([:])
        #expect(all.map { $0["from"]?.stringValue } == (1...8).map { "p\($0)" })
        #expect(all.map { $0["difficulty_delta"]?.intValue } == [0, 0, 0, 0, 0, 0, 0, 1])
        #expect(all.allSatisfy { $0["original"]?.stringValue != nil && $0["program"]?.stringValue != nil })
        #expect(try refined(["count": 3]).map { $0["from"]?.stringValue } == ["p3", "p4", "p5"])
        #expect(try refined(["generate_from": ["too_hard"]]).map { $0["difficulty_delta"]?.intValue } == [-1])
    }

    @Test func `a screen names what it dropped, and gives what another program can execute`() throws {
        let problems: JSONValue = [
            ["id": "a", "question": "Tom has 3 dogs and 2 cats. How many pets?", "program": "3 + 2", "answer": "5"],
            ["id": "b", "question": "tom has 3 dogs and 2 cats . How many pets ?", "program": "3 + 2", "answer": "5"],
            ["id": "c", "question": "Ann owns 4 hats. How many?", "answer": "4"],
            ["id": "d", "question": "Is it 5?", "answer": "5"],
        ]
        let value = try #require(
            Teacher.call(
                "screen-problems",
                [
                    "problems": problems, "pool": [["question": "is it 5"]],
                    "heldout": [["question": "Bob owns 9 hats. How many?"]],
                ]))
        #expect(try #require(value["kept"]?.arrayValue).map { $0["id"]?.stringValue } == ["a"])
        #expect(
            value["dropped"] == [
                ["id": "b", "reason": "duplicate", "of": "a"], ["id": "c", "reason": "heldout", "of": "heldout[0]"],
                ["id": "d", "reason": "duplicate", "of": "pool[0]"],
            ])
        #expect(value["programs"] == [["a", "3 + 2", "5"]])
        #expect(value["counts"] == ["kept": 1, "duplicate": 2, "near_duplicate": 0, "heldout": 1, "heldout_near": 0])
    }

    @Test func `seeds get programs, and variants of them`() throws {
        let seeds: JSONValue = [
            ["id": "s", "question": "Tom had 87 pens . He gave 8 to Dan . How many are left ?", "answer": 79],
            ["id": "t", "question": "She found 2 and he 5 , and 9 were cracked . How many ?", "answer": "7"],
        ]
        let solved = try #require(Teacher.call("solve-problems", ["problems": seeds]))
        #expect(solved["solved"]?.arrayValue?.first?["program"] == "87 - 8")
        #expect(solved["solved"]?.arrayValue?.first?["answer"] == "79")
        #expect(solved["unsolved"]?.arrayValue?.first?["reason"] == "ambiguous")
        let variants = try #require(
            Teacher.call(
                "augment-problems", ["problems": seeds, "count": 10, "seed": 1, "families": Teacher.documents])?[
                    "problems"]?
                .arrayValue)
        #expect(variants.map { $0["from"]?.stringValue } == (0..<10).map { $0 % 2 == 0 ? "s" : "t" })
        #expect(variants[1]["answer"] == "7")
        #expect(Set(variants.compactMap { $0["question"]?.stringValue }).count > 6)
    }

    @Test(arguments: [
        (0, 10, "0.0 % [0.0, 27.8]"), (10, 10, "100.0 % [72.2, 100.0]"), (30, 160, "18.8 % [13.5, 25.5]"),
        (0, 0, "nothing was tried"),
    ])
    func `an accuracy has Wilson's interval`(_ right: Int, _ total: Int, _ text: String) {
        let value = Teacher.call("wilson-interval", ["right": .integer(Int64(right)), "total": .integer(Int64(total))])
        #expect(value?["text"]?.stringValue == text)
    }
}
