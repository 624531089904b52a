import StoaCore
import StoaLearning
import Testing

/// Programs of problems whose answers are known, and static augmentation of them.
@Suite struct ExpressionSearchTests {
    @Test(arguments: [
        ("Tom had 87 marbles. He gave 8 to Dan. How many are left?", "79", "87 - 8"),
        ("Mel had 7 dimes , got 8 dimes and then 4 dimes . How many now ?", "19", "7 + 8 + 4"),
        ("Of 6 shells and 4 stars , 4 shells broke . How many good shells ?", "2", "6 - 4"),
        ("Keith found 6 , Jess 8 and Tim 7 shells . 3 were cracked . How many did they find ?", "21", "6 + 8 + 7"),
        ("2 boxes hold 6 blocks each and a case has 5 boxes. How many blocks?", "12", "2 * 6"),
        (
            "It snowed 0.6666666666666666 inch and 0.3333333333333333 inch . How much more ?", "0.3333333333",
            "0.6666666666666666 - 0.3333333333333333"
        ),
        ("She paid $1,200 for 3 equal parts, each the same. How much is one?", "400", "1200 / 3"),
        ("Two cats and three dogs live here. How many pets?", "5", "2 + 3"),
        ("She has 11, gives 2 to each of 3 friends. How many are left?", "5", "11 - 2 * 3"),
    ])
    func `the smallest expression is found`(_ question: String, _ answer: String, _ program: String) throws {
        #expect(try ExpressionSearch().program(of: question, answer: answer) == program)
    }

    @Test(arguments: [
        (
            "She found 2 and he found 5 , and 9 were cracked . How many together ?", "7",
            ExpressionSearch.Failure.ambiguous
        ),
        ("She has 5 apples and 7 pears.", "100", .none), ("How many?", "3", .none), ("She has 5.", "5", .none),
    ])
    func `there is none where nothing decides`(
        _ question: String, _ answer: String, _ failure: ExpressionSearch.Failure
    ) {
        #expect(throws: failure) { try ExpressionSearch().program(of: question, answer: answer) }
    }

    /// A drawn problem's program is not always the smallest, but what is found always gives the answer.
    @Test func `what is found gives the answer`() throws {
        var found = 0
        let problems = try Teacher.problems(300, seed: 40)
        for problem in problems {
            guard let text = try? ExpressionSearch().program(of: problem.question, answer: problem.answer) else {
                continue
            }
            found += 1
            let value = try #require(try ProblemProgram(text).value())
            let answer = try #require(Fraction(problem.answer))
            #expect(abs(value.doubleValue - answer.doubleValue) < 1e-6 * max(1, answer.doubleValue))
        }
        #expect(found > problems.count * 8 / 10)
    }

    @Test(arguments: 0..<40) func `a variant is a problem with the answer of its own program`(seed: Int) throws {
        let library = try #require(Teacher.library)
        let augmenter = ProblemAugmenter(words: library.words)
        var changed = 0
        for problem in try Teacher.problems(25, seed: UInt64(seed)) {
            let variant = augmenter.variant(of: problem, stream: RandomStream(seed: 9).child(problem.id), id: "v")
            let program = try ProblemProgram(try #require(variant.program))
            let value = try #require(program.value())
            #expect(value.description == variant.answer)
            #expect(value.isPositive)
            if variant.question != problem.question { changed += 1 }
        }
        #expect(changed > 15)
    }

    @Test func `numbers keep their digits and their order, names their pronoun`() throws {
        let library = try #require(Teacher.library)
        let problem = WordProblem(
            id: "s", question: "Tom had $142.46 and 87 pens . Mary has $8.89 . Tom has how much more than Mary ?",
            program: "142.46 - 8.89", answer: "133.57")
        let augmenter = ProblemAugmenter(paraphrases: false, words: library.words)
        var questions: Set<String> = []
        for index in 0..<30 {
            let variant = augmenter.variant(of: problem, stream: RandomStream(seed: 1).child(index), id: "v")
            questions.insert(variant.question)
            let pattern =
                /(\w+) had \$(\d{3}\.\d{2}) and (\d{2}) pens \. (\w+) has \$(\d\.\d{2}) \. (\w+) has how much more than (\w+) \?/
            let match = try #require(variant.question.wholeMatch(of: pattern), "\(variant.question)")
            #expect(match.1 == match.6 && match.4 == match.7 && match.1 != match.4)
            #expect(variant.program == "\(match.2) - \(match.5)")
        }
        #expect(questions.count > 20)
    }
}
