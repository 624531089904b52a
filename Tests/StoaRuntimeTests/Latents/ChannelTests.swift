import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

@Suite struct ChannelTests {
    private static let parameters: JSONValue.Members = ["question": "why"]
    private static let agents: JSONValue = [
        "planner": ["prompt": "Plan {{ question }}"], "critic": ["prompt": "Criticise {{ question }}"],
        "judge": ["role": "teacher", "prompt": "Judge {{ question }}"],
    ]

    /// A chain of two that a judge ends, every thought on a channel of its own.
    private func chain(_ first: String, _ second: String) throws -> Plan {
        try Scene.plan(
            steps: [
                ["id": "plan", "think": "planner", "latent_steps": 3, "channel": .string(first)],
                ["id": "doubt", "think": "critic", "latent_steps": 2, "channel": .string(second), "after": "plan"],
                ["id": "verdict", "say": "judge", "after": "doubt"],
            ], output: "{{ verdict.text }}", agents: Self.agents)
    }

    private func said(_ request: ModelRequest) -> String { request.messages.last?.content ?? "" }

    @Test func `latents go through the cache, and prompts stay as they are`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(chain("latent", "latent"), parameters: Self.parameters, seed: 1)
        #expect(outcome.status == .completed)
        let requests = scene.model.requests
        #expect(requests.map(said) == ["Plan why", "Criticise why", "Judge why"])
        #expect(requests.map(\.context.count) == [0, 1, 1])
        #expect(outcome.spending.usage.latentSteps == 5)
        let doubt = try await scene.payload("doubt@critic#0.0/message_posted", of: outcome.run)?["content"]
        #expect(doubt?["channel"] == "latent")
        #expect(doubt?["steps"] == 2)
        #expect(doubt?["halt"] == "steps")
        #expect(doubt?["agent"] == "critic")
        let latent = try #require(doubt?["latent"].flatMap { LatentHandle(document: $0) })
        #expect(latent.segments.map(\.author) == ["planner", "planner", "critic", "critic"])
    }

    @Test func `words stand in front of the prompt, and who passes words on passes on what was passed to it`()
        async throws
    {
        var scene = Scene()
        scene.model = ScriptedModel { request in
            switch request.author {
            case "planner": .say("a plan")
            case "critic": .say("a doubt")
            default: nil
            }
        }
        let outcome = try await scene.driver.run(chain("text", "text"), parameters: Self.parameters, seed: 1)
        #expect(outcome.status == .completed)
        #expect(
            scene.model.requests.map(said) == [
                "Plan why", "[planner]:\na plan\n\nCriticise why",
                "[planner]:\na plan\n\n[critic]:\na doubt\n\nJudge why",
            ])
        #expect(scene.model.requests.allSatisfy { $0.context.isEmpty && !$0.keepsLatent })
        #expect(outcome.spending.usage.latentSteps == 0)
        let plan = try await scene.payload("plan@planner#0.0/message_posted", of: outcome.run)?["content"]
        #expect(plan?["channel"] == "text")
        #expect(plan?["text"] == "a plan")
        #expect(plan?["latent"] == nil)
        let cause = try await scene.payload("doubt@critic#0.0/messages_read", of: outcome.run)
        #expect(
            cause?["messages"]?.arrayValue?.contains("plan@planner#0.0/message_posted") == true,
            "words are read, with a grant, as latents are")
    }

    @Test func `what several steps share is said once`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel { .say($0.author) }
        let plan = try Scene.plan(
            steps: [
                ["id": "plan", "think": "planner", "channel": "text"],
                [
                    "id": "both", "for_each": "range(2)", "as": "i", "parallel": true,
                    "do": [["id": "one", "think": "critic", "channel": "text", "after": "plan"]],
                ], ["id": "verdict", "say": "judge", "after": ["both", "plan"], "base": "plan"],
            ], agents: Self.agents)
        _ = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(
            said(scene.model.requests[3])
                == "[planner]:\nplanner\n\n[critic]:\ncritic\n\n[critic]:\ncritic\n\nJudge why")
    }

    @Test func `mixed channels go their ways`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel { $0.author == "planner" ? .say("a plan") : nil }
        let outcome = try await scene.driver.run(chain("text", "latent"), parameters: Self.parameters, seed: 1)
        #expect(outcome.status == .completed)
        #expect(
            scene.model.requests.map(said) == ["Plan why", "[planner]:\na plan\n\nCriticise why", "Judge why"],
            "the words are part of the critic's latent")
        #expect(scene.model.requests.map(\.context.count) == [0, 0, 1])

        let other = Scene()
        _ = try await other.driver.run(chain("latent", "text"), parameters: Self.parameters, seed: 1)
        #expect(other.model.requests.map(\.context.count) == [0, 1, 0])
        #expect(said(other.model.requests[2]).hasPrefix("[critic]:\n"))
    }

    @Test func `words that are spoken are passed on as what the model remembers of them`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(chain("spoken", "latent"), parameters: Self.parameters, seed: 1)
        #expect(scene.model.requests.map(said) == ["Plan why", "Criticise why", "Judge why"])
        #expect(scene.model.requests.map(\.context.count) == [0, 1, 1])
        #expect(scene.model.requests.map(\.keepsLatent) == [true, false, false])
        let plan = try await scene.payload("plan@planner#0.0/message_posted", of: outcome.run)?["content"]
        #expect(plan?["channel"] == "spoken")
        #expect(plan?["text"]?.stringValue?.hasPrefix("w") == true)
        let latent = try #require(plan?["latent"].flatMap { LatentHandle(document: $0) })
        #expect(latent.segments.map(\.origin) == ["prompt", "text"])
    }

    @Test func `a thought that is passed on as nothing is not even had`() async throws {
        let scene = Scene()
        let outcome = try await scene.driver.run(chain("none", "none"), parameters: Self.parameters, seed: 1)
        #expect(scene.model.requests.map(said) == ["Judge why"])
        #expect(scene.model.requests[0].context.isEmpty)
        let value = try await scene.payload("plan@planner#0.0/message_posted", of: outcome.run)?["content"]
        #expect(value?.text == #"{"agent":"planner","channel":"none","text":""}"#)
        #expect(try await scene.driver.replay(outcome.run, plan: chain("none", "none"), mode: .strict).isIdentical)
    }

    @Test func `the twins' agents are asked the same, but for what is passed to them`() async throws {
        func prompts(_ channel: String) async throws -> [[String]] {
            var scene = Scene()
            scene.model = ScriptedModel { _ in .say("x") }
            let outcome = try await scene.driver.run(chain(channel, channel), parameters: Self.parameters, seed: 1)
            #expect(outcome.status == .completed)
            return scene.model.requests.map { request in
                request.messages.map { message in
                    String(message.content.split(separator: "\n\n").last ?? "")
                }
            }
        }
        #expect(try await prompts("latent") == prompts("text"))
        #expect(try await prompts("latent") == prompts("spoken"))
    }

    @Test(arguments: 1...6) func `a chain of any length is one loop`(length: Int) async throws {
        let steps: JSONValue = [
            [
                "id": "rounds", "max": .integer(Int64(length)),
                "repeat": [
                    [
                        "id": "thought", "think": "planner", "prompt": "Turn {{ round }}", "latent_steps": 2,
                        "after": "thought", "channel": "{{ question }}",
                    ]
                ],
            ], ["id": "verdict", "say": "judge", "after": "thought"],
        ]
        let plan = try Scene.plan(steps: steps, agents: Self.agents)
        let scene = Scene()
        let latent = try await scene.driver.run(plan, parameters: ["question": "latent"], seed: 1)
        #expect(latent.failure?.message == nil)
        #expect(scene.model.requests.map(\.context.count) == [0] + Array(repeating: 1, count: length))
        let last = try #require(scene.model.requests.last?.context.first)
        #expect(last.segments.filter { $0.origin == "latent" }.count == length, "each has in mind all before it")

        var twin = Scene()
        twin.model = ScriptedModel { .say("said \($0.messages.last?.content.suffix(1) ?? "")") }
        _ = try await twin.driver.run(plan, parameters: ["question": "text"], seed: 1)
        let heard = (0..<length).map { "[planner]:\nsaid \($0)\n\n" }.joined()
        #expect(
            said(try #require(twin.model.requests.last)) == heard + "Judge latent".replacing("latent", with: "text"))
    }

    @Test func `a step of a loop has in mind what a later one came to in the round before`() async throws {
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "rounds", "max": 3,
                    "repeat": [
                        ["id": "left", "think": "planner", "latent_steps": 1, "after": "right"],
                        [
                            "id": "right", "think": "critic", "latent_steps": 1, "after": ["left", "right"],
                            "when": "round != 1",
                        ],
                    ],
                ]
            ], agents: Self.agents)
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(outcome.failure?.message == nil)
        // Left, right; left; left, right: right keeps its value in the round that leaves it out.
        #expect(scene.model.requests.map(\.context.count) == [0, 1, 1, 1, 2])
        #expect(scene.model.requests[1].context[0] != scene.model.requests[2].context[0])
        #expect(scene.model.requests[2].context == scene.model.requests[3].context)
    }

    @Test func `steps that were not carried out hand over nothing, loops what all their items came to`() async throws {
        let plan = try Scene.plan(
            steps: [
                ["id": "never", "think": "planner", "when": "false"],
                [
                    "id": "all", "for_each": "range(3)", "as": "i", "parallel": true,
                    "do": [
                        ["id": "one", "think": "planner", "prompt": "{{ i }}", "latent_steps": 1, "when": "i != 1"]
                    ],
                ], ["id": "verdict", "say": "judge", "after": ["never", "all"]],
            ], agents: Self.agents)
        let scene = Scene()
        let outcome = try await scene.driver.run(plan, parameters: Self.parameters, seed: 1)
        #expect(outcome.failure?.message == nil)
        let context = try #require(scene.model.requests.last?.context)
        #expect(context.count == 2)
        for (latent, item) in zip(context, [0, 2]) {
            let posted = try await scene.payload("one[\(item)]@planner#0.0/message_posted", of: outcome.run)
            #expect(posted?["content"]?["latent"].flatMap { LatentHandle(document: $0) } == latent)
        }
    }

    @Test func `a word that is none of the choices is named with step and key`() async throws {
        let plan = try Scene.plan(
            steps: [["id": "plan", "think": "planner", "channel": "{{ question }}"]], agents: Self.agents)
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "txet"], seed: 1)
        #expect(outcome.failure?.kind == .badInput)
        #expect(
            outcome.failure?.message
                == #"plan.channel: expected one of latent, text, spoken, none, found "txet" from "{{ question }}""#)
        #expect(outcome.failure?.hint == "did you mean 'text'?")
    }

    @Test(arguments: [
        ("latent_steps", #"plan.latent_steps: expected an integer of at least 0, found "x" from {{ question }}"#),
        ("trace", #"plan.trace: expected true or false, found "x" from "{{ question }}""#),
        (
            "feedback",
            #"plan.feedback: expected one of auto, w_a, identity, soft, argmax, noise, found "x" from "{{ question }}""#
        ),
        (
            "recall",
            #"plan.recall: expected one of full, own, thought, latents, prompts, text, found "x" from "{{ question }}""#
        ),
        ("halt", #"plan.halt.entropy_below: expected a number from 0 to 100, found "x" from "{{ question }}""#),
    ])
    func `a parameter that cannot be used is named with step and key`(key: String, message: String) async throws {
        var step: JSONValue.Members = ["id": "plan", "think": "planner", "after": "before"]
        step[key] = key == "halt" ? ["entropy_below": "{{ question }}"] : "{{ question }}"
        let plan = try Scene.plan(
            steps: [["id": "before", "think": "planner"], .object(step)], agents: Self.agents)
        let outcome = try await Scene().driver.run(plan, parameters: ["question": "x"], seed: 1)
        #expect(outcome.failure?.message == message)
    }
}
