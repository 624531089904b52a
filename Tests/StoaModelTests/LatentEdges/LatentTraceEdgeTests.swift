import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// The edges of a thought: no steps, early ends, several reasons to end.
@Suite struct LatentTraceEdgeTests {
    @Test func `a thought that ends before its first step leaves what reading alone leaves`() async throws {
        let model = try await TinyChat().engine()
        let read = try await model.think(.ask("think"), steps: 0)
        for halting in [LatentHalting(entropyBelow: 100), LatentHalting(entropyAbove: 0)] {
            let thinking = Thinking(steps: 5, halting: halting, isTraced: true)
            let thought = try await model.think(.ask("think"), thinking) { _ in }
            #expect(thought.halt == .entropy)
            #expect(thought.latent == read.latent)
            #expect(thought.trace.isEmpty && thought.vectors.isEmpty)
            #expect(thought.usage.latentSteps == 0)
            #expect(thought.usage.prefillTokens == read.usage.prefillTokens)
        }
    }

    @Test func `what is cut at a step equals what was to take no more`() async throws {
        let model = try await TinyChat().engine()
        let whole = try await model.think(.ask("think"), Thinking(steps: 9, isTraced: true)) { _ in }
        for steps in 1..<9 {
            let cut = try await model.think(.ask("think"), Thinking(steps: steps, isTraced: true)) { _ in }
            #expect(cut.trace == Array(whole.trace.prefix(steps)))
            #expect(cut.vectors == Array(whole.vectors.prefix(steps)))
        }
    }

    @Test func `a document of a thought's settings reads back as it was`() {
        for feedback: LatentFeedback in [
            .automatic, .alignment, .identity, .soft(temperature: 0.1, noise: 1e-9), .argmax, .noise,
        ] {
            for halting in [
                LatentHalting(), LatentHalting(entropyBelow: 0, entropyAbove: 1e300),
                LatentHalting(atEndOfTurn: true, cycleCosine: -1),
            ] {
                let thinking = Thinking(steps: 3, feedback: feedback, halting: halting, isTraced: true)
                #expect(Thinking(document: thinking.document) == thinking)
            }
        }
        for recall in [
            LatentRecall(rows: .own, authors: [], pruning: LatentPruning(fraction: 0), sink: 0, positions: .keep),
            LatentRecall(authors: ["a"], sink: 7),
        ] { #expect(LatentRecall(document: recall.document) == recall) }
    }
}
