import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Steps that train.
@Suite struct TrainTests {
    static let parameters: JSONValue.Members = ["question": "why"]

    /// Attempts, preferences among them, and a training in each of two rounds.
    static func plan(_ more: JSONValue.Members = [:], timeout: String? = nil) throws -> Plan {
        var train: JSONValue.Members = [
            "id": "update", "train": "solver", "loss": "dpo", "beta": "0.1 * 2", "rank": "{{ 4 + round }}",
            "from": "{{ update.adapter if round > 0 else '' }}",
            "reference": "{{ update.adapter if round > 0 else '' }}",
            "batch": 1, "epochs": 2, "targets": "{{ ['q_proj', 'v_proj'] }}",
            "on":
                """
            [{'chosen': {'sample': tries[0].sample}, 'rejected': {'sample': tries[1].sample}, 'id': 7},
             {'prompt': 'p', 'chosen': 'yes', 'rejected': {'sample': tries[2].sample}, 'weight': 0.5},
             {'messages': [{'role': 'user', 'content': 'm'}], 'chosen': 'a', 'rejected': 'b'}]
            """,
        ]
        if let timeout { train["timeout"] = .string(timeout) }
        train.merge(more) { $1 }
        return try Scene.plan(
            steps: [
                [
                    "id": "rounds", "max": 2,
                    "repeat": [
                        [
                            "id": "tries", "for_each": "range(3)", "as": "i", "parallel": true,
                            "do": [
                                [
                                    "id": "attempt", "say": "solver", "prompt": "{{ i }} {{ round }}", "sample": true,
                                    "adapter": "{{ update.adapter if round > 0 else '' }}",
                                ]
                            ],
                        ], .object(train),
                    ],
                ]
            ], output: "{{ update.adapter }} {{ update.steps }} {{ update.examples }}")
    }

    @Test func `what is asked of a trainer is what the playbook says, in tokens of the record`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(try Self.plan(), parameters: Self.parameters, seed: 5)
        #expect(outcome.status == .completed, "\(String(describing: outcome.failure))")
        let trainer = try #require(scene.trainer)
        #expect(trainer.requests.count == 2)
        let (first, second) = (trainer.requests[0], trainer.requests[1])
        #expect(first.start == nil && first.reference == nil)
        let adapter = ScriptedTrainer.reply(to: first).adapter
        #expect(second.start == adapter && second.reference == adapter)
        #expect(first.settings.rank == 4 && second.settings.rank == 5)
        #expect(first.settings.options == ["beta": .number(0.2)])
        #expect(first.settings.targets == ["q_proj", "v_proj"])
        #expect(first.settings.batch == 1 && first.settings.epochs == 2 && first.settings.learningRate == 2e-4)
        #expect(first.seed != second.seed)
        #expect(first.seed.description == "5/update/0/solver/0/0")
        #expect(first.examples.count == 3)
        #expect(first.examples.map(\.weight) == [1, 0.5, 1])
        // The tokens are those that the model read and wrote.
        let calls = scene.model.requests.filter { $0.adapter == nil }
        let replies = calls.map { request in
            (seed: request.seed.description, text: ScriptedModel.words(request))
        }
        func tokens(_ index: Int) -> TrainingText {
            let text = replies.first { $0.seed.contains("/0/\(index)/solver/") }?.text ?? ""
            func ids(_ text: String) -> [TokenID] { text.unicodeScalars.map { TokenID(Int32($0.value)) } }
            return .tokens(prompt: ids("You solve.\(index) 0"), completion: ids(text))
        }
        #expect(first.examples[0].chosen == tokens(0))
        #expect(first.examples[0].rejected == tokens(1))
        #expect(
            first.examples[1].chosen
                == .words(messages: [ChatMessage(.system, "You solve."), ChatMessage(.user, "p")], completion: "yes"))
        #expect(first.examples[1].rejected == tokens(2))
        #expect(first.examples[2].chosen == .words(messages: [ChatMessage(.user, "m")], completion: "a"))
        // The second round answers with what the first one learned.
        #expect(scene.model.requests.filter { $0.adapter == adapter }.count == 3)
        #expect(outcome.answer == "\(ScriptedTrainer.reply(to: second).adapter) 6 3")
    }

    @Test func `the value says what came of it, and the journal keeps lists elsewhere`() async throws {
        var scene = Scene()
        let losses = (0..<25).map { 2 - Double($0) * 0.05 }
        let adapter = AdapterTests.first
        scene.trainer = ScriptedTrainer { _ in
            .reply(
                TrainingReply(
                    adapter: adapter, losses: losses, figures: ["margin": 0.25, "accuracy": .nan], tokens: 900,
                    scoredTokens: 300, leftOut: 1))
        }
        let plan = try Scene.plan(
            steps: [["id": "t", "train": "solver", "on": "[{'prompt': 'p', 'completion': 'c'}]"]],
            output: "{{ t.adapter }}")
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        let posted = try #require(try await scene.payload("t@solver#0.0/message_posted", of: outcome.run))
        let value = try #require(posted["content"])
        #expect(value["adapter"] == .string(adapter.description) && value["agent"] == "solver")
        #expect(value["steps"] == 25 && value["examples"] == 1 && value["left_out"] == 1)
        #expect(value["tokens"] == 900 && value["scored_tokens"] == 300)
        #expect(value["first_loss"]?.doubleValue == 2)
        // The last tenth of 25 steps are three.
        #expect(value["loss"]?.doubleValue == (losses[22] + losses[23] + losses[24]) / 3)
        #expect(value["losses"]?.arrayValue?.count == 25)
        #expect(value["figures"]?["margin"]?.doubleValue == 0.25)
        #expect(value["figures"]?["accuracy"] == .null, "JSON has no word for it")
        let intent = try #require(try await scene.payload("t@solver#0.0/effect_intended", of: outcome.run))
        #expect(intent["effect"] == "train" && intent["count"] == 1 && intent["model"] == "default")
        #expect(intent["examples"]?["form"] == "json")
        #expect(intent["settings"]?["loss"] == "sft")
        let result = try #require(try await scene.payload("t@solver#0.0/effect_completed", of: outcome.run))
        #expect(result["losses"]?["form"] == "json")
        for mode in [ReplayMode.strict, .recompute] {
            #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: mode).isIdentical)
        }
    }

    @Test func `without examples nothing is trained, and the adapter stays what it was`() async throws {
        let scene = Scene()
        let plan = try Scene.plan(
            steps: [
                ["id": "t", "train": "solver", "on": "[]", "from": .string(AdapterTests.first.description)],
                ["id": "u", "train": "solver", "on": "t.losses"],
            ], output: "{{ t.adapter }} {{ t.steps }} {{ t.loss }} [{{ u.adapter }}]")
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(outcome.answer == "\(AdapterTests.first) 0 None []")
        #expect(scene.trainer?.requests.isEmpty == true)
        let record = try await scene.record(of: outcome.run)
        #expect(!record.contains { $0.key.kind == .effectIntended })
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `observers hear of every step, and of nothing in a replay`() async throws {
        let observer = RecordingObserver()
        var scene = Scene()
        scene.observer = observer
        let plan = try Self.plan()
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 5)
        func trainings() -> [TrainingProgress] {
            observer.updates.compactMap { if case .training(let progress) = $0.change { progress } else { nil } }
        }
        #expect(trainings().map(\.step) == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6])
        #expect(trainings().allSatisfy { $0.steps == 6 })
        let begun = observer.updates.filter {
            if case .working(let activity) = $0.change { activity == "train" } else { false }
        }
        #expect(begun.map(\.effect?.description) == ["update[0]@solver#0.0", "update[1]@solver#0.0"])
        _ = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
        #expect(trainings().count == 12)
        var told: [String] = []
        try await Trace(of: outcome.run, in: scene.journal).forEach { _, updates in
            for update in updates where update.effect?.node == "update" {
                switch update.change {
                case .working(let activity): told.append(activity)
                case .worked: told.append("worked")
                default: break
                }
            }
        }
        #expect(told == ["train", "worked", "train", "worked"])
    }

    // MARK: - Going on

    @Test func `death at every boundary of a training repeats none that is recorded`() async throws {
        let plan = try Self.plan()
        let whole = Scene()
        let uninterrupted = try await whole.driver.run(plan, parameters: Self.parameters, seed: 5)
        let record = try await whole.record(of: uninterrupted.run)
        var deaths = 0
        for appends in 1... {
            let inner = InMemoryJournal()
            var scene = Scene()
            scene.journal = CrashingJournal(inner, after: appends)
            let outcome = try? await scene.driver.run(plan, parameters: Self.parameters, seed: 5)
            let run = try #require(try await inner.runs().first?.id)
            if outcome?.status == .completed { break }
            deaths += 1
            let done = try await inner.events(in: run, after: 0, limit: .max).count {
                $0.event.key.kind == .effectCompleted && $0.event.key.effect.node == "update"
            }
            var later = Scene()
            later.journal = inner
            let resumed = try await later.driver.resume(run, plan: plan)
            #expect(resumed.answer == uninterrupted.answer, "after \(appends) appends")
            #expect(try await later.record(of: run) == record, "after \(appends) appends")
            #expect(later.trainer?.requests.count == 2 - done, "after \(appends) appends")
            #expect(try await later.driver.replay(run, plan: plan, mode: .recompute).isIdentical)
        }
        #expect(deaths > 12)
    }

    @Test func `a training that is cancelled in flight is run again from the same request`() async throws {
        let plan = try Self.plan()
        var scene = Scene()
        let trainer = ScriptedTrainer { _ in .waitThenTrain }
        scene.trainer = trainer
        let driver = scene.driver
        let stopped = try await withThrowingTaskGroup(of: RunOutcome?.self) { group in
            group.addTask { try await driver.run(plan, parameters: Self.parameters, seed: 5) }
            await trainer.waitForGate()
            group.cancelAll()
            return try await group.next() ?? nil
        }
        let interrupted = try #require(stopped)
        #expect(interrupted.status == .interrupted)
        var later = Scene()
        later.journal = scene.journal
        let resumed = try await later.driver.resume(interrupted.run, plan: plan)
        #expect(resumed.status == .completed)
        #expect(later.trainer?.requests.first == trainer.requests.first)
        let whole = Scene()
        let uninterrupted = try await whole.driver.run(plan, parameters: Self.parameters, seed: 5)
        #expect(resumed.answer == uninterrupted.answer)
        #expect(try await later.record(of: interrupted.run) == whole.record(of: uninterrupted.run))
    }

    @Test(arguments: [ReplayMode.strict, .recompute])
    func `a replay is identical, and only recompute trains again`(mode: ReplayMode) async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 5)
        let beginning = try await RunBeginning.of(outcome.run, in: scene.journal)
        var fresh = Scene()
        fresh.journal = scene.journal
        let report = try await fresh.driver.replay(outcome.run, plan: Scene.plan(beginning.playbook), mode: mode)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        #expect(fresh.trainer?.requests == (mode == .strict ? [] : scene.trainer?.requests))
    }

    @Test func `recompute finds another adapter by its digest, and another loss by its place`() async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 5)
        func replayed(_ change: @escaping @Sendable (inout TrainingReply) -> Void) async throws -> ReplayReport {
            var changed = scene
            changed.trainer = ScriptedTrainer { request in
                var reply = ScriptedTrainer.reply(to: request)
                if request.start != nil { change(&reply) }
                return .reply(reply)
            }
            return try await changed.driver.replay(outcome.run, plan: plan, mode: .recompute)
        }
        let other = try #require(try await replayed { $0.adapter = AdapterTests.second }.firstDivergence)
        #expect(other.path == "update[1]@solver#0.0/effect_completed: adapter")
        #expect(other.replayed == .string(AdapterTests.second.description))
        let loss = try #require(try await replayed { $0.losses[4] = $0.losses[4].nextUp }.firstDivergence)
        #expect(loss.path == "update[1]@solver#0.0/effect_completed: losses[4]")
        #expect(try await replayed { _ in }.isIdentical)
    }

    @Test func `a branch shares what its parent trained, and trains what comes after`() async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let parent = try await scene.driver.run(plan, parameters: Self.parameters, seed: 5)
        let record = try await scene.steps(of: parent.run)
        let last = try await scene.journal.lastSequence(in: parent.run)
        for place in 2...last {
            var branching = scene
            branching.trainer = ScriptedTrainer()
            let branch = try await branching.driver.fork(
                parent.run, at: place, plan: plan, parameters: Self.parameters)
            #expect(branch.answer == parent.answer, "at \(place)")
            let found = try await scene.steps(of: branch.run).filter {
                $0.key.kind != .effectIntended || $0.key.ordinal == 0
            }
            #expect(found == record, "at \(place)")
            for (index, round) in ["update[0]@solver#0.0", "update[1]@solver#0.0"].enumerated() {
                let done = try #require(try await scene.sequence(of: "\(round)/effect_completed", in: parent.run))
                let isTrained = branching.trainer?.requests.contains {
                    $0.seed.description.hasPrefix("5/update/\(index)/")
                }
                #expect(isTrained == (done > place), "at \(place)")
            }
        }
    }

    // MARK: - What is refused

    @Test(
        arguments: [
            ("question", "t.on: expected a list of examples, found the text \"why\""),
            ("[5]", "t.on: element 0: expected a mapping, found the number 5"),
            (
                "[{'chosen': 'a', 'rejected': 'b', 'prompt': 'p'}]",
                "t.on: element 0: the loss 'sft' compares nothing, found 'chosen' or 'rejected'"
            ),
            (
                "[{'prompt': 'p', 'completion': 'c'}, {'completion': 'c'}]",
                "t.on: element 1: expected a 'prompt', or 'messages' with at least one in it"
            ),
            (
                "[{'prompt': 'p', 'id': 3}]",
                "t.on: element 0: expected 'sample', or 'completion' behind 'messages' or 'prompt', found id, prompt"
            ),
            (
                "[{'messages': ['hi'], 'completion': 'c'}]",
                "t.on: element 0: expected messages of {role, content}, found the text \"hi\""
            ),
            (
                "[{'prompt': 'p', 'completion': 'c', 'weight': -1}]",
                "t.on: element 0: expected a weight of at least 0, found the number -1"
            ),
            (
                "[{'sample': 'nonsense'}]",
                "t.on: element 0: expected 'sample' to name a call, found the text \"nonsense\""
            ),
            ("[{'sample': 'a@solver#0.0'}]", "sample a@solver#0.0 is no call of this run"),
            ("[{'sample': 'c@tools#0.0'}]", "sample c@tools#0.0 is no call in which a model said something"),
            ("[{'sample': 'i@solver#0.0'}]", "sample i@solver#0.0 is no call in which a model said something"),
            (
                "[{'sample': 'o@other#0.0'}]",
                "sample o@other#0.0 was said by the model second, and its tokens mean nothing to the model default"
            ),
        ])
    func `examples that are none fail the step, and the error names them`(on: String, message: String) async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "c", "call": "calculator", "arguments": .emptyObject],
                ["id": "i", "think": "solver", "latent_steps": 1], ["id": "o", "say": "other", "sample": true],
                ["id": "t", "train": "solver", "on": .string(on)],
            ],
            agents: ["solver": ["prompt": "x"], "other": ["model": "second", "prompt": "x"]],
            models: ["second": ["use": "b"]])
        var scene = Scene()
        scene.otherModels = ["second": ScriptedModel(fingerprint: "b")]
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(outcome.status == .failed)
        #expect(outcome.failure?.message == message)
        #expect(scene.trainer?.requests.isEmpty == true)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `preferences are asked for by losses that compare`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "t", "train": "solver", "loss": "ipo", "on": "[{'prompt': 'p', 'completion': 'c'}]"]])
        let outcome = try await Scene().driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(
            outcome.failure?.message
                == "t.on: element 0: the loss 'ipo' compares, expected 'chosen' and 'rejected', found neither")
        let error = #expect(throws: PlanProblems.self) {
            try Scene.plan(steps: [["id": "t", "train": "solver", "on": "[]", "beta": 0.1, "reference": "x"]])
        }
        #expect(error?.problems.count == 2)
    }

    @Test func `a model without a trainer is refused before the run, where it is certain that it is trained`()
        async throws
    {
        var scene = Scene()
        scene.trainer = nil
        let step: JSONValue = ["id": "t", "train": "solver", "on": "[{'prompt': 'p', 'completion': 'c'}]"]
        let certain = try Scene.plan(
            steps: [["id": "r", "max": 1, "repeat": [["id": "p", "parallel": [step]]]]])
        #expect(certain.trainedModels == ["default"])
        let driver = scene.driver
        let error = await #expect(throws: EffectFailure.self) {
            try await driver.run(certain, parameters: Self.parameters, seed: 1)
        }
        #expect(error?.message == "model default: a step trains it, and there is no trainer for it")
        #expect(try await scene.journal.runs().isEmpty)
        var guarded = step.objectValue ?? [:]
        guarded["when"] = "question == 'train'"
        let perhaps = try Scene.plan(steps: [.object(guarded)])
        #expect(perhaps.trainedModels == ["default"])
        #expect(try await driver.run(perhaps, parameters: Self.parameters, seed: 1).status == .completed)
        let tried = try await driver.run(perhaps, parameters: ["question": "train"], seed: 1)
        #expect(tried.failure?.message == error?.message)
    }

    @Test func `a failure of the trainer is the run's, and time limits hold`() async throws {
        let step: JSONValue = ["id": "t", "train": "solver", "on": "[{'prompt': 'p', 'completion': 'c'}]"]
        var scene = Scene()
        scene.trainer = ScriptedTrainer { _ in .fail(Unreachable()) }
        let failed = try await scene.driver.run(try Scene.plan(steps: [step]), parameters: Self.parameters, seed: 1)
        #expect(failed.failure?.message == "nobody there")

        let clock = scene.clock
        scene.trainer = ScriptedTrainer { _ in
            clock.advance(by: .seconds(50))
            return .train
        }
        var again = step.objectValue ?? [:]
        again["id"] = "u"
        let limited = try Scene.plan(
            steps: [step, .object(again)], output: "{{ t.steps }}", budget: ["wall_time": "10s"])
        let outcome = try await scene.driver.run(limited, parameters: Self.parameters, seed: 1)
        #expect(outcome.status == .limit && outcome.limit?.limit == "wall_time")
        #expect(outcome.answer == "1")
        #expect(scene.trainer?.requests.count == 1)
        #expect(outcome.spending.workingTime == .seconds(50))
        #expect(outcome.agents.map(\.agent) == ["solver"])
        #expect(try await scene.driver.replay(outcome.run, plan: limited, mode: .strict).isIdentical)
    }
}
