import Foundation
import OrderedCollections
import StoaCore
import StoaJournal
import StoaModel
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(30)), .enabled(if: RealModels.areExpected)) struct SharedEngineTests {
    @Test func `eight runs that share the engine at once replay bit for bit, here and in another journal`() async throws
    {
        let stage = try Stage(model: try await Stage.load())
        let names = Stage.playbooks + ["best-of-n", "debate"]
        let runs = try await withThrowingTaskGroup(of: (Int, RunOutcome).self) { group in
            for (index, name) in names.enumerated() {
                group.addTask { (index, try await stage.run(name, seed: UInt64(index / 6))) }
            }
            var runs: [Int: RunOutcome] = [:]
            for try await (index, run) in group { runs[index] = run }
            return names.indices.compactMap { runs[$0] }
        }
        #expect(runs.count == 8)
        // Another journal, and an engine that never saw the runs.
        let other = try SQLiteJournal(path: stage.folder.path + "/other.sqlite")
        var lines: [String] = []
        try await stage.journal.exportLines(runs.map(\.run)) { lines.append($0) }
        var unread = lines.makeIterator()
        _ = try await other.importLines(named: "the export") { unread.next() }
        let fresh = try await Stage.load()
        for (name, run) in zip(names, runs) {
            #expect(run.status == .completed, "\(name): \(String(describing: run.failure))")
            let plan = try Stage.plan(name)
            for (journal, mode) in [(stage.journal, ReplayMode.strict), (other, .strict), (other, .recompute)] {
                let report = try await stage.driver(journal, model: fresh).replay(run.run, plan: plan, mode: mode)
                #expect(report.isIdentical, "\(name) \(mode): \(String(describing: report.firstDivergence))")
                #expect(report.skipped == 0)
            }
        }
        // What shared the engine says the same as what had it alone.
        let alone = try await stage.run("best-of-n", seed: 1)
        #expect(
            try await Stage.record(of: alone.run, in: stage.journal)
                == Stage.record(of: runs[6].run, in: stage.journal))
    }

    @Test func `branches share the engine's passes`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let before = await stage.model.model.occupancy
        let outcome = try await stage.run("best-of-n", ["n": 8])
        let after = await stage.model.model.occupancy
        let decoded = outcome.spending.usage.decodedTokens
        #expect(decoded > 100)
        // Rows of prompts are left out: a pass of decoding has one row for each sequence that decodes.
        let rows = after.rows - before.rows - outcome.spending.usage.prefillTokens
        let occupancy = Double(rows) / Double(after.passes - before.passes)
        #expect(occupancy > 1.5, "\(occupancy) rows a pass")
    }

    @Test func `a flipped bit of the weights is found by recompute, and not by strict`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let run = try await stage.run("text-chain")
        let plan = try Stage.plan("text-chain")
        let path = stage.folder.path + "/flipped.gguf"
        // A new file made of the bytes: the model may be a link to weights that others read at this moment.
        var weights = try Data(contentsOf: URL(fileURLWithPath: RealModels.path("SmolLM2-135M-Instruct.Q4_1.gguf")))
        weights[weights.count / 2] ^= 0x08
        try weights.write(to: URL(fileURLWithPath: path))
        let changed = try await Stage.load(path, fingerprint: stage.model.identity.fingerprint)
        let driver = stage.driver(model: changed)
        #expect(try await driver.replay(run.run, plan: plan, mode: .strict).isIdentical)
        let report = try await driver.replay(run.run, plan: plan, mode: .recompute)
        let found = try #require(report.firstDivergence)
        #expect(found.path.contains("/effect_completed: "))
        let honest = try await Stage.load(path)
        await #expect(throws: EffectFailure.self, "an honest fingerprint is refused before anything is computed") {
            try await stage.driver(model: honest).replay(run.run, plan: plan, mode: .recompute)
        }
    }

    @Test(arguments: ["tokens", "prompt_tokens", "logprobs"])
    func `a tampered token is found by verify and by recompute, at its event`(member: String) async throws {
        let stage = try Stage(model: try await Stage.load())
        let run = try await stage.run("text-chain")
        let events = try await stage.journal.events(in: run.run, after: 0, limit: 1000)
        let target = try #require(
            events.first { $0.event.key.kind == .effectCompleted && $0.event.key.effect.node == "critique" })
        let digest = try #require(target.event.payload[member]?["blob"]?.stringValue)
        let tampered = stage.folder.path + "/tampered.sqlite"
        try await stage.journal.close()
        try FileManager.default.copyItem(atPath: stage.folder.path + "/journal.sqlite", toPath: tampered)
        try Tampering.flipBit(ofBlob: digest, in: tampered)
        let journal = try SQLiteJournal(path: tampered)
        let report = try await journal.verify(run.run)
        #expect(report.firstBadSequence == target.sequence)
        let replay = try await stage.driver(journal).replay(run.run, plan: Stage.plan("text-chain"), mode: .recompute)
        #expect(replay.firstDivergence?.sequence == target.sequence)
    }

    @Test func `a tampered word of an event breaks the chain there, and recompute finds it`() async throws {
        let stage = try Stage(model: try await Stage.load())
        let run = try await stage.run("text-chain")
        let events = try await stage.journal.events(in: run.run, after: 0, limit: 1000)
        let target = try #require(
            events.first { $0.event.key.kind == .effectCompleted && $0.event.key.effect.node == "critique" })
        let tampered = stage.folder.path + "/tampered.sqlite"
        try await stage.journal.close()
        try FileManager.default.copyItem(atPath: stage.folder.path + "/journal.sqlite", toPath: tampered)
        try Tampering.change("\"finish\":\"", to: "\"finish\":\"x", inEvent: target.sequence, of: tampered)
        let journal = try SQLiteJournal(path: tampered)
        let report = try await journal.verify(run.run)
        #expect(!report.chainIntact)
        #expect(report.firstBadSequence == target.sequence)
        let replay = try await stage.driver(journal).replay(run.run, plan: Stage.plan("text-chain"), mode: .recompute)
        #expect(replay.firstDivergence?.sequence == target.sequence)
    }
}
