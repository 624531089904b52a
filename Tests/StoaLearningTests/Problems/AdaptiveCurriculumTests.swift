import OrderedCollections
import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// Problems follow what a solver can do: the acceptance test S11.
@Suite struct AdaptiveCurriculumTests {
    /// A solver whose skill is a known function of difficulty: the level, and a family's own.
    struct Solver {
        var skill: Double

        func success(_ problem: WordProblem) -> Double {
            let own = Double((problem.family ?? "").utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 97 }) / 97 - 0.5
            let difficulty = Double(problem.level) + 2 * own
            return 1 / (1 + PortableMath.exp(1.6 * (difficulty - skill)))
        }

        func attempts(_ problem: WordProblem, _ count: Int, _ random: inout SplitMix) -> JSONValue {
            .array(
                (0..<count).map { _ in
                    ["text": "1 + 1", "correct": .bool(Double.random(in: 0..<1, using: &random) < success(problem))]
                })
        }
    }

    struct Round {
        var success: Double
        var levels: [Int]
        var families: Int
    }

    /// Rounds of drawing, trying and sorting, as the playbook has them.
    static func rounds(_ count: Int, skill: Double, growth: Double, mix: String, seed: UInt64) throws -> [Round] {
        var random = SplitMix(seed: seed)
        var standing: JSONValue = .emptyObject
        var rounds: [Round] = []
        for round in 0..<count {
            let solver = Solver(skill: skill + growth * Double(round))
            let drawn = try #require(
                Teacher.call(
                    "draw-problems",
                    [
                        "families": Teacher.documents, "count": 150, "seed": .string("\(seed)-\(round)"),
                        "mix": .string(mix), "standing": standing,
                    ]))
            let problems = try #require(drawn["problems"]?.arrayValue)
            let tried = problems.compactMap { document -> JSONValue? in
                WordProblem(document: document).map { problem in
                    ["problem": document, "attempts": solver.attempts(problem, 4, &random)]
                }
            }
            let sorted = try #require(
                Teacher.call("sort-zones", ["problems": .array(tried), "standing": standing]))
            standing = try #require(sorted["standing"])
            rounds.append(
                Round(
                    success: try #require(sorted["success"]?.doubleValue),
                    levels: problems.compactMap { $0["level"]?.intValue },
                    families: try #require(drawn["shares"]?.objectValue?.count)))
        }
        return rounds
    }

    @Test(arguments: [(1.3, 1), (2.0, 2), (3.0, 3), (4.0, 4), (5.0, 5)])
    func `success on new problems moves to one half`(_ skill: Double, _ seed: UInt64) throws {
        let uniform = try Self.rounds(1, skill: skill, growth: 0, mix: "uniform", seed: seed)
        let adaptive = try Self.rounds(5, skill: skill, growth: 0, mix: "adaptive", seed: seed)
        let last = try #require(adaptive.last)
        #expect(abs(last.success - 0.5) <= 0.15, "\(adaptive.map(\.success)), uniform \(uniform[0].success)")
        #expect(abs(last.success - 0.5) <= abs(uniform[0].success - 0.5) + 0.05)
        #expect(last.families > 60)
    }

    @Test func `a solver that learns gets harder problems`() throws {
        let rounds = try Self.rounds(6, skill: 1.2, growth: 0.3, mix: "adaptive", seed: 6)
        func mean(_ round: Round) -> Double { Double(round.levels.reduce(0, +)) / Double(round.levels.count) }
        #expect(mean(rounds[5]) > mean(rounds[1]) + 0.5)
        #expect(abs(rounds[5].success - 0.5) <= 0.15, "\(rounds.map(\.success))")
    }

    @Test func `shares are those of weights, and the floor is kept`() throws {
        let library = try #require(Teacher.library)
        let families = library.families
        let total = families.map(\.weight).reduce(0, +)
        let choices = Curriculum().uniform(1000, of: families, stream: RandomStream(seed: 1))
        for family in families {
            let count = Double(choices.count { $0.family == family.name })
            #expect(abs(count - 1000 * family.weight / total) < 1.000_001, "\(family.name)")
        }
        // Of a solver that has mastered all but one family, that one gets most of what is not the floor's.
        var standing = SolverStanding()
        let weak = families[10].name
        standing.add(
            families.flatMap { family in
                (1...5).map { (family.name, $0, 20, family.name == weak ? 0 : 20) }
            }, memory: 0.5)
        let adaptive = Curriculum(floor: 0.2).adaptive(
            1000, of: families, standing: standing, stream: RandomStream(seed: 2))
        let before = Double(choices.count { $0.family == weak })
        let after = Double(adaptive.count { $0.family == weak })
        #expect(adaptive.count == 1000)
        #expect(after > 2 * before)
        #expect(Set(adaptive.map(\.family)).count > 60)
    }

    @Test func `a standing survives its document, and fades`() {
        var standing = SolverStanding()
        standing.add([("x", 1, 4, 3), ("x", 2, 4, 1), ("y", 3, 8, 0)], memory: 0.5)
        standing.add([("x", 1, 4, 4)], memory: 0.5)
        #expect(standing.families["x"]?[1] == SolverStanding.Count(seen: 6, right: 5.5))
        #expect(standing.families["x"]?[2] == SolverStanding.Count(seen: 2, right: 0.5))
        #expect(standing.families["y"]?[3] == SolverStanding.Count(seen: 8, right: 0))
        #expect(SolverStanding(document: standing.document()) == standing)
        // What is harder is expected to go worse, and what was never seen is guessed from the rest.
        let expectation = SolverExpectation(standing)
        let expected = (1...5).map { expectation.success(family: "x", level: $0) }
        #expect(zip(expected, expected.dropFirst()).allSatisfy { $0 >= $1 } && expected[0] > expected[3], "\(expected)")
        #expect(expectation.success(family: "y", level: 1) < expected[0])
        let unknown = SolverExpectation(SolverStanding()).success(family: "z", level: 3)
        #expect(unknown == 0.5)
    }

    // MARK: - Refinement

    @Test(arguments: [
        ("7 + 3", AttemptError.operation), ("It is 7 - 5.", .distractor), ("7 - 9", .number), ("7", .format),
        ("no idea", .format), ("7 - 3 - 5", .distractor), ("3 - 7", .operation),
    ])
    func `errors are told apart by their numbers`(_ text: String, _ error: AttemptError) {
        #expect(AttemptError(of: text, question: "Of 7 apples and 5 pears, 3 apples go.", program: "7 - 3") == error)
    }

    @Test(arguments: 0..<12) func `a new problem is about what went wrong`(seed: Int) throws {
        let library = try #require(Teacher.library)
        let refiner = ProblemRefiner(library: library, draw: ProblemDraw(words: library.words))
        let stream = RandomStream(seed: UInt64(seed))
        for (index, problem) in try Teacher.problems(20, seed: UInt64(seed), levels: [2, 3]).enumerated() {
            func refined(_ zone: DifficultyZone, _ failed: String?) throws -> ProblemRefiner.Refined {
                let tried = ProblemRefiner.Tried(problem: problem, zone: zone, failed: failed)
                let refined = try refiner.refined(tried, stream: stream.child(index), id: "n")
                return try #require(refined)
            }
            let own = try #require(library[problem.family ?? ""])
            let same = try refined(.learning, "no idea")
            #expect(same.problem.family == problem.family && same.problem.level == problem.level)
            #expect(same.problem.question != problem.question && same.target == "format")
            let harder = try refined(.mastered, nil)
            #expect(harder.difference == 1)
            #expect(
                harder.problem.family == problem.family
                    ? harder.problem.level == problem.level + 1 : own.harder.contains(harder.problem.family ?? ""))
            let easier = try refined(.tooHard, "1 + 1")
            #expect(easier.problem.level == problem.level - 1 && easier.problem.family == problem.family)
            let program = problem.program ?? ""
            let wrong =
                program.contains("+") ? program.replacing("+", with: "*") : program.replacing(/[-*\/]/, with: "+")
            let contrast = try refined(.learning, wrong)
            #expect(contrast.problem.family == own.name || own.contrast.contains(contrast.problem.family ?? ""))
        }
        let stranger = WordProblem(id: "s", question: "Why?", answer: "1")
        #expect(
            try refiner.refined(ProblemRefiner.Tried(problem: stranger, zone: .learning), stream: stream, id: "n")
                == nil)
    }
}
