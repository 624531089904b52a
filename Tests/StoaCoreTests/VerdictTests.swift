import StoaCore
import Testing

/// Verdicts as documents.
@Suite struct VerdictTests {
    @Test(arguments: [true, false], [true, false]) func `what was not decided is never accepted`(
        _ isAccepted: Bool, isDecided: Bool
    ) {
        let verdict = Verdict(
            isAccepted: isAccepted, score: 0.5, evidence: "", verifier: "v", isDecided: isDecided)
        #expect(verdict.isAccepted == (isAccepted && isDecided))
        #expect(Verdict(document: verdict.document) == verdict)
    }

    @Test func `a document brings everything back`() {
        var verdict = Verdict(
            isAccepted: true, score: 0.75, granularity: .step, answer: "4", evidence: "e", verifier: "v",
            steps: [.init(number: 1, text: "a", isAccepted: true), .init(number: 2, text: "b", isAccepted: nil)])
        verdict.votes = [.init(verdict), .init(.undecided("?", by: "w"))]
        #expect(Verdict(document: verdict.document) == verdict)
        #expect(verdict.document["votes"]?.arrayValue?.count == 2)
        #expect(verdict.document["steps"]?.arrayValue?.map { $0["passed"] } == [true, .null])
    }

    @Test func `passed and verifier are enough, and less is no verdict`() {
        #expect(Verdict(document: ["passed": true, "verifier": "v"])?.score == 1)
        #expect(Verdict(document: ["passed": false, "verifier": "v"])?.isDecided == true)
        for wrong in [["passed": true], ["verifier": "v"], ["passed": 1, "verifier": "v"], .null, "yes"] as [JSONValue]
        {
            #expect(Verdict(document: wrong) == nil)
        }
    }
}
