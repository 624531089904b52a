import OrderedCollections
import StoaCore
import StoaMethods
import StoaRuntime
import StoaTestSupport
import Testing

/// Whole runs of a loop, on a scripted model and a tool that keeps its state.
@Suite struct ToolLoopRunTests {
    private static let turns = [
        block("x = 3\nprint x") + "Code execution result: 99\nSo it is \\boxed{99}.",
        block("x += 4\nprint x\nnonce") + "\\boxed{98}", "So it is \\boxed{7}.",
    ]

    private func scene(nonce: String = "nonce-5142") -> (scene: LoopScene, model: ScriptedModel, tools: StatefulTools) {
        let (model, tools) = (LoopScene.model(Self.turns), StatefulTools(nonce: nonce))
        return (LoopScene(model: model, tools: tools), model, tools)
    }

    // T2
    @Test func `a result that the model made up never reaches it, and the real one does`() async throws {
        let (scene, model, tools) = scene()
        let outcome = try await scene.run(LoopScene.plan([:]))
        #expect(outcome.answer == "7 answer")
        #expect(tools.runs.map(\.code) == ["x = 3\nprint x", "x += 4\nprint x\nnonce"])
        let prompts = LoopScene.prompts(model)
        #expect(prompts.count == 3)
        #expect(prompts.allSatisfy { !$0.contains("99") && !$0.contains("98") })
        #expect(prompts[2].contains("nonce-5142"))
        #expect(prompts[2].hasPrefix(prompts[1]), "a turn only grows")
        let value = try #require(try await scene.value(of: outcome.run))
        #expect(value["text"]?.stringValue == String(prompts[2].dropFirst("Why?|".count)).without("|") + Self.turns[2])
        #expect(value["turns"] == 3)
        #expect(value["tool_calls"] == 2)
        #expect(value["agent"] == "solver")
        #expect(value["tokens"]?.intValue == outcome.spending.usage.decodedTokens)
        #expect(tools.open.isEmpty)
    }

    // T3, as far as the record goes
    @Test func `every position is marked, and the model's are those that were sampled`() async throws {
        let (scene, _, _) = scene()
        let outcome = try await scene.run(LoopScene.plan([:]))
        let transcript = try await RunTranscript.read(outcome.run, from: scene.journal)
        var (sampled, before): ([TokenID], [TokenID]) = ([], [])
        var calls = 0
        for effect in transcript.effects {
            guard case .model(_, let request, let reply) = effect.call else { continue }
            let payload = try #require(
                try await scene.journal.event(EventKey(effect.key, .effectCompleted), in: outcome.run)
            ).event.payload
            let spans = (payload["mask"]?.arrayValue ?? []).compactMap(\.arrayValue)
            let mask: [(String, Int)] = spans.map { ($0[0].stringValue ?? "", $0[1].intValue ?? 0) }
            let all = reply.promptTokens + reply.tokens
            #expect(mask.reduce(0) { $0 + $1.1 } == all.count)
            let origins = Array(repeating: ["model", "tool"], count: calls).flatMap { $0 }
            #expect(mask.map(\.0) == ["prompt"] + origins + ["model"])
            #expect(all.starts(with: before), "what was fed before is fed again")
            sampled += reply.tokens
            var (place, marked) = (0, [TokenID]())
            for (origin, count) in mask {
                if origin == "model" { marked += all[place..<place + count] }
                place += count
            }
            #expect(marked == sampled)
            #expect(reply.logProbabilities.count == reply.tokens.count)
            #expect(request.fence == .strict)
            #expect(request.turn.count == 2 * calls)
            (before, calls) = (all, calls + 1)
        }
        #expect(calls == 3)
    }

    @Test func `a log grows by what was added, not by how long the turn has become`() async throws {
        func bytes(_ turns: Int) async throws -> Int {
            let words = (0..<turns).map { block("x = \($0)\nprint \"\(String(repeating: "word ", count: 60))\"") }
            let scene = LoopScene(model: LoopScene.model(words))
            let outcome = try await scene.run(LoopScene.plan(["turns": .integer(Int64(turns))]))
            #expect(outcome.answer == "None turns")
            var (seen, total): (Set<SHA256Digest>, Int) = ([], 0)
            for event in try await scene.events(of: outcome.run) {
                let document = event.event.document
                total += document.canonicalText.utf8.count
                let text = document.canonicalText
                #expect(text.utf8.count < 6000 || event.event.key.kind == .messagePosted, "\(event.event.key)")
                for digest in event.blobs where seen.insert(digest).inserted {
                    total += try await scene.journal.blob(digest).count
                }
            }
            return total
        }
        let (ten, twenty, forty) = (try await bytes(10), try await bytes(20), try await bytes(40))
        #expect(Double(forty - twenty) < 2.3 * Double(twenty - ten), "\(ten) \(twenty) \(forty)")
    }

    @Test(arguments: ["structured", "simpletir", "stdout"])
    func `replays are identical and need no sandbox`(_ feedback: String) async throws {
        let (scene, model, _) = scene()
        let plan = try LoopScene.plan(["feedback": .string(feedback)])
        let outcome = try await scene.run(plan)
        let asked = model.requests.count
        for mode in [ReplayMode.strict, .recompute] {
            var replay = scene
            replay.tools = Nothing()
            let report = try await replay.driver.replay(outcome.run, plan: plan, mode: mode)
            #expect(report.isIdentical, "\(mode): \(String(describing: report.firstDivergence))")
        }
        #expect(model.requests.count == 2 * asked)
        let same = self.scene()
        var live = same.scene
        live.journal = scene.journal
        #expect(try await live.driver.replay(outcome.run, plan: plan, mode: .tools).isIdentical)
        #expect(same.tools.runs.count == 2)
        var drifting = self.scene(nonce: "other").scene
        drifting.journal = scene.journal
        let report = try await drifting.driver.replay(outcome.run, plan: plan, mode: .tools)
        #expect(report.firstDivergence?.path == "solve@solver#0.3/effect_completed: result.output")
    }

    @Test func `death at every boundary costs no effect twice, and the session is rebuilt`() async throws {
        let plan = try LoopScene.plan([:])
        let whole = scene().scene
        let uninterrupted = try await whole.run(plan)
        let record = try await whole.record(of: uninterrupted.run)
        var (deaths, rebuilt) = (0, 0)
        for appends in 1... {
            let inner = InMemoryJournal()
            let (first, model, tools) = scene()
            var dying = first
            dying.journal = DyingJournal(inner, after: appends)
            let outcome = try? await dying.run(plan)
            if outcome?.status == .completed { break }
            deaths += 1
            let run = try #require(try await inner.runs().first?.id)
            let done = try await inner.events(in: run, after: 0, limit: .max)
                .count { $0.event.key.kind == .effectCompleted }
            let (second, laterModel, laterTools) = scene()
            var later = second
            later.journal = inner
            let resumed = try await later.driver.resume(run, plan: plan)
            #expect(resumed.answer == "7 answer")
            #expect(try await later.record(of: run) == record, "after \(appends) appends")
            #expect(laterModel.requests.count + laterTools.runs.count { !$0.isRestoration } == 5 - done)
            #expect(model.requests.count + tools.runs.count >= done)
            rebuilt += laterTools.runs.count { $0.isRestoration }
            #expect(resumed.spending == uninterrupted.spending)
        }
        #expect(deaths > 7)
        #expect(rebuilt > 0)
    }

    @Test(arguments: ["turns", "tool_calls", "decoded_tokens", "tokens"])
    func `a budget ends the loop in an orderly way`(_ limit: String) async throws {
        for allowed in limit.hasSuffix("tokens") ? [20, 60, 80] : [1, 2] {
            let (scene, _, _) = scene()
            let plan = try LoopScene.plan([:], budget: [limit: .integer(Int64(allowed))])
            let outcome = try await scene.run(plan)
            #expect(outcome.status == .completed)
            let value = try #require(try await scene.value(of: outcome.run))
            // Two calls are all that it makes.
            let ends = limit == "tool_calls" && allowed == 2 ? "answer" : "limit"
            #expect(value["finish"]?.stringValue == ends, "\(limit) \(allowed)")
            if limit == "decoded_tokens" { #expect(outcome.spending.usage.decodedTokens <= allowed) }
            if limit == "tool_calls" { #expect(outcome.spending.toolCalls == allowed) }
            let report = try await scene.driver.replay(outcome.run, plan: plan, mode: .strict)
            #expect(report.isIdentical, "\(String(describing: report.firstDivergence))")
        }
    }

    @Test func `the words of the loop are shown as they are written`() async throws {
        let (scene, model, tools) = scene()
        let observer = RecordingObserver()
        let driver = RunDriver(
            RunSetup(
                journal: scene.journal, models: ["default": model], tools: tools, verifiers: [:],
                clock: ManualTimeSource(), identifiers: TestIdentifiers(),
                process: ProcessIdentity(process: 1, startTicks: 1, boot: "test"), observer: observer))
        _ = try await driver.run(LoopScene.plan([:]), parameters: ["question": "Why?"], seed: 3)
        let shown = observer.updates.compactMap { update -> String? in
            guard case .progress(.text(let text)) = update.change else { return nil }
            return text
        }
        #expect(shown == [block("x = 3\nprint x"), block("x += 4\nprint x\nnonce"), Self.turns[2]])
    }

    @Test(
        arguments: [
            (["fence": "loose"], "'fence' must be one of strict, simpletir, found the text \"loose\""),
            (
                ["feedback": "simpletir", "feedback_chars": 100],
                "'feedback_chars' has no part in the feedback 'simpletir', which has a length of its own"
            ),
            (["tool": "pythn"], "there is no tool \"pythn\""),
            (
                ["turns": 0],
                "'turns' must be a whole number from 1 to 1000, or an expression that gives one, found the number 0"
            ),
        ] as [(JSONValue, String)])
    func `options that make no sense are refused`(_ options: JSONValue, message: String) throws {
        let error = #expect(throws: PlanProblems.self) { try LoopScene.plan(options) }
        #expect(error?.problems.map(\.message) == [message])
    }
}

extension LoopScene {
    /// The logical parts of a run's events, ordered by key.
    fileprivate func record(of run: RunID) async throws -> [Event] {
        try await events(of: run).map(\.event).filter { !$0.isObservation }.sorted { $0.key < $1.key }
    }
}

extension String {
    fileprivate func without(_ mark: Character) -> String { filter { $0 != mark } }
}

/// Tools that are not there.
private struct Nothing: ToolExecutor {
    struct Missing: StoaError {
        var kind: FailureKind { .noSandbox }
        var message: String { "no sandbox" }
        var hint: String? { nil }
    }
    var tools: [ToolDefinition] { [] }
    func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult { throw Missing() }
}

/// A journal whose process dies after so many appends.
private final class DyingJournal: Journal {
    struct Died: Error {}
    let inner: any Journal
    private let left: Guarded<Int>

    init(_ inner: any Journal, after appends: Int) {
        self.inner = inner
        left = Guarded(appends)
    }

    private func live() throws { guard left.withLock({ $0 }) > 0 else { throw Died() } }

    func append(_ events: [Event], observation: Observation, to run: RunID) async throws -> Int {
        try live()
        let sequence = try await inner.append(events, observation: observation, to: run)
        let isDead = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isDead { throw Died() }
        return sequence
    }
    func update(_ run: RunID, status: RunStatus, answer: String?) async throws {
        try live()
        try await inner.update(run, status: status, answer: answer)
    }
    func create(_ run: RunRecord) async throws { try await inner.create(run) }
    func claim(_ run: RunID, owner: ProcessIdentity) async throws { try await inner.claim(run, owner: owner) }
    func run(_ id: RunID) async throws -> RunRecord { try await inner.run(id) }
    func runs() async throws -> [RunRecord] { try await inner.runs() }
    func event(_ key: EventKey, in run: RunID) async throws -> RecordedEvent? { try await inner.event(key, in: run) }
    func events(in run: RunID, after sequence: Int, limit: Int) async throws -> [RecordedEvent] {
        try await inner.events(in: run, after: sequence, limit: limit)
    }
    func lastSequence(in run: RunID) async throws -> Int { try await inner.lastSequence(in: run) }
    func blob(_ digest: SHA256Digest) async throws -> [UInt8] { try await inner.blob(digest) }
}
