import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Steps that follow a method: many effects in one piece of work.
@Suite struct MethodTests {
    private static let step: JSONValue = [
        "id": "found", "method": "wandering", "agent": "solver",
        "options": ["steps": 3, "hint": "about {{ first.text }}", "judge": "last_word"],
    ]

    private static func plan(_ step: JSONValue = step, budget: JSONValue? = nil) throws -> Plan {
        try Scene.plan(
            steps: [
                ["id": "first", "say": "critic"], step, ["id": "last", "say": "solver", "prompt": "{{ found.text }}"],
            ], output: "{{ found.end }} {{ found.heard }} {{ last.text }}", budget: budget)
    }

    @Test func `a method has its options, and every call is an effect with a turn of its own`() async throws {
        let step: JSONValue = [
            "id": "found", "method": "wandering", "agent": "solver", "prompt": "P {{ question }}", "max_tokens": 9,
            "options": [
                "steps": "{{ 1 + 1 }}", "hint": "h {{ first.agent }}", "by": "{{ 'far' }}", "scale": "1 / 4",
                "loud": "question == 'why'", "label": "{{ raw }}",
            ],
        ]
        let scene = Scene()
        let plan = try Self.plan(step)
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 2)
        #expect(outcome.status == .completed)
        let record = try await scene.record(of: outcome.run)
        let posted = try #require(record.first { $0.key.description == "found@solver#0.0/message_posted" })
        let content = try #require(posted.payload["content"])
        let options: JSONValue = [
            "steps": 2, "by": "far", "scale": 0.25, "loud": true, "label": "{{ raw }}", "hint": "h critic",
        ]
        #expect(content["options"]?.canonicalText == options.canonicalText)
        #expect(content["prompt"] == "P why")
        #expect(content["agent"] == "solver")
        #expect(content["end"] == "done")
        let effects = record.filter { $0.key.kind == .effectIntended && $0.key.effect.node == "found" }
        #expect(effects.map(\.key.effect.turn) == [0, 1, 2, 3, 4, 5])
        #expect(effects.map { $0.payload["effect"] } == ["seek", "model", "seek", "model", "seek", "model"])
        #expect(
            effects.map { $0.payload["seeking"]?["rewards"]?.canonicalText } == [
                "[]", nil, "[-1]", nil, "[-1,-0.5]", nil,
            ])
        #expect(Set(effects.filter { $0.payload["effect"] == "seek" }.map { $0.payload["seed"] }).count == 1)
        #expect(Set(effects.map { $0.payload["seed"] }).count == 4)
        let completed = record.filter { $0.key.kind == .effectCompleted && $0.key.effect.node == "found" }
        #expect(completed.map { $0.payload["effect"] } == ["seek", "model", "seek", "model", "seek", "model"])
        let tokens = completed.reduce(0) { $0 + ($1.payload["usage"]?["decoded_tokens"]?.intValue ?? 0) }
        #expect(content["tokens"]?.intValue == tokens)
        #expect(scene.model.requests.allSatisfy { $0.maximumTokens == 9 || $0.maximumTokens == 256 })
    }

    @Test func `death at every boundary of a method costs no effect twice`() async throws {
        let plan = try Self.plan()
        let whole = Scene()
        let uninterrupted = try await whole.driver.run(plan, parameters: ["question": "why"], seed: 11)
        let record = try await whole.record(of: uninterrupted.run)
        #expect(uninterrupted.answer?.hasPrefix("w") == true)
        var deaths = 0
        for appends in 1... {
            let inner = InMemoryJournal()
            var scene = Scene()
            scene.journal = CrashingJournal(inner, after: appends)
            let outcome = try? await scene.driver.run(plan, parameters: ["question": "why"], seed: 11)
            let run = try #require(try await inner.runs().first?.id)
            if outcome?.status == .completed { break }
            deaths += 1
            let done = try await inner.events(in: run, after: 0, limit: .max)
                .count { $0.event.key.kind == .effectCompleted }
            var later = Scene()
            later.journal = inner
            let resumed = try await later.driver.resume(run, plan: plan)
            #expect(resumed.answer == uninterrupted.answer, "after \(appends) appends")
            #expect(try await later.record(of: run) == record, "after \(appends) appends")
            #expect(later.model.requests.count == whole.model.requests.count - done)
            #expect(resumed.spending == uninterrupted.spending)
        }
        #expect(deaths > 12)
    }

    @Test(arguments: [ReplayMode.strict, .recompute])
    func `a replay is identical, and recompute asks everything again`(_ mode: ReplayMode) async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        var fresh = Scene()
        fresh.journal = scene.journal
        let report = try await fresh.driver.replay(outcome.run, plan: plan, mode: mode)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        #expect(fresh.model.requests.count == (mode == .strict ? 0 : scene.model.requests.count))
        var changed = scene
        changed.model = ScriptedModel { request in
            request.messages.last?.content == "sought -1.0" ? .say("elsewhere") : nil
        }
        let other = try await changed.driver.replay(outcome.run, plan: plan, mode: mode)
        #expect(other.isIdentical == (mode == .strict))
        if mode == .recompute {
            #expect(other.firstDivergence?.path.hasPrefix("found@solver#0.2/effect_completed: tokens") == true)
        }
    }

    @Test func `a branch of a run begins in the middle of a method`() async throws {
        let plan = try Self.plan()
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 3)
        let calls = scene.model.requests.count
        let middle = try #require(try await scene.sequence(of: "found@solver#0.3/effect_completed", in: outcome.run))
        let fork = try await scene.driver.fork(
            outcome.run, at: middle, plan: plan, parameters: ["question": "why"])
        #expect(fork.answer == outcome.answer)
        // First, two searches and two questions are shared.
        #expect(scene.model.requests.count - calls == calls - 5)
        #expect(try await scene.steps(of: fork.run) == scene.steps(of: outcome.run))
    }

    @Test func `a budget that ends inside a method lets it finish with what it has`() async throws {
        for (budget, limit) in [
            (["turns": 4], "turns"), (["decoded_tokens": 60], "decoded_tokens"), (["tokens": 200], "tokens"),
        ] as [(JSONValue, String)] {
            let step: JSONValue = [
                "id": "found", "method": "wandering", "agent": "solver", "max_tokens": 12, "budget": budget,
                "options": ["steps": 20],
            ]
            let plan = try Self.plan(step)
            let scene = Scene()
            let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 5)
            #expect(outcome.status == .completed)
            #expect(outcome.answer?.hasPrefix("limit \(limit)") == true, "\(outcome.answer ?? "")")
            let record = try await scene.record(of: outcome.run)
            let spent = record.filter { $0.key.kind == .effectCompleted && $0.key.effect.node == "found" }
                .reduce(Usage.zero) { $0 + Usage(document: $1.payload["usage"] ?? .emptyObject) }
            if limit == "decoded_tokens" { #expect(spent.decodedTokens <= 60) }
            #expect(scene.model.requests.count > 3)
            let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
            #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        }
        // Nothing at all left before it begins: as with any step.
        let none = try await Scene().driver.run(
            Self.plan(budget: ["turns": 1]), parameters: ["question": "why"], seed: 5)
        #expect(none.status == .limit)
    }

    @Test func `a method that asks on beyond its budget fails, and says which`() async throws {
        let step: JSONValue = [
            "id": "found", "method": "wandering", "agent": "solver", "budget": ["turns": 2],
            "options": ["steps": 9, "label": "stubborn"],
        ]
        let outcome = try await Scene().driver.run(Self.plan(step), parameters: ["question": "why"], seed: 5)
        #expect(outcome.status == .failed)
        #expect(
            outcome.failure?.message
                == "method wandering: expected it to finish at the end of its budget, it asked again")
    }

    @Test func `time that runs out inside a method lets it finish, and a replay too`() async throws {
        var scene = Scene()
        let clock = scene.clock
        scene.model = ScriptedModel { _ in
            clock.advance(by: .seconds(10))
            return nil
        }
        let plan = try Self.plan(budget: ["wall_time": "45s"])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 5)
        // The step after it has no time at all.
        #expect(outcome.status == .limit)
        #expect(outcome.limit?.limit == "wall_time")
        let posted = try await scene.record(of: outcome.run).first {
            $0.key.description == "found@solver#0.0/message_posted"
        }
        #expect(posted?.payload["content"]?["end"] == "limit wall_time")
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `a failure inside a method may be repeated with the whole of it`() async throws {
        var agents = Scene.agents.objectValue ?? [:]
        agents["solver"] = ["role": "solver", "prompt": "Q: {{ question }}", "restarts": 1]
        let failures = Guarded(1)
        var scene = Scene()
        scene.model = ScriptedModel { request in
            guard request.messages.last?.content == "sought -0.5" else { return nil }
            let isFirst = failures.withLock { left in
                left -= 1
                return left == 0
            }
            return isFirst ? .fail(Unreachable()) : nil
        }
        let plan = try Scene.plan(steps: [Self.bare], output: "{{ found.end }}", agents: .object(agents))
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 5)
        #expect(outcome.answer == "done")
        #expect(scene.model.requests.count == 5 + 6)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    private static let bare: JSONValue = ["id": "found", "method": "wandering", "agent": "solver"]

    @Test func `a model that cannot move its states is told apart from a broken run`() async throws {
        let scene = Scene()
        var setup = scene.setup
        setup.models = ["default": WordsOnly(scene.model)]
        let plan = try Scene.plan(steps: [Self.bare], output: "{{ found.text }}")
        let outcome = try await RunDriver(setup).run(plan, parameters: ["question": "why"], seed: 5)
        #expect(outcome.status == .failed)
        #expect(outcome.failure?.message == "model default (scripted) cannot move its hidden states")
    }

    @Test func `an agent keeps what it found in its conversation`() async throws {
        var agents = Scene.agents.objectValue ?? [:]
        agents["solver"] = ["role": "solver", "prompt": "Q", "memory": "conversation"]
        let plan = try Scene.plan(
            steps: [Self.bare, ["id": "again", "say": "solver", "prompt": "And?"]], output: "{{ found.text }}",
            agents: .object(agents))
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 5)
        #expect(scene.model.requests.last?.messages.map(\.content) == ["Q", outcome.answer ?? "", "And?"])
    }

    @Test(
        arguments: [
            (
                ["method": "wanderin", "agent": "solver"], "steps[0].method", "there is no method \"wanderin\"",
                "did you mean 'wandering'?"
            ),
            (
                ["method": "wandering", "agent": "solver", "options": ["stepz": 1]], "steps[0].options.stepz",
                "method 'wandering' has no key \"stepz\"", "did you mean 'steps'?"
            ),
            (
                ["method": "wandering", "agent": "solver", "options": ["by": "neer"]], "steps[0].options.by",
                "'by' must be one of near, far, found the text \"neer\"", "did you mean 'near'?"
            ),
            (
                ["method": "wandering", "agent": "solver", "options": ["judge": "last"]], "steps[0].options.judge",
                "there is no verifier \"last\"", nil
            ),
            (
                ["method": "wandering", "agent": "solver", "options": ["hint": "{{ nobody }}"]],
                "steps[0].options.hint", "'hint' reads 'nobody', which is no parameter and no step", nil
            ),
            (
                ["method": "wandering", "agent": "solver", "options": ["loud": true]], "steps[0].options.loud",
                "a loud one needs a 'label'", "add label"
            ),
            (
                ["method": "wandering", "agent": "solver", "options": [1]], "steps[0].options",
                "'options' must be a mapping, found a list", nil
            ),
            (["method": "wandering"], "steps[0]", "a 'method' step needs 'agent': the agent that follows it", nil),
        ] as [(JSONValue, String, String, String?)])
    func `what is wrong with a method is found where it stands`(
        _ step: JSONValue, path: String, message: String, suggestion: String?
    ) throws {
        var members = step.objectValue ?? [:]
        members["id"] = "found"
        let error = #expect(throws: PlanProblems.self) { try Scene.plan(steps: [.object(members)], output: "") }
        let problem = try #require(error?.problems.first)
        #expect(problem.path.description == path)
        #expect(problem.message == message)
        if let suggestion { #expect(problem.suggestion == suggestion) }
        #expect(error?.problems.count == 1)
    }
}

/// A model that only speaks.
private struct WordsOnly: LanguageModel {
    let inner: ScriptedModel
    var identity: ModelIdentity { inner.identity }
    var concurrency: Int { inner.concurrency }
    init(_ inner: ScriptedModel) { self.inner = inner }
    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply { try await inner.complete(request, progress: progress) }
}
