import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import Testing

/// A judge's contract: what it is asked, what counts as an answer, what verdict that is.
@Suite struct JudgeTests {
    private static func judge(_ options: JSONValue.Members = ["text": "2+2\nis 4", "reference": "4"]) throws
        -> JudgingInHand
    {
        try JudgingInHand(Judge.self, options)
    }

    @Test func `it is asked greedily, for JSON, about everything there is to know`() throws {
        let judge = try Self.judge()
        let request = try #require(judge.request)
        #expect(request.sampling.temperature == 0)
        #expect(request.stop.isEmpty)
        #expect(request.messages.map(\.role) == [.system, .user])
        for part in ["What is 2+2?", "Reference answer:\n4", "1. 2+2\n2. is 4"] {
            #expect(judge.question.contains(part), "\(judge.question)")
        }
        guard case .schema(let schema)? = request.constraint else {
            Issue.record("no schema")
            return
        }
        let good = try JSONParser.parse(judgement(false, step: 2, type: "algebra"))
        #expect(schema.accepts(good))
        for (key, value) in [
            ("correct", "yes"), ("error_step", 3), ("error_step", 0), ("error_type", "typo"), ("confidence", 1.5),
            ("extracted_answer", .null), ("extra", 1),
        ] as [(String, JSONValue)] {
            var bad = good.objectValue ?? [:]
            bad[key] = value
            #expect(!schema.accepts(.object(bad)), "\(key): \(value)")
        }
        for key in good.objectValue?.keys ?? [] {
            var bad = good.objectValue ?? [:]
            bad[key] = nil
            #expect(!schema.accepts(.object(bad)), "without \(key)")
        }
    }

    @Test func `nobody is told of a reference that nobody has`() throws {
        #expect(!(try Self.judge(["text": "4", "reference": ""])).question.contains("Reference"))
        #expect(try Self.judge(["text": "4", "instructions": "Mind the units."]).question.contains("Mind the units."))
    }

    @Test(arguments: [(true, 1.0, 1.0), (true, 0.5, 0.75), (true, 0, 0.5), (false, 0, 0.5), (false, 1, 0)])
    func `the score tells how sure it is, and never contradicts the verdict`(
        _ isCorrect: Bool, _ confidence: Double, _ score: Double
    ) throws {
        var judge = try Self.judge()
        try judge.write(judgement(isCorrect, confidence: confidence))
        #expect(judge.outcome == (isCorrect ? "accepted" : "refused"))
        #expect(judge.value?["score"]?.doubleValue == score)
        #expect(judge.value?["verifier"] == "judge")
        #expect(judge.value?["answer"] == "4")
        #expect(judge.value?["text"] == "2+2\nis 4")
        #expect(judge.value?["judgement"]?["confidence"]?.doubleValue == confidence)
        #expect(judge.value?["unparsed"] == false)
    }

    @Test func `the wrong step makes a list of steps, of which those behind it are not judged`() throws {
        var judge = try Self.judge(["text": "a\n\n b \nc\nd"])
        try judge.write(judgement(false, step: 3, type: "concept"))
        let value = try #require(judge.value)
        #expect(value["granularity"] == "step")
        #expect(value["evidence"] == "concept: because")
        let steps = value["steps"]?.arrayValue ?? []
        #expect(steps.map { $0["text"]?.stringValue } == ["a", "b", "c", "d"])
        #expect(steps.map { $0["passed"] } == [true, true, false, .null])
        #expect(Verdict(document: value)?.steps.map(\.isAccepted) == [true, true, false, nil])
    }

    @Test func `steps are not numbered where that is not wanted, and then none is wrong`() throws {
        for options: JSONValue.Members in [["text": "a\nb", "steps": false], ["text": "a"]] {
            var judge = try Self.judge(options)
            try judge.write(judgement(true, step: 1))
            #expect(judge.question.contains("not the JSON that"), "there is no step 1")
        }
    }

    @Test(arguments: [
        ("yes", "not JSON"), ("{\"correct\": true}", "explanation"), ("```json\n\(judgement(true))\n```", "not JSON"),
        (judgement(true) + " I think", "not JSON"), ("", "not JSON"),
        (judgement(true).replacing("0.9", with: "9"), "reply.confidence: expected at most 1, found"),
    ])
    func `what is no such JSON is sent back once, with what is wrong`(_ reply: String, problem: String) throws {
        var judge = try Self.judge()
        try judge.write(reply)
        #expect(judge.question.contains(problem), "\(judge.question)")
        #expect(judge.request?.messages.map(\.role) == [.system, .user, .assistant, .user])
        #expect(judge.request?.messages[2].content == reply)
        var mended = judge
        try mended.write(judgement(true))
        #expect(mended.outcome == "accepted")
        #expect(mended.value?["repairs"] == 1)
        try judge.write(reply)
        #expect(judge.outcome == "undecided")
        #expect(judge.value?["passed"] == false)
        #expect(judge.value?["score"]?.doubleValue == 0)
        #expect(judge.value?["unparsed"] == true)
        #expect(judge.value?["judgement"] == .null)
    }

    @Test func `a reply that a budget cut is not asked for again, and a budget decides nothing`() throws {
        var judge = try Self.judge()
        try judge.write("{\"expl", .limit)
        #expect(judge.outcome == "undecided")
        judge = try Self.judge()
        try judge.tell(.limited(exhausted))
        #expect(judge.outcome == "undecided")
        #expect(judge.value?["evidence"] == "the run's budget of turns is used up")
    }
}
