import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import StoaVerify
import Testing

@testable import StoaEvaluation

struct RunnerTests {
    @Test
    func `every problem is asked, scored and recorded with its run`() async throws {
        let bench = try Bench()
        let content = try await bench.runner().run(bench.definition(), plan: bench.plan, concurrency: 2)
        #expect(content.items.map(\.isCorrect) == [true, true, false, true, true, false])
        #expect(content.items.map(\.extracted) == ["1.", "2.", "3.", "4.", "5.", "6."])
        #expect(content.record.status == .completed)
        #expect(content.record.answer == "4 of 6 right")
        #expect(content.record.isEvaluation)
        for item in content.items {
            let run = try await bench.journal.run(item.run)
            #expect(run.status == .completed)
            #expect(run.answer == item.answer)
            #expect(item.usage.decodedTokens > 0)
        }
    }

    @Test
    func `results depend neither on how many run at a time nor on who ends first`() async throws {
        func items(_ concurrency: Int, _ seed: UInt64) async throws -> [EvaluationItem] {
            let model = ScriptedModel(concurrency: 64)
            let bench = try Bench(model: model)
            return try await bench.runner().run(
                bench.definition(9, samples: 3, seed: seed), plan: bench.plan, concurrency: concurrency
            ).items
        }
        let (one, eight) = (try await items(1, 5), try await items(8, 5))
        #expect(one == eight)
        #expect(Set(one.compactMap(\.answer)).count == 27, "each try draws for itself")
        #expect(try await items(8, 6).map(\.answer) != one.map(\.answer))
    }

    @Test
    func `a problem's seed is its own, whatever else is asked`() throws {
        let bench = try Bench()
        var few = bench.definition(3)
        few.problems = few.problems.reversed()
        let many = bench.definition(50)
        #expect(few.seed(of: few.problems[0], sample: 1) == many.seed(of: many.problems[2], sample: 1))
        #expect(many.seed(of: many.problems[2], sample: 1) != many.seed(of: many.problems[2], sample: 2))
    }

    @Test
    func `so many run at a time, and no more`() async throws {
        let model = ScriptedModel(concurrency: 64) { _ in .waitThenSay("The answer is 1.") }
        let bench = try Bench(model: model)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await bench.runner().run(bench.definition(10), plan: bench.plan, concurrency: 3)
            }
            await model.waitForGate(3)
            model.openGate()
            try await group.waitForAll()
        }
        #expect(model.mostRunning == 3)
    }

    @Test
    func `a run that fails counts as wrong and is counted, and the others go on`() async throws {
        let bench = try Bench(
            model: Bench.calculator { $0.messages.last?.content.hasPrefix("1 ") == true ? .fail(Nonsense()) : nil })
        let content = try await bench.runner().run(bench.definition(4), plan: bench.plan, concurrency: 2)
        #expect(content.items.map(\.isCorrect) == [true, false, false, true])
        #expect(content.items[1].failure?.contains("nonsense") == true)
        let result = EvaluationResult(RunID("e"), content)
        #expect(result.failed == 1)
        #expect(result.problems == 4)
        #expect(result.accuracy == 0.5)
        #expect(result.document["failed"] == 1)
    }

    @Test
    func `a model that cannot be reached stops the evaluation, which goes on once it can`() async throws {
        let isThere = Guarded(false)
        let bench = try Bench(
            model: Bench.calculator { request in
                let isFourth = request.messages.last?.content.hasPrefix("3 ") == true
                return isFourth && !isThere.withLock { $0 } ? .fail(NobodyThere()) : nil
            })
        let begun = Begun()
        let error = await #expect(throws: (any Error).self) {
            try await bench.runner().run(bench.definition(6), plan: bench.plan, concurrency: 1) { id in
                begun.note(id)
            }
        }
        #expect((error as? any StoaError)?.kind == .unreachable)
        let id = try #require(begun.id)
        #expect(try await bench.journal.run(id).status == .interrupted)
        isThere.withLock { $0 = true }
        let before = bench.model.requests.count
        let content = try await bench.runner().resume(id, plan: bench.plan, concurrency: 1)
        #expect(content.items.map(\.isCorrect) == [true, true, false, true, true, false])
        #expect(content.items.allSatisfy { !$0.isFailed })
        #expect(bench.model.requests.count - before == 3, "what was recorded is not asked again")
    }

    @Test
    func `a finished evaluation gives its result again and asks nobody`() async throws {
        let bench = try Bench()
        let content = try await bench.runner().run(bench.definition(), plan: bench.plan, concurrency: 1)
        let before = bench.model.requests.count
        let again = try await bench.runner().resume(content.record.id, plan: bench.plan, concurrency: 1)
        #expect(again.items == content.items)
        #expect(bench.model.requests.count == before)
    }

    @Test
    func `another model does not go on with an evaluation`() async throws {
        let bench = try Bench(
            model: Bench.calculator { $0.messages.last?.content.hasPrefix("2 ") == true ? .fail(NobodyThere()) : nil })
        let begun = Begun()
        _ = try? await bench.runner().run(bench.definition(), plan: bench.plan, concurrency: 1) { id in
            begun.note(id)
        }
        let id = try #require(begun.id)
        let other = try Bench(journal: bench.journal, model: ScriptedModel(name: "other", fingerprint: "other"))
        let error = await #expect(throws: EvaluationError.self) {
            try await other.runner().resume(id, plan: other.plan, concurrency: 1)
        }
        #expect(error?.message.contains("other") == true)
    }

    @Test
    func `fields named like parameters are parameters, and the answer never is`() async throws {
        let bench = try Bench()
        var definition = bench.definition(2)
        definition.problems[0].fields = ["hint": " (easy)", "level": "3", "answer_key": "1"]
        definition.problems[1].fields = ["level": 4]
        let content = try await bench.runner().run(definition, plan: bench.plan, concurrency: 1)
        let prompts = bench.model.requests.map { $0.messages.last?.content ?? "" }
        #expect(prompts == ["0 plus 1? (easy)", "1 plus 1?"])
        let beginning = try await RunBeginning.of(content.items[0].run, in: bench.journal)
        #expect(JSONValue.object(beginning.parameters) == ["hint": " (easy)", "level": 3, "question": "0 plus 1?"])
    }

    @Test
    func `what cannot be asked is said before anything is`() async throws {
        let bench = try Bench()
        var definition = bench.definition(3)
        definition.problems[2].fields["level"] = "many"
        let error = await #expect(throws: EvaluationError.self) {
            try await bench.runner().run(definition, plan: bench.plan, concurrency: 1)
        }
        #expect(error?.message.contains("'p2'") == true)
        #expect(bench.model.requests.isEmpty)
        #expect(try await bench.journal.runs().isEmpty)
    }

    @Test
    func `a playbook without a question is refused`() throws {
        guard case .object(var document) = Bench.playbook else { return }
        document["parameters"] = [:]
        document["steps"] = [["id": "answer", "say": "solver", "prompt": "What?"]]
        let plan = try Plan(document: .object(document), environment: Bench.environment)
        let error = #expect(throws: EvaluationError.self) { try ProblemParameters(plan: plan, given: [:]) }
        #expect(error?.kind == .usage)
        #expect(throws: EvaluationError.self) {
            try ProblemParameters(
                plan: Plan(document: Bench.playbook, environment: Bench.environment), given: ["question": "x"])
        }
    }

    @Test
    func `it stops as soon as the interval is short enough, wherever the runs are`() async throws {
        func problems(_ concurrency: Int) async throws -> (Int, EvaluationResult) {
            let bench = try Bench()
            var definition = bench.definition(400)
            definition.stopWidth = 0.4
            let content = try await bench.runner().run(definition, plan: bench.plan, concurrency: concurrency)
            return (content.items.count, EvaluationResult(content.record.id, content))
        }
        let (count, result) = try await problems(1)
        #expect(count < 400 && count > 16 && count % EvaluationRunner.problemsPerLook == 0)
        #expect(result.interval.width <= 0.4)
        #expect(result.interval.contains(2.0 / 3))
        #expect(result.document["sequential"]?["reached"] == true)
        #expect(try await problems(7).0 == count)
    }

    @Test
    func `confidence is read where the playbook says, and looked at`() async throws {
        guard case .object(var document) = Bench.playbook else { return }
        document["evaluate"] = ["verifier": "numeric", "confidence": "check.score"]
        document["steps"] = [
            ["id": "answer", "say": "solver", "prompt": "{{ question }}"],
            ["id": "check", "verify": "arithmetic", "text": "{{ answer.text }}"],
        ]
        let bench = try Bench(playbook: .object(document))
        var definition = bench.definition(6)
        definition.scoring = try EvaluationScoring(
            of: bench.plan.document, verifier: nil, known: Bench.environment.verifiers)
        #expect(definition.scoring.verifier == "numeric")
        let content = try await bench.runner().run(definition, plan: bench.plan, concurrency: 1)
        #expect(content.items.map(\.confidence) == Array(repeating: 0.5, count: 6))
        let result = EvaluationResult(content.record.id, content)
        #expect(result.confidenceSource == "stated")
        #expect(abs((result.calibration?.expectedError ?? 0) - 1.0 / 6) < 1e-12)
    }

    @Test
    func `evaluate names known things only`() throws {
        func scoring(_ evaluate: JSONValue, _ verifier: String? = nil) throws -> EvaluationScoring {
            try EvaluationScoring(
                of: ["name": "x", "evaluate": evaluate], verifier: verifier, known: ["equivalent", "numeric"])
        }
        #expect(try scoring([:]).verifier == "equivalent")
        #expect(try scoring(["verifier": "numeric"]).verifier == "numeric")
        #expect(try scoring(["verifier": "numeric"], "equivalent").verifier == "equivalent")
        #expect(throws: EvaluationError.self) { try scoring(["verifier": "wishful"]) }
        #expect(throws: EvaluationError.self) { try scoring([:], "wishful") }
        #expect(throws: EvaluationError.self) { try scoring(["judge": "x"]) }
        #expect(throws: EvaluationError.self) { try scoring(["confidence": "verdict"]) }
    }
}
