import OrderedCollections
import StoaCore
import StoaRuntime
import Testing

@testable import StoaMethods

/// Comparisons: both orders, ties, tournaments.
@Suite struct PairwiseTests {
    /// Plays all comparisons by a judge that is told two texts.
    private static func play(
        _ texts: [String], form: String = "round_robin", _ judge: (String, String) -> String
    ) throws -> (value: JSONValue, asked: Int) {
        let list = JSONValue.array(texts.map { .string($0) }).text
        var game = try JudgingInHand(
            PairwiseJudge.self, ["candidates": .string(list), "tournament": .string(form)])
        var asked = 0
        while game.request != nil {
            let question = game.question
            let shown = ["1", "2"].map { place in
                question.split(separator: "Answer \(place):\n")[1].split(separator: "\n\n")[0]
            }
            asked += 1
            let better = judge(String(shown[0]), String(shown[1]))
            try game.write(#"{"explanation": "so", "better": "\#(better)"}"#)
        }
        return (try #require(game.value), asked)
    }

    private static func longer(_ first: String, _ second: String) -> String {
        first.count == second.count ? "tie" : first.count > second.count ? "1" : "2"
    }

    @Test(arguments: ["round_robin", "knockout"], 1...9)
    func `who is best for everyone wins, in as many questions as it takes`(_ form: String, _ count: Int) throws {
        for best in 0..<count {
            let texts = (0..<count).map { String(repeating: "x", count: $0 == best ? 50 : $0 + 1) }
            let (value, asked) = try Self.play(texts, form: form, Self.longer)
            #expect(value["index"]?.intValue == best)
            #expect(value["text"]?.stringValue == texts[best])
            #expect(value["ranking"]?.arrayValue?.count == count)
            #expect(Set(value["ranking"]?.arrayValue?.compactMap(\.intValue) ?? []) == Set(0..<count))
            #expect(asked == (form == "knockout" ? 2 * (count - 1) : count * (count - 1)))
            #expect(value["passed"]?.boolValue == (count > 1))
            #expect(value["ties"] == 0)
        }
    }

    @Test func `a round robin ranks all of them`() throws {
        let (value, _) = try Self.play(["xx", "xxxx", "x", "xxx"], Self.longer)
        #expect(value["ranking"]?.arrayValue?.compactMap(\.intValue) == [1, 3, 0, 2])
        #expect(value["points"]?.arrayValue?.compactMap(\.doubleValue) == [1, 3, 0, 2])
        #expect(value["score"]?.doubleValue == 1)
    }

    @Test(arguments: [("1", [3, 0]), ("2", [0, 3])])
    func `who always prefers a place decides nothing, and is found out`(_ place: String, _ preferred: [Int]) throws {
        let (value, asked) = try Self.play(["a", "b", "c"]) { _, _ in place }
        #expect(asked == 6)
        #expect(value["index"] == 0)
        #expect(value["passed"] == false)
        #expect(value["decided"] == false)
        #expect(value["ties"] == 3)
        #expect(value["inconsistent"] == 3)
        #expect(value["preferred_place"]?.arrayValue?.compactMap(\.intValue) == preferred)
        #expect(
            value["comparisons"]?.arrayValue?.allSatisfy { $0["winner"] == .null && $0["consistent"] == false } == true)
    }

    @Test func `equal texts tie unasked, and ties asked for are consistent`() throws {
        let (equal, asked) = try Self.play(["a", "a"], Self.longer)
        #expect(asked == 0)
        #expect(equal["ties"] == 1)
        #expect(equal["inconsistent"] == 0)
        let (tied, _) = try Self.play(["a", "b"]) { _, _ in "tie" }
        #expect(tied["comparisons"]?.arrayValue?[0]["consistent"] == true)
        #expect(tied["score"]?.doubleValue == 0.5)
    }

    @Test func `a preference in one order and a tie in the other is a tie`() throws {
        let (value, _) = try Self.play(["a", "b"]) { first, _ in first == "a" ? "1" : "tie" }
        #expect(value["ties"] == 1)
        #expect(value["inconsistent"] == 1)
        #expect(value["preferred_place"]?.arrayValue?.compactMap(\.intValue) == [0, 0])
    }

    @Test func `a reply that cannot be read is sent back once, and is no vote then`() throws {
        var game = try JudgingInHand(PairwiseJudge.self, ["first": "a", "second": "b"])
        try game.write("a is better")
        #expect(game.question.contains("not JSON"))
        try game.write("still")
        #expect(game.question.contains("Answer 1:\nb"), "the other order is asked all the same")
        try game.write(#"{"explanation": "", "better": "2"}"#)
        #expect(game.outcome == "undecided")
        #expect(game.value?["comparisons"]?.arrayValue?[0]["votes"] == ["unparsed", 0])
        #expect(game.value?["inconsistent"] == 0)
    }

    @Test func `a budget ends it with what is known`() throws {
        var game = try JudgingInHand(
            PairwiseJudge.self, ["candidates": #"["a", "bb", "ccc"]"#, "tournament": "knockout"])
        for place in ["2", "1"] { try game.write(#"{"explanation": "", "better": "\#(place)"}"#) }
        try game.tell(.limited(exhausted))
        #expect(game.outcome == "undecided")
        #expect(game.value?["index"] == 1)
        #expect(game.value?["ranking"] == [1, 2, 0])
    }

    @Test(arguments: ["", "[]", "{}", "[1]", "a, b"]) func `a list that is none is refused`(_ list: String) {
        #expect(throws: JudgingError.self) {
            try JudgingInHand(PairwiseJudge.self, ["candidates": .string(list)])
        }
    }
}
