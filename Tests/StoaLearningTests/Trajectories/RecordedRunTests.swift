import OrderedCollections
import StoaCore
import StoaLearning
import StoaMethods
import StoaRuntime
import StoaTestKit
import StoaTestSupport
import Testing

/// Trajectories of whole runs, read back from their journals: the sums of the acceptance test T3, and T4 for real loops.
@Suite struct RecordedRunTests {
    /// A block of code, as a model writes it.
    static func block(_ code: String) -> String { "So:\n```python\n\(code)\n```\n" }

    private struct Scene {
        let journal = InMemoryJournal()
        let model: ScriptedModel
        let plan: Plan

        /// A loop on a model that writes one text after another, and a verifier of its answer.
        init(_ turns: [String], options: JSONValue = .emptyObject, maximumTokens: Int = 400) throws {
            model = ScriptedModel(fingerprint: "weights") { request in
                let done = request.turn.count { if case .tokens = $0 { true } else { false } }
                return .say(done < turns.count ? turns[done] : "")
            }
            let environment = PlanEnvironment(
                verifiers: ["last_word"], choiceRules: ChoiceRules.names, builtinTools: ["python"],
                methods: Methods.all)
            plan = try Plan(
                document: [
                    "stoa": 1, "name": "loops", "models": ["default": ["use": "any", "precision": "exact"]],
                    "parameters": ["question": ["type": "string"], "reference": ["type": "string", "default": ""]],
                    "agents": [
                        "solver": [
                            "system": "You solve.", "prompt": "{{ question }}",
                            "max_tokens": .integer(Int64(maximumTokens)), "temperature": 0.5,
                        ],
                        "critic": ["role": "teacher", "prompt": "Is it right? {{ solve.text }}"],
                    ],
                    "tools": [
                        "python": [
                            "description": "runs code", "kind": "builtin", "idempotent": true,
                            "parameters": ["properties": ["code": ["type": "string"]], "required": ["code"]],
                        ]
                    ],
                    "steps": [
                        ["id": "solve", "method": "tool-loop", "agent": "solver", "options": options],
                        ["id": "opinion", "say": "critic"],
                        [
                            "id": "graded", "verify": "last_word", "text": "{{ solve.text }}",
                            "reference": "{{ reference }}", "question": "{{ question }}",
                        ],
                    ],
                    "output": "{{ solve.answer }}",
                ], environment: environment)
        }

        func rollouts() async throws -> [Rollout] {
            let driver = RunDriver(
                RunSetup(
                    journal: journal, models: ["default": model], tools: StatefulTools(),
                    verifiers: ["last_word": LastWord()], clock: ManualTimeSource(), identifiers: TestIdentifiers(),
                    process: ProcessIdentity(process: 1, startTicks: 1, boot: "test")))
            let parameters: JSONValue.Members = ["question": "Why?", "reference": "{42}"]
            let outcome = try await driver.run(plan, parameters: parameters, seed: 3)
            let transcript = try await RunTranscript.read(outcome.run, from: journal)
            return try Rollout.rollouts(of: transcript) { $0.contains("\\boxed{") }
        }

        /// The rollout of the loop.
        func loop() async throws -> Rollout {
            try #require(try await rollouts().first { $0.agent == "solver" })
        }
    }

    /// Whether the last word is that of the reference.
    private struct LastWord: Verifier {
        var name: String { "last_word" }
        func extract(_ text: String) -> String? { text.split(separator: "d").last.map(String.init) }
        func areEquivalent(_ first: String, _ second: String) -> Bool { first == second }
        func verify(_ request: VerificationRequest) -> Verdict {
            let isRight = extract(request.text) == request.reference
            return Verdict(
                isAccepted: isRight, score: isRight ? 1 : 0, answer: extract(request.text), evidence: "", verifier: name
            )
        }
    }

    @Test func `the trajectory of a loop is what the model was fed and what it chose`() async throws {
        let turns = [Self.block("x = 40"), Self.block("x += 2\nprint x"), "It is \\boxed{42}"]
        let scene = try Scene(turns)
        let rollouts = try await scene.rollouts()
        #expect(rollouts.map(\.agent) == ["critic", "solver"])
        let rollout = try #require(rollouts.last)
        let trajectory = rollout.trajectory

        // What the model was fed, call by call: the last prompt and the last reply are the whole.
        let requests = scene.model.requests.filter { $0.fence != nil }
        #expect(requests.count == 3)
        let fed = try #require(requests.last)
        let words = fed.messages.map(\.content).joined() + fed.turn.map(\.text).joined() + turns[2]
        #expect(trajectory.tokens == words.unicodeScalars.map { TokenID(Int32(bitPattern: $0.value)) })

        // The sums of T3: as many marks as tokens were sampled, and none on the prompt or on what the tool said.
        let sampled = turns.joined().unicodeScalars.map { TokenID(Int32(bitPattern: $0.value)) }
        #expect(trajectory.mask.count { $0 } == sampled.count)
        #expect(zip(trajectory.tokens, trajectory.mask).filter(\.1).map(\.0) == sampled)
        #expect(trajectory.spans.map(\.origin) == [.prompt, .model, .tool, .model, .tool, .model])
        #expect(trajectory.promptCount == fed.messages.map(\.content).joined().unicodeScalars.count)
        #expect(
            trajectory.behaviourLogProbabilities
                == turns.flatMap { turn in turn.unicodeScalars.indices.enumerated().map { -1 / Double($0.offset + 1) } }
        )

        #expect(trajectory.turns.map(\.hasCode) == [true, true, false])
        #expect(trajectory.turns.map(\.hasAnswer) == [false, false, true])
        #expect(!trajectory.isVoid)
        #expect(trajectory.finish == .stop)
        #expect(trajectory.reward == 1)
        #expect(
            trajectory.policy
                == SamplingPolicy(fingerprint: "weights", name: "scripted", precision: "exact", temperature: 0.5))
        #expect(rollout.completion.map(\.role) == [.assistant, .tool, .assistant, .tool, .assistant])
        #expect(rollout.completion.filter { $0.role == .assistant }.map(\.content) == turns)
        #expect(rollout.completion[3].content.contains("42"))
        #expect(rollout.prompt.map(\.content) == ["You solve.", "Why?"])
        #expect(rollout.playbook == "loops")
        #expect(rollout.step == "solve@solver#0")
        #expect(rollout.reference == "{42}")

        // Who only has an opinion is judged by nobody, and without tools there is nothing to be void.
        let opinion = try #require(rollouts.first)
        #expect(opinion.trajectory.reward == nil)
        #expect(opinion.trajectory.turns.isEmpty)
        #expect(opinion.turnCount == 1)
        #expect(opinion.trajectory.spans.map(\.origin) == [.prompt, .model])
    }

    @Test func `the same run is the same lines`() async throws {
        let turns = [Self.block("print 1"), "\\boxed{1}"]
        let first = try await Scene(turns).rollouts()
        let second = try await Scene(turns).rollouts()
        #expect(first == second)
        #expect(TrainingFormat.trl.lines(of: first).lines == TrainingFormat.trl.lines(of: second).lines)
    }

    /// Loops, and whether they are void.
    static let loops: [(name: String, turns: [String], options: JSONValue, isVoid: Bool)] = [
        ("no code and no box", ["I think so."], .emptyObject, true),
        ("an unterminated fence", ["```python\nprint 1"], .emptyObject, true),
        ("the end at once", [""], .emptyObject, true),
        ("prose that is cut", [String(repeating: "a", count: 500)], .emptyObject, true),
        ("void in the third turn", [block("print 1"), block("print 2"), "Hm.", "\\boxed{1}"], .emptyObject, true),
        ("code that fails", [block("raise oops"), "\\boxed{1}"], .emptyObject, false),
        ("code that runs out of time", [block("forever"), "\\boxed{1}"], .emptyObject, false),
        ("code that prints nothing", [block("x = 1"), "\\boxed{1}"], .emptyObject, false),
        ("code in every turn", [block("print 1"), block("print 2")], ["turns": 2], false),
        ("no more calls", [block("print 1"), block("print 2")], ["tool_calls": 1], false),
        ("an answer from code", [block("answer 7")], .emptyObject, false),
    ]

    @Test(arguments: loops.indices) func `real loops are void as the rule has it`(index: Int) async throws {
        let (name, turns, options, isVoid) = Self.loops[index]
        let rollout = try await Scene(turns, options: options).loop()
        #expect(rollout.trajectory.isVoid == isVoid, "\(name)")
        #expect(rollout.trajectory.turns.count == rollout.turnCount)
        #expect(TRLRecord.document(rollout)["weight"]?.doubleValue == (isVoid ? 0 : 1))
        // Only the last turn can be void: the loop ends with it.
        #expect(rollout.trajectory.turns.dropLast().allSatisfy { !$0.isVoid })
    }

    @Test func `a turn that is cut is capped`() async throws {
        let rollout = try await Scene(["a very long story"], maximumTokens: 5).loop()
        #expect(rollout.trajectory.finish == .length)
        #expect(rollout.trajectory.isCapped)
        #expect(rollout.trajectory.modelTokenCount == 5)
    }
}
