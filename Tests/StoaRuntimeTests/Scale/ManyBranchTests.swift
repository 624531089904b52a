import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// Loops over hundreds of items, and rounds that hand large lists on.
@Suite struct ManyBranchTests {
    @Test func `of many items only so many are under way, and all are done in their places`() async throws {
        let open = Guarded((now: 0, most: 0))
        let observer = RecordingObserver { update in
            switch update.change {
            case .working: open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            case .worked: open.withLock { $0.now -= 1 }
            default: break
            }
        }
        var scene = Scene()
        scene.observer = observer
        scene.model = ScriptedModel(concurrency: 4)
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(400)", "as": "i", "parallel": true,
                    "do": [["id": "a", "say": "critic", "prompt": "{{ i }}"]],
                ]
            ], output: "{{ all|map(attribute='text')|unique|list|length }} {{ all|length }}")
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "400 400")
        let most = open.withLock { $0.most }
        #expect(most <= 32, "found \(most) pieces of work at a time")
        let budgeted = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(100)", "as": "i", "parallel": true,
                    "do": [["id": "a", "say": "critic", "prompt": "{{ i }}"]],
                ]
            ], budget: ["turns": 100])
        let within = try await scene.driver.run(budgeted, parameters: ["question": "why"], seed: 1)
        #expect(within.status == .completed, "each branch has its share, whenever it begins")
    }

    @Test func `a failure among many items lets the others end, and is the first in order`() async throws {
        var scene = Scene()
        scene.model = ScriptedModel { request in
            let item = request.messages.last?.content ?? ""
            return item == "70" || item == "90" ? .fail(Unreachable()) : .say(item)
        }
        let plan = try Scene.plan(
            steps: [
                [
                    "id": "all", "for_each": "range(120)", "as": "i", "parallel": true,
                    "do": [["id": "a", "say": "critic", "prompt": "{{ i }}"]],
                ]
            ])
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.status == .failed)
        #expect(scene.model.requests.count == 120)
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    /// What a run left in its journal, and how often it looked back.
    private struct Cost {
        var events = 0
        var bytes = 0
        var reads = 0
    }

    /// Rounds in which a solver tries every problem a few times, and the pool of problems is handed on.
    private static func cost(problems: Int) async throws -> Cost {
        let reads = Guarded(0)
        let inner = InMemoryJournal()
        var scene = Scene()
        scene.journal = HookedJournal(inner: inner, beforeEvent: { _ in reads.withLock { $0 += 1 } })
        scene.model = ScriptedModel { _ in .say("12 - 3") }
        scene.tools = ScriptedTools { call in
            if let tried = call.arguments["tried"]?.arrayValue {
                let pool = (call.arguments["pool"]?.arrayValue ?? []) + tried
                return ToolResult(status: .ok, value: ["pool": .array(Array(pool.suffix(2 * problems)))])
            }
            return ToolResult(
                status: .ok,
                value: [
                    "pool": .array(
                        (0..<problems).map {
                            ["id": .integer(Int64($0)), "question": .string("What is \($0) less 3?")]
                        })
                ])
        }
        let plan = try Scene.plan(
            steps: [
                ["id": "drawn", "call": "calculator"],
                [
                    "id": "rounds", "max": 2,
                    "repeat": [
                        [
                            "id": "tried", "for_each": "drawn.value.pool", "as": "problem", "parallel": true,
                            "do": [
                                [
                                    "id": "tries", "for_each": "range(4)", "as": "k", "parallel": true,
                                    "do": [
                                        [
                                            "id": "attempt", "say": "critic", "sample": true,
                                            "prompt":
                                                "{{ problem.question }} {{ drawn.value.pool|length if k > 9 else '' }}",
                                        ]
                                    ],
                                ],
                                ["id": "one", "let": ["id": "{{ problem.id }}", "attempts": "{{ tries }}"]],
                            ],
                        ],
                        [
                            "id": "kept", "call": "calculator",
                            "arguments": [
                                "tried": "{{ tried }}",
                                "pool": "{{ kept.value.pool if round > 0 else drawn.value.pool }}",
                            ],
                        ],
                    ],
                ],
            ], output: "{{ kept.value.pool|length }}")
        let outcome = try await scene.driver.run(plan, parameters: ["question": "why"], seed: 1)
        #expect(outcome.answer == "\(2 * problems)", "\(String(describing: outcome.failure))")
        #expect(try await scene.driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
        let events = try await inner.events(in: outcome.run, after: 0, limit: .max)
        return Cost(
            events: events.count, bytes: events.reduce(0) { $0 + $1.event.document.canonicalText.utf8.count },
            reads: reads.withLock { $0 })
    }

    @Test func `twice as many problems cost twice as much`() async throws {
        let half = try await Self.cost(problems: 40)
        let whole = try await Self.cost(problems: 80)
        #expect(half.events > 40 * 2 * 4 * 3)
        for (first, second, what) in [
            (half.events, whole.events, "events"), (half.bytes, whole.bytes, "bytes"),
            (half.reads, whole.reads, "reads"),
        ] {
            #expect(Double(second) < 2.1 * Double(first) + 100, "\(what): \(first), then \(second)")
        }
    }
}
