import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import StoaVerify
import Testing

@testable import StoaEvaluation

// What the package inspect-ai itself says of such logs is tested by `make interop`.
struct InspectLogTests {
    private func written(_ log: InspectLog, _ bench: Bench) async throws -> JSONValue {
        var text = ""
        try await log.write(reading: bench.journal) { text += $0 }
        return try JSONParser.parse(text)
    }

    @Test
    func `an evaluation is a log with a sample per try`() async throws {
        let bench = try Bench()
        let content = try await bench.runner().run(
            bench.definition(3, samples: 2), plan: bench.plan, concurrency: 2)
        let log = try await written(InspectLog(EvaluationResult(content.record.id, content)), bench)
        #expect(log["version"] == 2)
        #expect(log["status"] == "success")
        #expect(log["eval"]?["task"] == "asking")
        #expect(log["eval"]?["model"] == "stoa/scripted")
        #expect(log["eval"]?["config"]?["epochs"] == 2)
        let samples = try #require(log["samples"]?.arrayValue)
        #expect(samples.map { $0["id"]?.stringValue } == ["p0", "p0", "p1", "p1", "p2", "p2"])
        #expect(samples.map { $0["epoch"]?.intValue } == [1, 2, 1, 2, 1, 2])
        #expect(samples.map { $0["scores"]?["equivalent"]?["value"]?.stringValue } == ["C", "C", "C", "C", "I", "I"])
        #expect(samples[0]["messages"]?.arrayValue?.last?["content"] == "The answer is 1.")
        #expect(samples[0]["events"]?.arrayValue?.map { $0["event"]?.stringValue } == ["model"])
        #expect(samples[0]["output"]?["choices"]?.arrayValue?.count == 1)
    }

    @Test
    func `a run is a log with one sample that nobody scored`() async throws {
        let bench = try Bench()
        let outcome = try await RunDriver(bench.setup).run(
            bench.plan, parameters: bench.plan.checkParameters(["question": "4 plus 1?"]), seed: 1)
        let record = try await bench.journal.run(outcome.run)
        let log = try await written(
            InspectLog(
                record, playbook: bench.plan.document, parameters: ["question": "4 plus 1?"],
                model: bench.model.identity), bench)
        #expect(log["samples"]?.arrayValue?.count == 1)
        #expect(log["samples"]?.arrayValue?.first?["input"] == "4 plus 1?")
        #expect(log["samples"]?.arrayValue?.first?["scores"] == nil)
        #expect(log["samples"]?.arrayValue?.first?["metadata"]?["answer"] == "The answer is 5.")
    }
}
