import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import StoaVerify
import Testing

@testable import StoaEvaluation

struct RescoringTests {
    private func evaluated(_ bench: Bench, _ definition: EvaluationDefinition) async throws -> EvaluationLog.Content {
        try await bench.runner().run(definition, plan: bench.plan, concurrency: 2)
    }

    private func rescoring(_ bench: Bench) -> EvaluationRescoring {
        EvaluationRescoring(
            journal: bench.journal, clock: bench.setup.clock, identifiers: bench.setup.identifiers,
            process: bench.setup.process)
    }

    @Test
    func `recorded answers are scored anew without a run`() async throws {
        let bench = try Bench(model: Bench.calculator { _ in .say("So it is 1, then 2 and 3") })
        let first = try await evaluated(bench, bench.definition(4))
        #expect(first.items.allSatisfy { !$0.isCorrect })
        let calls = bench.model.requests.count
        let runs = try await bench.journal.runs().count
        let again = try await rescoring(bench).rescore(first.record.id, by: NumericVerifier())
        #expect(again.items.map(\.extracted) == Array(repeating: "3", count: 4))
        #expect(again.definition.rescored == first.record.id)
        #expect(again.definition.scoring.verifier == "numeric")
        #expect(again.items.map(\.run) == first.items.map(\.run))
        #expect(again.record.id != first.record.id)
        #expect(bench.model.requests.count == calls)
        #expect(try await bench.journal.runs().count == runs + 1)
        #expect(try await EvaluationLog(first.record.id, in: bench.journal).read().items == first.items)
    }

    @Test
    func `mended answers count, and another question is refused`() async throws {
        let bench = try Bench()
        let first = try await evaluated(bench, bench.definition(3))
        var mended = first.definition.problems
        mended[2].answer = "3"
        let again = try await rescoring(bench).rescore(
            first.record.id, by: EquivalentVerifier(), references: mended)
        #expect(again.items.map(\.isCorrect) == [true, true, true])
        mended[0].question = "Something else?"
        await #expect(throws: EvaluationError.self) {
            try await rescoring(bench).rescore(first.record.id, by: EquivalentVerifier(), references: mended)
        }
    }

    @Test
    func `a run is no evaluation`() async throws {
        let bench = try Bench()
        let content = try await evaluated(bench, bench.definition(1))
        let error = await #expect(throws: EvaluationError.self) {
            try await EvaluationLog(content.items[0].run, in: bench.journal).read()
        }
        #expect(error?.code == .notAnEvaluation)
    }
}

struct ResultTests {
    @Test
    func `the document has what the contract says`() async throws {
        let bench = try Bench()
        let content = try await bench.runner().run(
            bench.definition(6, samples: 2), plan: bench.plan, concurrency: 3)
        let result = EvaluationResult(content.record.id, content, verifier: EquivalentVerifier())
        let document = result.document
        #expect(document["eval"]?.stringValue == content.record.id.rawValue)
        #expect(document["playbook"] == "asking")
        #expect(document["data"] == "problems.jsonl")
        #expect(document["n"] == 6)
        #expect(document["accuracy"]?.doubleValue == 4.0 / 6)
        #expect(document["ci95"]?.arrayValue?.count == 2)
        #expect(document["pass_at_k"]?.doubleValue == 4.0 / 6)
        #expect(document["majority_at_k"]?.doubleValue == 4.0 / 6)
        #expect(
            document["usage"]?.objectValue.map { Array($0.keys) } == [
                "prefill_tokens", "latent_steps", "decoded_tokens", "tool_calls",
            ])
        #expect(document["seconds"] != nil)
        #expect(document["questions_per_second"] != nil)
        let items = try #require(document["items"]?.arrayValue)
        #expect(items.count == 12)
        for item in items {
            #expect(item["id"]?.stringValue != nil)
            #expect(item["answer"]?.stringValue != nil)
            #expect(item["correct"]?.boolValue != nil)
            #expect(item["run"]?.stringValue != nil)
        }
        #expect(document["strata"]?.arrayValue?.first?["field"] == "subject")
        // Tries that agree perfectly are not worth more than one each: the interval is that of six problems.
        #expect(abs(result.interval.lower - WilsonInterval.interval(successes: 4, trials: 6).lower) < 0.05)
    }

    @Test
    func `two evaluations are compared problem by problem`() async throws {
        let bench = try Bench()
        let one = try await bench.runner().run(bench.definition(30), plan: bench.plan, concurrency: 4)
        var better = bench.definition(30)
        better.problems = better.problems.map { problem in
            var problem = problem
            problem.answer = String((Int(problem.id.dropFirst()) ?? 0) + 1)
            return problem
        }
        let two = try await bench.runner().run(better, plan: bench.plan, concurrency: 4)
        let (first, second) = (EvaluationResult(one.record.id, one), EvaluationResult(two.record.id, two))
        let comparison = try EvaluationComparison(first, second)
        #expect(comparison.count == 30)
        #expect(abs(comparison.difference - 1.0 / 3) < 1e-12)
        #expect(comparison.gained.count == 10)
        #expect(comparison.lost.isEmpty)
        #expect(abs(comparison.test.exact - 2.0 / 1024) < 1e-12)
        #expect(comparison.isSignificant)
        #expect(comparison.interval.lower > 0 && comparison.bootstrapInterval.lower > 0)
        let same = try EvaluationComparison(first, first)
        #expect(same.difference == 0)
        #expect(same.test.exact == 1)
        #expect(!same.isSignificant)
        #expect(same.interval.contains(0) && same.interval.width > 0)
        #expect(comparison.document["mcnemar_p"]?.doubleValue == comparison.test.exact)
        for name in ["difference", "ci95", "mcnemar_p", "n"] { #expect(comparison.document[name] != nil) }
    }

    @Test
    func `evaluations that were asked different things are not compared`() async throws {
        let bench = try Bench()
        let one = try await bench.runner().run(bench.definition(3), plan: bench.plan, concurrency: 1)
        var other = bench.definition(3)
        other.problems[1].question = "5 plus 1?"
        let two = try await bench.runner().run(other, plan: bench.plan, concurrency: 1)
        let (first, second) = (EvaluationResult(one.record.id, one), EvaluationResult(two.record.id, two))
        let error = #expect(throws: EvaluationError.self) { try EvaluationComparison(first, second) }
        #expect(error?.code == .notComparable)
        other.problems = [Problem(id: "else", question: "1 plus 1?", answer: "2")]
        let three = try await bench.runner().run(other, plan: bench.plan, concurrency: 1)
        #expect(throws: EvaluationError.self) {
            try EvaluationComparison(first, EvaluationResult(three.record.id, three))
        }
    }
}
