import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport

/// Plans that use everything there is.
enum Playbooks {
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
}
