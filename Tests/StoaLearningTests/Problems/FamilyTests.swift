import OrderedCollections
import StoaCore
import StoaLearning
import StoaTestKit
import StoaVerify
import Testing

/// The families that ship, and what is said of those that cannot be used.
@Suite struct FamilyTests {
    @Test func `the families that ship are many, and can be read`() throws {
        let library = try FamilyLibrary(documents: try Teacher.records("families"))
        #expect(library.families.count >= 80)
        #expect(library.families.allSatisfy { !$0.about.isEmpty })
    }

    /// The self-check: two hundred problems of each family are sound.
    @Test(arguments: Teacher.names) func `a family yields sound problems`(name: String) throws {
        let library = try #require(Teacher.library)
        let family = try #require(library[name])
        let draw = ProblemDraw(words: library.words)
        let root = RandomStream(seed: 5).child(name)
        var questions: Set<String> = []
        var wordings: Set<Int> = []
        for index in 0..<200 {
            let problem = try draw.problem(
                of: family, level: 1 + index % 5, stream: root.child(index), id: "\(index)")
            questions.insert(problem.question)
            wordings.insert(problem.wording ?? -1)
            let question = problem.question
            #expect(!question.contains { "{}[]|<>~@".contains($0) }, "\(question)")
            #expect(!question.contains("  ") && !question.contains(" ,,"), "\(question)")
            #expect(question.hasSuffix("?") || question.hasSuffix("."), "\(question)")
            #expect((20...420).contains(question.count), "\(question)")
            let answer = try #require(Fraction(problem.answer))
            #expect(answer.isPositive)
            let source = try #require(problem.program)
            let program = try ProblemProgram(source)
            // The answer is what the program comes to, by the calculator that knows nothing of families.
            let result = CalculatorTool().call(["expression": .string(source)])
            let number = try #require(result.value["number"]?.doubleValue)
            #expect(abs(number - answer.doubleValue) <= 1e-9 * max(1, abs(number)), "\(question) \(source)")
            #expect(!program.description.isEmpty)
        }
        #expect(questions.count >= 100, "\(questions.count) different questions")
        #expect(wordings.count >= 3)
    }

    @Test func `the same stream draws the same problem, and another one another`() throws {
        let first = try Teacher.problems(60, seed: 3)
        #expect(first == (try Teacher.problems(60, seed: 3)))
        #expect(first != (try Teacher.problems(60, seed: 4)))
        #expect(first.allSatisfy { WordProblem(document: $0.document) == $0 })
    }

    /// Bigger numbers are what levels are about.
    @Test func `numbers grow with the level`() throws {
        func size(_ level: Int) throws -> Double {
            let problems = try Teacher.problems(200, seed: 8, levels: [level])
            let answers = problems.compactMap { Fraction($0.answer)?.doubleValue }.sorted()
            return answers[answers.count / 2]
        }
        let sizes = try (1...4).map(size)
        #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 < $1 }, "\(sizes)")
    }

    // MARK: - Refusals

    static let words: JSONValue = [
        "lists": [
            "people": ["he": ["Tom"], "she": ["Ann"]], "things": ["apple", "pea/peas"],
            "pairs": [["whole": "box", "part": "egg"]],
        ],
        "numbers": ["count": "2..9, 3..30"], "phrases": ["left": "how many are left?"],
    ]

    static func family(_ changes: JSONValue.Members) -> JSONValue {
        let members: JSONValue.Members = [
            "name": "loss", "about": "something is lost", "slots": ["A": "people", "item": "things"],
            "quantities": ["a": "count", "b": "count"], "where": ["a > b"], "program": "a - b",
            "texts": ["{A} has {a item} and loses {b}: <left>"],
        ]
        return .object(members.merging(changes) { $1 })
    }

    @Test(
        arguments: [
            (["name": ""], #"x.yaml: family: expected a name, found """#),
            (["about": 5], "x.yaml: family loss: about: expected a text"),
            (
                ["program": "a -"],
                #"x.yaml: family loss: program: program "a -": expected a number or a quantity, found the end"#
            ),
            (["slots": ["A": "persons"]], #"x.yaml: family loss: slots.A: expected names of lists, found "persons""#),
            (
                ["quantities": ["a": "9..2"]],
                #"x.yaml: family loss: quantities.a: expected a kind of numbers, ranges or "= program", found "9..2""#
            ),
            (["where": ["a"]], "x.yaml: family loss: where: expected program > program, found a"),
            (["texts": []], "x.yaml: family loss: texts: expected a wording for level 1"),
            (["texts": [["text": "x", "level": 7]]], "x.yaml: family loss: texts[0].level: expected 1 to 5"),
            (
                ["texts": ["{A} has {a item}."]],
                "x.yaml: family loss: texts[0]: expected the quantity {b}, which the program reads"
            ),
            (
                ["texts": ["{A} has {a item} of {b thing}."]],
                "x.yaml: family loss: texts[0]: expected a quantity or a slot of the family, found {thing}"
            ),
            (
                ["texts": ["{A.it} has {a item} and {b}."]],
                "x.yaml: family loss: texts[0]: expected a form of Tom, found {A.it}"
            ),
            (
                ["texts": ["{A} [has|owns {a} {b}"]],
                #"x.yaml: family loss: texts[0]: character 22 of "{A} [has|owns {a} {b}": expected "]" before the end"#
            ),
            (["texts": ["<right>"]], "x.yaml: family loss: texts[0]: expected <phrase> of the shared words"),
            (["contrast": ["gain"]], "family loss: expected a family's name, found gain"),
            (["weight": -1], "x.yaml: family loss: weight: expected a number from 0 on"),
        ] as [(JSONValue.Members, String)])
    func `a family that cannot be used is refused with its place`(_ changes: JSONValue.Members, _ message: String) {
        let error = thrown(LearningError.self) {
            _ = try FamilyLibrary(documents: ["words.yaml": Self.words, "x.yaml": Self.family(changes)])
        }
        #expect(error?.message == message)
        #expect(error?.code == .invalidFamily)
    }

    @Test func `a family without problems is refused where it is drawn`() throws {
        let library = try FamilyLibrary(documents: [Self.words, Self.family(["where": ["a > b", "b > a"]])])
        let error = thrown(LearningError.self) {
            _ = try ProblemDraw(words: library.words).problem(
                of: library.families[0], level: 1, stream: RandomStream(seed: 1), id: "p")
        }
        #expect(error?.message == "family loss: expected numbers that meet its conditions, at level 1, found none")
    }

    @Test func `words are set as they are asked for`() throws {
        let text =
            "{A.his} {pair.part.many}, {n pair.whole}, {m item}, {item.a}, {item@n}, {n =inch/inches}, [v~x|y] is [v~X|Y]. "
            + "{A.He} has {a} and {b}."
        let library = try FamilyLibrary(documents: [
            Self.words,
            Self.family([
                "slots": ["A": "people", "item": "things", "pair": "pairs"],
                "quantities": ["a": "9..9", "b": "0.5..0.5", "n": "1..1", "m": "4..4"], "texts": [.string(text)],
            ]),
        ])
        let draw = ProblemDraw(words: library.words, tokenisedShare: 0)
        let expected: Set<String> = Set(
            [("His", "He"), ("Her", "She")].flatMap { his, he in
                [("apples", "an apple", "apple"), ("peas", "a pea", "pea")].flatMap { many, one, bare in
                    ["x is X", "y is Y"].map {
                        "\(his) eggs, 1 box, 4 \(many), \(one), \(bare), 1 inch, \($0). \(he) has 9 and 0.5."
                    }
                }
            })
        let found = try (0..<80).map {
            try draw.problem(of: library.families[0], level: 1, stream: RandomStream(seed: 2).child($0), id: "")
                .question
        }
        #expect(Set(found) == expected)
    }
}
