import StoaCore
import Testing

@testable import StoaEvaluation

struct SampleTests {
    @Test
    func `pass at one is the mean, and pass at all is whether any is right`() {
        let scores = [[true, false, false, false], [false, false, false, false], [true, true, true, false]]
        #expect(abs((PassAtK.mean(scores, k: 1) ?? 0) - 4.0 / 12) < 1e-15)
        #expect(abs((PassAtK.mean(scores, k: 4) ?? 0) - 2.0 / 3) < 1e-15)
        #expect(PassAtK.mean(scores, k: 5) == nil)
        #expect(PassAtK.mean([], k: 1) == nil)
    }

    @Test
    func `pass at k grows with k`() {
        for tries in 1...12 {
            for correct in 0...tries {
                let chances = (1...tries).compactMap { PassAtK.estimate(correct: correct, tries: tries, k: $0) }
                #expect(chances.count == tries)
                #expect(zip(chances, chances.dropFirst()).allSatisfy { $0 <= $1 })
            }
        }
    }

    @Test
    func `a vote of one is the mean, whatever the classes`() throws {
        let vote = MajorityAtK(
            classes: [
                .init(count: 3, isCorrect: false), .init(count: 2, isCorrect: true), .init(count: 1, isCorrect: false),
            ], silent: 2)
        #expect(abs(try #require(vote.chance(k: 1)) - 2.0 / 8) < 1e-14)
        #expect(vote.winner == 0)
        #expect(vote.agreement == 3.0 / 8)
    }

    @Test
    func `a tie goes to the answer that was given first`() {
        let first = MajorityAtK(answers: ["4", "5", "5", "4"], correct: [true, false, false, true]) { _, _ in false }
        #expect(first.isCorrect)
        let second = MajorityAtK(answers: ["5", "4", "5", "4"], correct: [false, true, false, true]) { _, _ in false }
        #expect(!second.isCorrect)
    }

    @Test
    func `those that say nothing do not vote, and a vote of none is wrong`() {
        let silent = MajorityAtK(answers: [nil, nil, "4"], correct: [false, false, true]) { _, _ in false }
        #expect(silent.isCorrect)
        #expect(silent.agreement == 1.0 / 3)
        let none = MajorityAtK(answers: [nil, nil], correct: [false, false]) { _, _ in false }
        #expect(!none.isCorrect)
        #expect(none.chance(k: 1) == 0)
        #expect(none.chance(k: 2) == 0)
    }

    @Test
    func `equal answers are one class, however they are spelt`() {
        let vote = MajorityAtK(answers: ["0.5", "2", "1/2", "3"], correct: [true, false, true, false]) { one, other in
            Set([one, other]) == ["0.5", "1/2"]
        }
        #expect(vote.classes.map(\.count) == [2, 1, 1])
        #expect(vote.isCorrect)
    }

    @Test
    func `totals of a table are those of its rows`() {
        let scores = (0..<60).map { (value: ["easy", "hard", "10", "9"][$0 % 4], scores: [$0 % 3 == 0 ? 1.0 : 0]) }
        let table = StratumTable(field: "level", scores: scores)
        #expect(table.rows.map(\.value) == ["9", "10", "easy", "hard"])
        #expect(table.rows.reduce(0) { $0 + $1.problems } == 60)
        let sum = table.rows.reduce(0) { $0 + $1.accuracy * Double($1.problems) }
        #expect(abs(sum - 20) < 1e-12)
    }

    @Test
    func `a bootstrap is a function of the data and the seed`() {
        let values = (0..<30).map { Double($0 * $0 % 7) }
        let one = Bootstrap(replicates: 200, seed: 3)
        #expect(one.mean(of: values) == one.mean(of: values))
        #expect(one.mean(of: values) != Bootstrap(replicates: 200, seed: 4).mean(of: values))
        let general = one.interval(size: values.count) { indices in
            indices.reduce(0) { $0 + values[$1] } / Double(indices.count)
        }
        #expect(general == one.mean(of: values))
        #expect(one.mean(of: [2, 2, 2]) == ConfidenceInterval(2, 2))
    }

    @Test
    func `whoever is as often right as sure is calibrated`() {
        let perfect = (0..<100).map { (confidence: $0 < 50 ? 0.0 : 1.0, isCorrect: $0 >= 50) }
        #expect(Calibration(perfect).expectedError == 0)
        #expect(Calibration(perfect).brier == 0)
        let boastful = (0..<100).map { (confidence: 1.0, isCorrect: $0 < 30) }
        #expect(abs(Calibration(boastful).expectedError - 0.7) < 1e-12)
        #expect(abs(Calibration(boastful).maximumError - 0.7) < 1e-12)
        #expect(Calibration([]).expectedError == 0)
    }
}
