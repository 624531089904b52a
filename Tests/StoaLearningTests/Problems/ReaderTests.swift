import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// Reading is the inverse of drawing.
@Suite struct ReaderTests {
    static let reader = Teacher.library.map { ProblemReader(library: $0) }

    @Test func `what was drawn is read with its answer`() throws {
        let reader = try #require(Self.reader)
        var unread = 0
        for problem in try Teacher.problems(500, seed: 17) {
            do {
                let found = try reader.problem(reading: problem.question, id: problem.id)
                #expect(found.answer == problem.answer, "\(problem.question) \(found.program ?? "")")
                #expect(found.question == problem.question)
            } catch {
                unread += 1
            }
        }
        #expect(unread <= 5)
    }

    @Test(arguments: [
        (
            "Zubin has 14 widgets. He buys 9 more. How many widgets does Zubin have now?", "14 + 9", "23"
        ),
        (
            "Zubin had 25 dimes and 36 pennies in his bank . His dad borrowed 14 pennies from Zubin . How many pennies "
                + "does he have now ?", "36 - 14", "22"
        ),
        (
            "Zubin starts with 87 glow worms. It was late. He shares 33 with Rebecca. How many glow worms does Zubin end "
                + "with?", "87 - 33", "54"
        ),
        ("Each frisbee costs $1.54. How much do three frisbees cost?", "3 * 1.54", "4.62"),
    ])
    func `a model's words are read where they are like a wording`(
        _ question: String, _ program: String, _ answer: String
    )
        throws
    {
        let found = try #require(Self.reader).problem(reading: question, id: "m")
        #expect(found.program == program)
        #expect(found.answer == answer)
    }

    @Test(arguments: [
        ("", ProblemReader.Failure.unknown), ("How many?", .unknown),
        ("Zubin pondered 14 widgets. Why?", .unknown),
        ("Tom has 5 apples. He loses 9. How many apples does Tom have left?", .senseless),
        ("7 apples are shared equally among 2 children. How many apples does each child get?", .senseless),
    ])
    func `what cannot be read has no answer`(_ question: String, _ failure: ProblemReader.Failure) throws {
        let reader = try #require(Self.reader)
        #expect(throws: failure) { try reader.problem(reading: question, id: "m") }
    }
}
