import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport

/// Plans that use everything there is.
enum Playbooks {
    /// The plans that whatever holds for runs is tried with.
    enum Sample: String, Sendable, CaseIterable {
        case everything, latents, storedLatents

        func plan() throws -> Plan {
            switch self {
            case .everything: try Playbooks.everything()
            case .latents: try Playbooks.latents()
            case .storedLatents: try Playbooks.latents(keeping: "store")
            }
        }
    }

    /// Every verb, loops within loops, branches within branches, memory, latents, tools and choices.
    static func everything() throws -> Plan {
        var agents = Scene.agents.objectValue ?? [:]
        agents["talker"] = [
            "role": "solver", "prompt": "Go on: {{ question }}", "memory": "conversation", "temperature": 0.5,
        ]
        return try Scene.plan(
            steps: [
                ["id": "idea", "think": "solver", "latent_steps": 3],
                ["id": "plan", "say": "solver", "after": ["idea"]],
                [
                    "id": "both",
                    "parallel": [
                        ["id": "pro", "say": "solver", "prompt": "For {{ plan.text }}"],
                        [
                            ["id": "con", "say": "critic", "prompt": "Against {{ plan.text }}"],
                            ["id": "con_again", "say": "critic", "prompt": "Again {{ con.text }}"],
                        ],
                    ],
                ],
                [
                    "id": "samples", "for_each": "range(4)", "as": "i", "parallel": true,
                    "do": [
                        ["id": "draft", "say": "solver", "prompt": "{{ i }}: {{ pro.text }} {{ con_again.text }}"],
                        [
                            "id": "polish",
                            "repeat": [
                                ["id": "better", "say": "talker", "prompt": "{{ round }} {{ draft.text }}"]
                            ], "max": 2,
                        ],
                        ["id": "final", "say": "maker", "prompt": "{{ better.text }} {{ polish.rounds }}"],
                    ],
                ],
                ["id": "pick", "choose": "majority", "from": "samples", "verifier": "last_word"],
                [
                    "id": "sum", "call": "calculator",
                    "arguments": ["expression": "{{ pick.text }}", "n": "{{ pick.index + 1 }}"],
                ],
                [
                    "id": "check", "verify": "last_word", "text": "{{ pick.text }}", "reference": "{{ pick.answer }}",
                ],
                [
                    "id": "branch", "when": "check.passed",
                    "then": [["id": "yes", "say": "talker", "prompt": "good {{ sum.output }}"]],
                    "else": [["id": "no", "say": "talker", "prompt": "bad"]],
                ],
                ["id": "person", "ask": "Is {{ pick.text }} fine?", "default": "yes"],
                ["id": "never", "when": "question == 'no such'", "say": "solver"],
                [
                    "id": "one_by_one", "for_each": "['a', 'b']", "as": "letter",
                    "do": [["id": "spell", "say": "talker", "prompt": "{{ letter }} {{ loop_index }}"]],
                ],
            ], output: "{{ pick.text }} / {{ yes.text }} / {{ one_by_one[1].text }}", agents: .object(agents))
    }

    /// Everything that can be said of latents: all channels, chains, branches that continue one latent, loops, recall,
    /// halting, chance, traces, and words whose memory is kept.
    static func latents(keeping: String = "recompute") throws -> Plan {
        let agents: JSONValue = [
            "lead": ["role": "teacher", "system": "You lead.", "prompt": "Read {{ question }}"],
            "solver": ["prompt": "Think of {{ question }}", "temperature": 1],
            "critic": ["role": "verifier", "prompt": "Doubt {{ question }}", "memory": "conversation"],
        ]
        let steps: JSONValue = [
            ["id": "reading", "think": "lead", "latent_steps": 0],
            [
                "id": "work", "for_each": "range(3)", "as": "i", "parallel": true,
                "do": [
                    [
                        "id": "finding", "think": "solver", "prompt": "{{ i }}", "after": ["reading"],
                        "latent_steps": "i + 2", "trace": "{{ i == 1 }}",
                        "feedback": ["kind": "soft", "temperature": 0.5, "noise": 0.1],
                    ]
                ],
            ],
            [
                "id": "order", "say": "lead", "after": ["work"], "base": "reading", "latent": true,
                "recall": ["rows": "latents", "prune": ["by": "attention", "strategy": "random"], "sink": 2],
            ],
            [
                "id": "rounds", "max": 3,
                "repeat": [
                    [
                        "id": "chain", "think": "solver", "after": ["order", "chain", "doubt"],
                        "channel": "{{ ['text', 'latent', 'spoken'][round] }}", "recall": "own",
                        "feedback": "{{ 'noise' if round == 1 else 'auto' }}", "max_tokens": 12,
                        "halt": ["entropy_below": 0.1, "end_of_turn": true, "cycle": "0.9 + 0.01 * round"],
                    ],
                    ["id": "doubt", "think": "critic", "channel": "text", "after": "chain", "when": "round != 1"],
                ],
            ],
            ["id": "silent", "think": "solver", "channel": "none"],
            ["id": "never", "think": "solver", "when": "question == 'no such'"],
            [
                "id": "verdict", "say": "critic", "prompt": "Decide on {{ silent.channel }}",
                "after": ["work", "chain", "doubt", "silent", "never"], "recall": "full",
            ],
        ]
        return try Scene.plan(
            [
                "stoa": 1, "name": "latents", "parameters": ["question": ["type": "string", "default": "why"]],
                "latents": .string(keeping), "agents": agents, "steps": steps, "output": "{{ verdict.text }}",
            ])
    }
}
