import OrderedCollections
import StoaCore
import StoaPlaybook
import StoaRuntime
import StoaTestKit
import Testing

/// What a playbook says of latents, as a plan has it.
@Suite struct LatentPlanTests {
    private struct Missing: Error {}

    private func plan(_ steps: JSONValue, latents: JSONValue? = nil) throws -> Plan {
        var document: JSONValue.Members = [
            "stoa": 1, "name": "p", "agents": ["s": ["prompt": "hi"]], "steps": steps, "output": "x",
            "parameters": [
                "n": ["type": "integer", "default": 2], "channel": ["type": "string", "default": "latent"],
            ],
        ]
        if let latents { document["latents"] = latents }
        return try Plan(document: .object(document), environment: Playbooks.environment)
    }

    private func think(_ step: JSONValue.Members) throws -> ThinkVerb {
        var step = step
        (step["id"], step["think"]) = ("last", "s")
        let plan = try plan([["id": "before", "think": "s"], .object(step)])
        guard let verb = plan.steps.last?.verb as? ThinkVerb else { throw Missing() }
        return verb
    }

    @Test func `what a step leaves out is left to the run`() throws {
        let verb = try think([:])
        #expect(verb.channel == nil && verb.thinking.latentSteps == nil && verb.thinking.feedback == nil)
        #expect(verb.thinking.halting == nil && verb.thinking.trace == nil && verb.maximumTokens == nil)
        #expect(verb.background.after.isEmpty && verb.background.recall == nil && !verb.background.translates)
        #expect(verb.names == [])
        #expect(try plan([["id": "a", "think": "s"]]).latents == .recompute)
        #expect(try plan([["id": "a", "think": "s"]], latents: "store").latents == .store)
    }

    @Test func `words, flags and numbers are written down or computed, bare or in braces`() throws {
        let literal = try think(["channel": "text", "trace": true, "halt": ["cycle": 0.5]])
        guard case .literal("text")? = literal.channel, case .literal(true)? = literal.thinking.trace,
            case .literal(0.5)? = literal.thinking.halting?.cycle
        else { throw Missing() }
        for trace in ["n > 1", "{{ n > 1 }}"] {
            let verb = try think([
                "channel": "{{ channel }}", "trace": .string(trace), "feedback": "{% if n %}soft{% endif %}",
                "halt": ["cycle": "n / 4"], "latent_steps": "{{ n }}", "max_tokens": "n * 8",
            ])
            guard case .text(let text, let words)? = verb.channel, case .expression(let flag)? = verb.thinking.trace,
                case .expression(let cycle, -1...1)? = verb.thinking.halting?.cycle
            else { throw Missing() }
            #expect(text.source == "{{ channel }}")
            #expect(words == ["latent", "text", "spoken", "none"])
            #expect(flag.source == "n > 1")
            #expect(try cycle.expression.evaluate(context: ["n": 2]).json == 0.5)
            #expect(verb.names == ["channel", "n"])
        }
    }

    @Test func `feedback and recall are a word, or a mapping that says more`() throws {
        let short = try think(["feedback": "noise", "recall": "own", "after": "before"])
        guard case .literal("noise")? = short.thinking.feedback?.kind,
            case .literal("own")? = short.background.recall?.rows
        else { throw Missing() }
        let long = try think([
            "feedback": ["kind": "soft", "temperature": 0.5, "noise": "n"], "after": ["before"], "base": "before",
            "translate": true,
            "recall": [
                "rows": "text", "authors": "s", "sink": 0, "positions": "keep",
                "prune": ["by": "attention", "fraction": "{{ 1 / n }}", "least": 1, "strategy": "random"],
            ],
        ])
        guard case .literal("soft")? = long.thinking.feedback?.kind,
            case .literal(0.5)? = long.thinking.feedback?.temperature,
            case .expression? = long.thinking.feedback?.noise, case .literal(0)? = long.background.recall?.sink,
            case .literal("keep")? = long.background.recall?.positions,
            case .literal("attention")? = long.background.recall?.pruning?.score,
            case .expression(_, 0...1)? = long.background.recall?.pruning?.fraction
        else { throw Missing() }
        #expect(long.background.recall?.authors == ["s"])
        #expect(long.background.translates)
        #expect(long.names == ["n", "before"])
    }

    @Test func `in a loop a step may come after itself and after later ones, outside it may not`() throws {
        let body: JSONValue = [
            ["id": "left", "think": "s", "after": ["left", "right"]],
            ["id": "right", "say": "s", "latent": true, "after": "left", "base": "left"],
        ]
        let plan = try plan([["id": "rounds", "max": 2, "repeat": body], ["id": "end", "say": "s", "after": "right"]])
        #expect((plan.allSteps[1].verb as? ThinkVerb)?.background.after == ["left", "right"])
        let error = thrown(PlanProblems.self) { _ = try self.plan(body) }
        #expect(
            error?.problems.map(\.description) == [
                "steps[0].after[0]: 'after' reads 'left', the step it belongs to (read a step that comes before)",
                "steps[0].after[1]: 'after' reads 'right', which comes later, at steps[1] "
                    + "(move 'right' up, or read a step that comes before)",
            ])
    }
}
