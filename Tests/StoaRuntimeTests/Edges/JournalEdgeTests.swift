import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct JournalEdgeTests {
    @Test func `a run that another process finished just before the claim stays finished`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "a", "say": "solver"], ["id": "b", "say": "critic"]], output: "{{ a.text }}")
        let inner = InMemoryJournal()
        var mortal = Scene()
        mortal.journal = CrashingJournal(inner, after: 3)
        _ = try? await mortal.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let run = try #require(try await inner.runs().first?.id)
        var other = Scene()
        other.journal = inner
        let driver = other.driver
        var scene = Scene()
        scene.process = ProcessIdentity(process: 2, startTicks: 2, boot: "test")
        scene.journal = HookedJournal(inner: inner, beforeClaim: { _ = try await driver.resume(run, plan: plan) })
        let resumed = try? await scene.driver.resume(run, plan: plan)
        #expect(resumed?.status == .completed)
        #expect(scene.model.requests.isEmpty)
        #expect(try await inner.run(run).status == .completed)
    }

    @Test func `an append that fails takes no other branch's contents with it`() async throws {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(2)", "as": "i", "parallel": true,
                    "do": [["id": "a", "say": "solver", "prompt": "same"]],
                ]
            ])
        let inner = InMemoryJournal()
        let second = Signal()
        let waiting = Guarded(false)
        var scene = Scene()
        scene.journal = HookedJournal(
            inner: inner,
            beforeAppend: { events in
                guard events.contains(where: { $0.key.kind == .effectCompleted }) else { return }
                let isFirst = waiting.withLock { isTaken in
                    defer { isTaken = true }
                    return !isTaken
                }
                guard isFirst else { return }
                await second.wait()
                throw JournalError(.unwritable, "the disk is full")
            },
            afterAppend: { events in
                if events.contains(where: { $0.key.kind == .effectCompleted }) { second.set() }
            })
        await #expect(throws: JournalError.self) {
            try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        }
        let run = try #require(try await inner.runs().first?.id)
        for found in try await inner.events(in: run, after: 0, limit: .max) {
            for member in ["messages", "prompt_tokens", "tokens", "logprobs"] {
                guard let text = found.event.payload[member]?["blob"]?.stringValue,
                    let digest = SHA256Digest(hexadecimal: text), digest != .zero
                else { continue }
                await #expect(throws: Never.self, "\(found.event.key): \(member)") { try await inner.blob(digest) }
            }
        }
        var later = Scene()
        later.journal = inner
        await #expect(throws: Never.self) { try await later.driver.resume(run, plan: plan) }
    }

    @Test func `a journal that cannot be read while a latent is made again does not end the run`() async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "idea", "think": "solver", "latent_steps": 2], ["id": "a", "say": "solver", "after": ["idea"]],
            ], output: "{{ a.text }}")
        let inner = InMemoryJournal()
        var mortal = Scene()
        mortal.journal = CrashingJournal(inner, after: 3)
        _ = try? await mortal.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let run = try #require(try await inner.runs().first?.id)
        var scene = Scene()
        scene.journal = HookedJournal(
            inner: inner,
            beforeEvent: { key in
                if key.description == "idea@solver#0.0/effect_intended" { throw JournalError(.locked, "busy") }
            })
        _ = try? await scene.driver.resume(run, plan: plan)
        #expect(try await !inner.run(run).status.isFinal, "the journal will be there again in a moment")
    }

    @Test func `a latent that several branches need is made again once`() async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "idea", "think": "solver", "latent_steps": 2],
                [
                    "id": "all", "for_each": "range(4)", "as": "i", "parallel": true,
                    "do": [["id": "a", "say": "solver", "after": ["idea"]]],
                ],
            ])
        let inner = InMemoryJournal()
        var mortal = Scene()
        mortal.journal = CrashingJournal(inner, after: 3)
        _ = try? await mortal.driver.run(plan, parameters: ["question": "why"], seed: 1)
        let run = try #require(try await inner.runs().first?.id)
        var scene = Scene()
        scene.journal = HookedJournal(
            inner: inner,
            beforeEvent: { key in
                guard key.description == "idea@solver#0.0/effect_intended" else { return }
                for _ in 0..<1000 { await Task.yield() }
            })
        #expect(try await scene.driver.resume(run, plan: plan).status == .completed)
        #expect(scene.model.requests.count == 5, "four that speak, one that thinks")
        #expect(scene.model.heldLatents == 0)
    }
}
