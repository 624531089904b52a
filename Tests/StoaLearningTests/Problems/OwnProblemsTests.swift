import StoaCore
import StoaLearning
import Testing

/// The problems that the playbook begins with, and those that it measures with, where nobody gives it others.
@Suite struct OwnProblemsTests {
    static func problems(_ name: String) throws -> [WordProblem] {
        try #require(try Teacher.records("\(name).jsonl").arrayValue).compactMap { WordProblem(document: $0) }
    }

    @Test func `seeds and held-out problems share no skeleton with each other, nor with what families yield`() throws {
        let seeds = try Self.problems("seeds")
        let heldout = try Self.problems("heldout")
        #expect(seeds.count >= 40 && heldout.count >= 80)
        let all = seeds + heldout
        #expect(Set(all.map(\.id)).count == all.count)
        let skeletons = all.map { ProblemSkeleton($0.question) }
        #expect(Set(skeletons).count == all.count)
        let drawn = try Teacher.problems(3000, seed: 77).map { ProblemSkeleton($0.question) }
        #expect(Set(drawn).isDisjoint(with: skeletons))
        // What no wording is like cannot be drawn either.
        let reader = ProblemReader(library: try #require(Teacher.library))
        for problem in all {
            #expect(throws: ProblemReader.Failure.unknown) { try reader.problem(reading: problem.question, id: "") }
        }
    }

    @Test func `almost every one has a program`() throws {
        for name in ["seeds", "heldout"] {
            let problems = try Self.problems(name)
            let solved = problems.count { (try? ExpressionSearch().program(of: $0.question, answer: $0.answer)) != nil }
            #expect(solved * 100 >= problems.count * 95, "\(name): \(solved) of \(problems.count)")
            #expect(problems.allSatisfy { Fraction($0.answer)?.isPositive ?? false })
        }
    }
}
