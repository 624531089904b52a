import StoaCore
import StoaLearning
import StoaTestKit
import Testing

/// What is kept out of a pool, and out of training: the acceptance test S12.
@Suite struct ScreenTests {
    @Test func `skeletons are those of the script that splits a benchmark`() throws {
        let cases = try #require(try JSONParser.parse(try golden("problems/skeletons.json")).arrayValue)
        #expect(cases.count > 100)
        for value in cases {
            let question = try #require(value["question"]?.stringValue)
            #expect(ProblemSkeleton(question).description == value["skeleton"]?.stringValue, "\(question)")
        }
    }

    @Test func `a held-out problem never enters, whatever its names and numbers`() {
        let heldout = ["Elif has 18 bats in the attic. Another 6 moved in. How many bats live there today?"]
        let planted = heldout[0]
        let changed = "Omar has 7 bats in the attic . Another 2.5 moved in . How many bats live there today ?"
        let near = "Omar has 7 bats in the attic. Another 2 moved in. How many bats live there now today?"
        let other = "A shark is 12 feet long. How many inches is that?"
        let verdicts = ProblemScreen(threshold: 0.7).verdicts([planted, changed, near, other], heldout: heldout)
        #expect(verdicts.map(\.reason) == [.heldout, .heldout, .heldoutNear, nil])
        #expect(verdicts.map(\.other) == [0, 0, 0, nil])
    }

    @Test func `repetitions are dropped, the first stays`() {
        let first = "Tom has 3 red dogs and 4 cats, which all sleep in one big bed at night. How many pets has he?"
        let marks = "tom has 3 red dogs and 4 cats which all sleep in one big bed at night . How many pets has he ?"
        let nearly = first.replacing("Tom", with: "Ben")
        let numbers = first.replacing("3", with: "5").replacing("4", with: "6")
        let verdicts = ProblemScreen().verdicts([first, marks, nearly, numbers, "Why?"], pool: ["Why?"])
        #expect(verdicts.map(\.reason) == [nil, .duplicate, .nearDuplicate, nil, .duplicate])
        #expect(verdicts.map(\.other) == [nil, 1, 1, nil, 0])
    }

    /// Looking up rare sequences finds what comparing all with all finds.
    @Test(arguments: 0..<20) func `the index is the comparison of all with all`(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        var texts: [String] = []
        for _ in 0..<60 {
            if let old = texts.randomElement(using: &random), Bool.random(using: &random) {
                var words = old.split(separator: " ").map(String.init)
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    words[Int.random(in: 0..<words.count, using: &random)] = "w\(Int.random(in: 0..<9, using: &random))"
                }
                texts.append(words.joined(separator: " "))
            } else {
                let length = Int.random(in: 4...30, using: &random)
                texts.append(
                    (0..<length).map { _ in "w\(Int.random(in: 0..<9, using: &random))" }.joined(separator: " "))
            }
        }
        let threshold = [0.5, 0.7, 0.8][seed % 3]
        let verdicts = ProblemScreen(threshold: threshold).verdicts(Array(texts[20...]), pool: Array(texts[..<20]))
        var kept = Array(0..<20)
        for place in 20..<60 {
            let isClose = kept.contains {
                Self.similarity(texts[$0], texts[place]) > threshold || texts[$0] == texts[place]
            }
            #expect((verdicts[place - 20].reason != nil) == isClose, "\(place)")
            if !isClose { kept.append(place) }
        }
    }

    static func similarity(_ first: String, _ second: String) -> Double {
        func sequences(_ text: String) -> Set<[Substring]> {
            let words = text.split(separator: " ")
            return Set((0...(words.count - 3)).map { Array(words[$0..<($0 + 3)]) })
        }
        let (one, other) = (sequences(first), sequences(second))
        return Double(one.intersection(other).count) / Double(one.union(other).count)
    }

    @Test func `a thousand problems are screened against a thousand`() throws {
        let problems = try Teacher.problems(2000, seed: 31).map(\.question)
        let verdicts = ProblemScreen().verdicts(
            Array(problems[..<1000]), pool: Array(problems[1000...]), heldout: Array(problems[..<100]))
        #expect(verdicts.count == 1000)
        #expect(verdicts[..<100].allSatisfy { $0.reason == .heldout })
        #expect(verdicts.count { $0.reason == nil } > 300)
    }
}
