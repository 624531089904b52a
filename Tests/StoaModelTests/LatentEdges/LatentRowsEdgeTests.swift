import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Which rows a reader has in mind, where latents were made of latents or behind a choice of them.
@Suite struct LatentRowsEdgeTests {
    @Test func `a merged latent knows which rows were in mind before those that were added`() async throws {
        let scene = try await RecallScene(try await TinyChat().engine())
        let merged = try await scene.model.merge(base: scene.base, branches: [scene.thinker, scene.speaker])
        #expect(merged.contextRows == scene.base.rows)
        // The same rows, joined by the reader itself or beforehand.
        let recall = LatentRecall(rows: .own, sink: 0)
        let reader = try await scene.model.read(scene.question(onBase: true, recall))
        let other = try await scene.model.read(.ask("judge", context: [merged]) { $0.recall = recall })
        #expect(other.latent.digest == reader.latent.digest)
    }

    @Test func `a latent behind another, and a part of one, know what was in mind before`() async throws {
        let scene = try await RecallScene(try await TinyChat().engine())
        let (thinker, speaker) = (scene.thinker, scene.speaker)
        #expect(thinker.contextRows > 2)
        let appended = try await scene.model.append(thinker, speaker)
        #expect(appended.contextRows == thinker.contextRows)
        for rows in [[0, 1, thinker.rows - 1], [thinker.contextRows], Array(0..<thinker.rows), [1]] {
            let part = try await scene.model.select(thinker, rows: rows)
            #expect(part.contextRows == rows.filter { $0 < thinker.contextRows }.count)
        }
    }

    @Test func `thoughts alone are those of the one before, as with the reference's latent_only`() async throws {
        let model = try await TinyChat().engine()
        let recall = LatentRecall(rows: .thought, sink: 4)
        func ask(_ question: String, _ context: [LatentHandle]) -> ModelRequest {
            .ask(question, context: context) {
                $0.author = question
                $0.recall = recall
            }
        }
        let plan = try await model.think(ask("planner", []), steps: 5).latent
        let critique = try await model.think(ask("critic", [plan]), steps: 5).latent
        #expect(critique.contextRows == 4 + 5)
        let solution = try await model.think(ask("refiner", [critique]), steps: 5).latent
        // latent_only implies sequential_info_only: the last m rows, of the agent before, and ours the sink.
        #expect(solution.contextRows == 4 + 5)
    }

    @Test func `a latent of the very rows that it was made of has one entry, and goes with its last hold`() async throws
    {
        let model = try await TinyChat().engine()
        let latent = try await model.think(.ask("think"), steps: 3).latent
        let same = try await model.select(latent, rows: Array(0..<latent.rows))
        #expect(same.digest == latent.digest)
        await model.release(latent)
        #expect(await model.retain(same))
        await model.release(same)
        await model.release(same)
        #expect(await model.latentFigures.count == 0)
    }

    @Test func `a thought of noise in a batch is what it is alone`() async throws {
        let model = try await TinyChat().engine()
        let alone = try await TinyChat().engine()
        for feedback: LatentFeedback in [.noise, .soft(temperature: 0.7, noise: 0.5), .argmax] {
            let thinking = Thinking(
                steps: 9, feedback: feedback, halting: LatentHalting(entropyAbove: 50, cycleCosine: 2), isTraced: true)
            let together = try await withThrowingTaskGroup(of: (Int, LatentReply).self) { group in
                for index in 0..<8 {
                    group.addTask {
                        let request = ModelRequest.ask("thought \(index)", seed: UInt64(index))
                        return (index, try await model.think(request, thinking) { _ in })
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for index in 0..<8 {
                let request = ModelRequest.ask("thought \(index)", seed: UInt64(index))
                var expected = try await alone.think(request, thinking) { _ in }
                var found = try #require(together[index])
                (expected.duration, found.duration) = (.zero, .zero)
                #expect(found == expected)
            }
        }
    }
}
