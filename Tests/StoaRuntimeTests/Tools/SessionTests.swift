import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestSupport
import Testing

/// The states that `call` steps share.
@Suite struct SessionTests {
    private static func call(_ id: String, _ code: String, session: String? = nil) -> JSONValue {
        var step: JSONValue.Members = [
            "id": .string(id), "call": "python", "arguments": ["code": .string(code)],
        ]
        if let session { step["session"] = .string(session) }
        return .object(step)
    }

    @Test func `calls of one session name share a state, and others do not`() async throws {
        let tools = StatefulTools()
        let plan = try ToolScene.plan(
            [
                Self.call("a", "x = 1", session: "lab"), Self.call("b", "x = 20", session: "other"),
                [
                    "id": "again", "repeat": [Self.call("c", "x += 1\nprint x", session: "lab")], "max": 3,
                ],
                Self.call("d", "print x", session: "other"), Self.call("e", "print x"),
            ], output: "{{ c.output }}{{ d.output }}{{ e.status }}")
        let scene = ToolScene(tools: tools)
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == "4\n20\nfailed")
        #expect(Set(tools.runs.compactMap(\.session)) == ["python/lab", "python/other"])
        #expect(tools.ended == ["python/lab", "python/other"])
        #expect(try await scene.later().driver.replay(outcome.run, plan: plan, mode: .tools).isIdentical)
        #expect(try await scene.later(NoTools()).driver.replay(outcome.run, plan: plan, mode: .strict).isIdentical)
    }

    @Test func `a tool that shares a state has one per run, unless a step names one`() async throws {
        let tools = StatefulTools()
        let plan = try ToolScene.plan(
            [
                Self.call("a", "x = 1"), Self.call("b", "x = 2", session: "mine"), Self.call("c", "print x"),
            ], output: "{{ c.output }}", isShared: true)
        #expect(try await ToolScene(tools: tools).run(plan).answer == "1\n")
        #expect(tools.runs.map(\.session) == ["python", "python/mine", "python"])
    }

    @Test(arguments: 0..<20) func `every branch has a state of its own, which begins with what was there before`(
        seed: UInt64
    ) async throws {
        let plan = try ToolScene.plan(
            [
                Self.call("a", "x = 10\ndraw y", session: "lab"),
                [
                    "id": "many", "for_each": "range(4)", "as": "i", "parallel": true,
                    "do": [
                        Self.call("b", "x += {{ i }}", session: "lab"),
                        Self.call("c", "x += {{ i }}\nprint x", session: "lab"),
                    ],
                ],
                [
                    "id": "both",
                    "parallel": [
                        Self.call("left", "x += 1\nprint x", session: "lab"),
                        Self.call("right", "x += 2\nprint x", session: "lab"),
                    ],
                ],
                Self.call("d", "x += 0\nprint x\nprint y", session: "lab"),
            ],
            output: """
                {% for m in many %}{{ m.output }}{% endfor %}{{ left.output }}{{ right.output }}{{ d.output }}
                """)
        let random = RandomStream(seed: seed).child("pace")
        let counter = Guarded<UInt64>(0)
        let tools = StatefulTools { _ in
            let turn = counter.withLock { count in
                count += 1
                return count
            }
            for _ in 0..<random.integer(at: turn, below: 20) { await Task.yield() }
        }
        let scene = ToolScene(tools: tools)
        let outcome = try await scene.run(plan)
        #expect(outcome.answer?.hasPrefix("10\n12\n14\n16\n11\n12\n10\n") == true)
        #expect(!tools.wasShared)
        #expect(tools.open.isEmpty)
        let reference = ToolScene()
        let expected = try await reference.run(plan)
        #expect(outcome.answer == expected.answer)
        #expect(try await scene.record(of: outcome.run) == reference.record(of: expected.run))
        let told = try await scene.restored(in: outcome.run)
        #expect(told.count == 6, "each branch was made of what was called before it")
        #expect(told.allSatisfy { $0["differing"] == [] })
        #expect(try await scene.later().driver.replay(outcome.run, plan: plan, mode: .tools).isIdentical)
    }

    @Test func `the name of a session is a word`() throws {
        let error = #expect(throws: PlanProblems.self) {
            try ToolScene.plan([Self.call("a", "x = 1", session: "my lab")], output: "")
        }
        #expect(
            error?.problems.map(\.message) == [
                "the session \"my lab\" is not a letter followed by letters, digits, '_' and '-'"
            ])
        #expect(error?.problems.map(\.path.description) == ["steps[0].session"])
    }

    @Test func `a call that throws leaves the session as it was before`() async throws {
        let failures = Guarded(1)
        let tools = StatefulTools { call in
            guard call.arguments["code"] == "x += 1" else { return }
            let isFirst = failures.withLock { left in
                left -= 1
                return left == 0
            }
            if isFirst { throw Unreachable() }
        }
        let plan = try ToolScene.plan(
            [
                Self.call("a", "x = 1", session: "lab"), Self.call("b", "x += 1", session: "lab"),
                Self.call("c", "print x", session: "lab"),
            ], output: "{{ c.output }}")
        let scene = ToolScene(tools: tools)
        let outcome = try await scene.run(plan)
        #expect(outcome.answer == "2\n")
        #expect(try await scene.restored(in: outcome.run).count == 1)
    }
}
