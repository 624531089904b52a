import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Methods that have tools called.
@Suite struct MethodCallTests {
    private static func step(_ codes: String, keeps: Bool = true, asks: Bool = false) -> JSONValue {
        [
            "id": "work", "method": "calling", "agent": "solver",
            "options": ["codes": .string(codes), "keeps": .bool(keeps), "asks": .bool(asks)],
        ]
    }

    private static func plan(
        _ codes: String, keeps: Bool = true, asks: Bool = false, budget: JSONValue = .emptyObject,
        approval: JSONValue = "auto", idempotent: Bool = true, isShared: Bool = false
    ) throws -> Plan {
        try ToolScene.plan(
            [step(codes, keeps: keeps, asks: asks)], output: "{{ work.text }}", budget: budget, approval: approval,
            idempotent: idempotent, isShared: isShared)
    }

    @Test(arguments: [true, false]) func `calls that keep a state have one of the step's own, which ends with it`(
        keeps: Bool
    ) async throws {
        let scene = ToolScene()
        let tools = StatefulTools()
        let outcome = try await scene.later(tools).run(Self.plan("x = 3|x += 4;print x|print x", keeps: keeps))
        #expect(outcome.answer == (keeps ? " 7 7" : " 4 failed"))
        #expect(tools.runs.map(\.session) == Array(repeating: keeps ? "python/work@solver#0" : nil, count: 3))
        #expect(tools.ended == (keeps ? ["python/work@solver#0"] : []))
        #expect(tools.open.isEmpty)
        let intents = try await scene.record(of: outcome.run).filter { $0.key.kind == .effectIntended }
        #expect(intents.map(\.key.effect.turn) == [0, 1, 2])
        #expect(intents.map { $0.payload["session"]?.stringValue } == tools.runs.map(\.session))
        #expect(outcome.spending.toolCalls == 3)
    }

    @Test func `without a state of its own a step uses the one that the run shares, where the tool has one`()
        async throws
    {
        let tools = StatefulTools()
        let plan = try ToolScene.plan(
            [["id": "set", "call": "python", "arguments": ["code": "x = 3"]], Self.step("print x", keeps: false)],
            output: "{{ work.text }}", isShared: true)
        let outcome = try await ToolScene(tools: tools).run(plan)
        #expect(outcome.answer == "3")
        #expect(tools.runs.map(\.session) == ["python", "python"])
        #expect(tools.ended == ["python"])
    }

    @Test func `what was observed of a call is no part of what happened`() async throws {
        let scene = ToolScene()
        let outcome = try await scene.run(Self.plan("print x|nonce"))
        let done = try await scene.events(of: outcome.run).filter {
            $0.event.key.kind == .effectCompleted && $0.event.payload["effect"] == "tool"
        }
        #expect(done.map { $0.observation.details["tool"]?["runs"] } == [1, 2])
        #expect(done.allSatisfy { $0.event.payload["result"]?["details"] == nil })
        #expect(done.allSatisfy { $0.observation.details["seconds"] != nil })
    }

    @Test func `death at every boundary repeats no call, and rebuilds the session`() async throws {
        let plan = try Self.plan("x = 3;draw y|x += 4;print x|print y|nonce", asks: true)
        let whole = ToolScene()
        let uninterrupted = try await whole.run(plan)
        #expect(uninterrupted.answer?.hasSuffix(" nonce") == true)
        let record = try await whole.record(of: uninterrupted.run)
        var (deaths, restorations) = (0, 0)
        for appends in 1... {
            let inner = InMemoryJournal()
            let first = StatefulTools()
            let scene = ToolScene(journal: CrashingJournal(inner, after: appends), tools: first)
            let outcome = try? await scene.run(plan)
            if outcome?.status == .completed { break }
            deaths += 1
            let run = try #require(try await inner.runs().first?.id)
            let recorded = try await inner.events(in: run, after: 0, limit: .max).count {
                $0.event.key.kind == .effectCompleted && $0.event.payload["effect"] == "tool"
            }
            let second = StatefulTools()
            let later = ToolScene(journal: inner, tools: second)
            let resumed = try await later.driver.resume(run, plan: plan)
            #expect(resumed.answer == uninterrupted.answer, "after \(appends) appends")
            #expect(try await later.record(of: run) == record, "after \(appends) appends")
            #expect(second.runs.count { !$0.isRestoration } == 4 - recorded)
            #expect(second.runs.count { $0.isRestoration } == (recorded < 4 ? recorded : 0))
            let told = try await later.restored(in: run)
            let account: JSONValue = [
                "session": "python/work@solver#0", "calls": .integer(Int64(recorded)), "differing": [],
            ]
            #expect(told.map(\.canonicalText) == (1..<4 ~= recorded ? [account.canonicalText] : []))
            restorations += told.count
            #expect(second.open.isEmpty)
            #expect(try await later.later(NoTools()).driver.replay(run, plan: plan, mode: .strict).isIdentical)
            #expect(try await later.later().driver.replay(run, plan: plan, mode: .tools).isIdentical)
        }
        #expect(deaths > 10)
        #expect(restorations > 3)
    }

    @Test func `a rebuilt session that comes to something else says which calls did`() async throws {
        let plan = try Self.plan("x = 1|nonce|print x|x += 1;print x", asks: true)
        let inner = InMemoryJournal()
        let scene = ToolScene(journal: CrashingJournal(inner, after: 8))
        _ = try? await scene.run(plan)
        let run = try #require(try await inner.runs().first?.id)
        let observer = RecordingObserver()
        var later = ToolScene(journal: inner, tools: StatefulTools(nonce: "another"))
        later.observer = observer
        let outcome = try await later.driver.resume(run, plan: plan)
        #expect(outcome.answer == " nonce 1 2", "what was recorded stands")
        let told = try await later.restored(in: run)
        #expect(told.map { $0["differing"]?.canonicalText } == ["[1]"])
        let words = observer.updates.compactMap { if case .decided(let words) = $0.change { words } else { nil } }
        let expected = "python/work@solver#0: rebuilt by 3 calls, 1 came to something else"
        #expect(words == [expected])
        var traced: [String] = []
        try await Trace(of: run, in: inner).forEach { _, updates in
            traced += updates.compactMap { if case .decided(let words) = $0.change { words } else { nil } }
        }
        #expect(traced.contains(expected))
    }

    @Test func `a replay with live tools does the calls of a session in order, and reports what drifted`() async throws
    {
        let plan = try Self.plan("x = 3|nonce|forever;x = 9|x += 4;print x")
        let scene = ToolScene()
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == " nonce limit 7")
        let live = StatefulTools()
        let report = try await scene.later(live).driver.replay(outcome.run, plan: plan, mode: .tools)
        #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        // What a limit ended is not asked to end there again, but the session is rebuilt with it.
        #expect(report.skipped == 1)
        #expect(live.runs.map(\.code) == ["x = 3", "nonce", "x = 3", "nonce", "forever\nx = 9", "x += 4\nprint x"])
        let drifted = try await scene.later(StatefulTools(nonce: "other")).driver.replay(
            outcome.run, plan: plan, mode: .tools)
        #expect(drifted.firstDivergence?.path == "work@solver#0.1/effect_completed: result.output")
        #expect(drifted.firstDivergence?.recorded == "nonce\n")
        #expect(drifted.firstDivergence?.replayed == "other\n")
        #expect(try await scene.later(NoTools()).driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        await #expect(throws: NoSandbox.self) {
            try await scene.later(NoTools()).driver.replay(outcome.run, plan: plan, mode: .tools)
        }
    }

    @Test func `a call in flight is interrupted, and the session goes on as before it`() async throws {
        let plan = try Self.plan("x = 3|x += 4|print x", idempotent: false)
        let inner = InMemoryJournal()
        // The beginning, the first call's intent and result with the second's intent: the second is in flight.
        _ = try? await ToolScene(journal: CrashingJournal(inner, after: 3)).run(plan)
        let run = try #require(try await inner.runs().first?.id)
        let tools = StatefulTools()
        let later = ToolScene(journal: inner, tools: tools)
        let outcome = try await later.driver.resume(run, plan: plan)
        #expect(outcome.answer == " interrupted 3")
        #expect(tools.runs.map(\.code) == ["x = 3", "print x"])
        #expect(try await later.driver.replay(run, plan: plan, mode: .strict).isIdentical)
        #expect(try await later.later().driver.replay(run, plan: plan, mode: .tools).isIdentical)
    }

    @Test func `a call that may not be made waits for a person, and the session is there again`() async throws {
        let plan = try Self.plan("x = 3|x += 4;print x", approval: "ask")
        let scene = ToolScene()
        var outcome = try await scene.run(plan)
        #expect(outcome.status == .approvalRequired)
        #expect(outcome.pending?.question == #"call python with {"code":"x = 3"}?"#)
        var pending = try #require(outcome.pending)
        outcome = try await scene.later().driver.resume(outcome.run, plan: plan, decision: .approve(pending.effect))
        #expect(outcome.status == .approvalRequired)
        pending = try #require(outcome.pending)
        let tools = StatefulTools()
        let done = try await scene.later(tools).driver.resume(
            outcome.run, plan: plan, decision: .approve(pending.effect))
        #expect(done.answer == " 7")
        #expect(tools.runs.map(\.code) == ["x = 3", "x += 4\nprint x"])
        #expect(try await scene.later(NoTools()).driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        var attended = ToolScene()
        attended.person = ScriptedPerson { _ in "yes" }
        #expect(try await attended.run(plan).answer == " 7")
    }

    @Test(arguments: ["ask", "deny"]) func `a call that is refused is told to the method`(_ approval: String)
        async throws
    {
        let tools = StatefulTools()
        var scene = ToolScene(tools: tools)
        scene.person = ScriptedPerson { _ in "no" }
        let plan = try Self.plan("x = 3|print x", approval: .string(approval))
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == "denied denied")
        #expect(tools.runs.isEmpty)
        #expect(outcome.spending.toolCalls == 0)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `a tool that the playbook does not have is told to the method`() async throws {
        let outcome = try await ToolScene().run(Self.plan("nowhere|print x"))
        #expect(outcome.answer == "failed failed")
        #expect(outcome.spending.toolCalls == 1)
    }

    @Test(arguments: [0, 1, 3]) func `a budget of calls is told to the method, which ends with what it has`(
        _ calls: Int
    )
        async throws
    {
        let plan = try Self.plan(
            "print \"a\"|print \"b\"|print \"c\"|print \"d\"", budget: ["tool_calls": .integer(Int64(calls))])
        let scene = ToolScene()
        let outcome = try await scene.run(plan)
        #expect(outcome.status == .completed)
        #expect(outcome.answer == (["a", "b", "c"].prefix(calls) + ["limit tool_calls"]).joined(separator: " "))
        #expect(outcome.spending.toolCalls == calls)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `sessions end where the step fails, and where it is cancelled`() async throws {
        struct Broken: StoaError {
            var kind: FailureKind { .badInput }
            var message: String { "broken" }
            var hint: String? { nil }
        }
        let failing = StatefulTools { call in if call.arguments["code"] == "fail" { throw Broken() } }
        let failed = try await ToolScene(tools: failing).run(Self.plan("x = 3|fail|print x"))
        #expect(failed.status == .failed)
        #expect(failing.open.isEmpty)
        #expect(failing.ended.contains("python/work@solver#0"))
        let cancelled = StatefulTools { call in
            guard call.arguments["code"] == "wait" else { return }
            Scene.cancelThis()
            try Task.checkCancellation()
        }
        let scene = ToolScene(tools: cancelled)
        let plan = try Self.plan("x = 3|wait|print x")
        let stopped = try await Scene.apart { try await scene.run(plan) }
        #expect(stopped?.status == .interrupted)
        #expect(cancelled.open.isEmpty)
        let run = try #require(stopped?.run)
        let resumed = try await scene.later().driver.resume(run, plan: plan)
        #expect(resumed.answer == " failed 3")
    }

    @Test func `a branch of a run takes over the state at its branching`() async throws {
        let plan = try Self.plan("x = 3|x += 4;print x|x += 5;print x", asks: true)
        let scene = ToolScene()
        let outcome = try await scene.run(plan)
        let middle = try #require(
            try await scene.events(of: outcome.run).first {
                $0.event.key.description == "work@solver#0.3/effect_completed"
            })
        let tools = StatefulTools()
        let fork = try await scene.later(tools).driver.fork(
            outcome.run, at: middle.sequence, plan: plan, parameters: ["question": "why"])
        #expect(fork.answer == outcome.answer)
        #expect(tools.runs.map(\.isRestoration) == [true, true, false])
        #expect(try await scene.restored(in: fork.run).count == 1)
        #expect(try await scene.later().driver.replay(fork.run, plan: plan, mode: .tools).isIdentical)
    }

    @Test func `a method that needs a tool is refused where the playbook has none`() throws {
        let error = #expect(throws: PlanProblems.self) {
            try Plan(
                document: [
                    "stoa": 1, "name": "test", "agents": ["solver": ["prompt": "Go"]],
                    "steps": [["id": "work", "method": "calling", "agent": "solver"]], "output": "",
                ], environment: ToolScene.environment)
        }
        #expect(
            error?.problems.map(\.message) == [
                "method 'calling' calls the tool 'python', which the playbook does not have"
            ])
        #expect(error?.problems.first?.suggestion == "add it under 'tools': python: {use: python}")
    }
}
