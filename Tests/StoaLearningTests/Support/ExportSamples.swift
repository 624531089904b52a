import OrderedCollections
import StoaCore
import StoaLearning
import StoaTestKit

/// Rollouts of every kind there is: what exports are tested with.
enum ExportSamples {
    static let policy = SamplingPolicy(
        fingerprint: "sha256:0123", name: "tiny", kernelPath: "scalar", precision: "exact", temperature: 0.75)

    static func rollouts() throws -> [Rollout] {
        var random = SplitMix(seed: 11)
        let loop = ToolLoop(turns: 3, &random)
        var three = try Rollout.rollouts(of: loop.calls, id: "run-1/solve@solver#0", policy: policy)[0]
        three.trajectory.reward = 1

        let plain = Rollout(
            trajectory: try Trajectory(
                id: "run-2/solve@solver/1#0", group: three.trajectory.group, tokens: [5, 6, 7, 8],
                spans: [TokenSpan(.prompt, 2), TokenSpan(.model, 2)], behaviourLogProbabilities: [-0.5, -1],
                finish: .length, reward: 0, policy: policy),
            prompt: [ChatMessage(.system, "You solve."), ChatMessage(.user, "What is \"6 × 7\"?\n")],
            completion: [ChatMessage(.assistant, "It is\t\\boxed{41} 🙂 \u{2028}")], agent: "solver/1")

        let remote = Rollout(
            trajectory: try Trajectory(
                id: "run-3/judge@critic#0", group: "remote", tokens: [], spans: [], finish: .stop,
                policy: SamplingPolicy(fingerprint: "http://127.0.0.1:1/v1 big", name: "big")),
            prompt: [ChatMessage(.user, "Judge this.")], completion: [ChatMessage(.assistant, "Fine.")],
            agent: "critic")

        let call = ToolCall(id: "1", name: "python", arguments: ["code": "print(6 * 7)"])
        let native = Rollout(
            trajectory: try Trajectory(
                id: "run-4/solve@solver#0", group: "native", tokens: [1, 2, 3, 4, 5],
                spans: [TokenSpan(.prompt, 1), TokenSpan(.model, 1), TokenSpan(.tool, 2), TokenSpan(.model, 1)],
                turns: [
                    TrajectoryTurn(hasCode: true, hasAnswer: false), TrajectoryTurn(hasCode: false, hasAnswer: true),
                ],
                reward: 0.5, policy: policy),
            prompt: [ChatMessage(.user, "6 * 7?")],
            completion: [
                ChatMessage(.assistant, "", toolCalls: [call]), ChatMessage(.tool, "42"),
                ChatMessage(.assistant, "\\boxed{42}"),
            ], agent: "solver")

        let void = Rollout(
            trajectory: try Trajectory(
                id: "run-5/solve@solver#0", group: "void", tokens: [9, 9, 9],
                spans: [TokenSpan(.prompt, 1), TokenSpan(.model, 2)], behaviourLogProbabilities: [-2.25, -3],
                turns: [TrajectoryTurn(hasCode: false, hasAnswer: false)], finish: .stop, reward: 0, policy: policy),
            prompt: [ChatMessage(.user, "Hm?")], completion: [ChatMessage(.assistant, "Well.")], agent: "solver")

        return [three, plain, remote, native, void].enumerated().map { index, rollout in
            var rollout = rollout
            rollout.run = RunID("run-\(index + 1)")
            rollout.playbook = "sample"
            rollout.step = String(rollout.trajectory.id.split(separator: "/", maxSplits: 1)[1])
            // Nobody knows what a judge should say.
            rollout.reference = rollout.agent == "critic" ? nil : "42"
            return rollout
        }
    }
}
