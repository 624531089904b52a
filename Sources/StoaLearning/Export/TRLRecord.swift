internal import OrderedCollections
public import StoaCore

/// A rollout as a line of a data set for TRL.
///
/// The columns, in this order; a column whose value is not known is null, and none is ever left out:
///
/// | column | type | what it is |
/// |---|---|---|
/// | `prompt` | list of `{role, content}` | the conversation that the model was asked to go on with |
/// | `completion` | list of `{role, content}` | what followed; a tool's words have the role `tool` |
/// | `prompt_ids` | list of int | the tokens of the prompt |
/// | `completion_ids` | list of int | all tokens behind them, the tools' included |
/// | `env_mask` | list of 0 or 1 | 1 where the model chose the token of `completion_ids`, 0 where a tool said it |
/// | `logprobs` | list of float | log-probability of each of `completion_ids` when sampled; 0 where `env_mask` is 0 |
/// | `reward` | float | what it is worth |
/// | `weight` | float | 0 for a trajectory with a void turn, else 1 |
/// | `turns`, `finish` | int, string | the number of the model's turns; why the last one ended |
/// | `group` | string | equal for equal prompts |
/// | `reference` | string | the right answer |
/// | `id`, `run`, `step`, `agent` | string | where it comes from |
/// | `model`, `fingerprint`, `kernel_path`, `precision`, `temperature` | string, the last float | what sampled it |
///
/// The first two are TRL's conversational prompt-completion form, so the file is a data set for `SFTTrainer`; the next
/// four are what a `rollout_func` of `GRPOTrainer` returns. A message that calls tools natively has `tool_calls` beside
/// its content.
///
/// Determinism: a pure function of the rollout; the same rollout is the same line, byte for byte.
public enum TRLRecord {
    /// The columns, in order.
    public static let columns = [
        "prompt", "completion", "prompt_ids", "completion_ids", "env_mask", "logprobs", "reward", "weight", "turns",
        "finish", "group", "reference", "id", "run", "step", "agent", "model", "fingerprint", "kernel_path",
        "precision", "temperature",
    ]

    /// The line's document.
    ///
    /// - Parameter rollout: the rollout.
    /// - Returns: an object with all columns.
    public static func document(_ rollout: Rollout) -> JSONValue {
        let trajectory = rollout.trajectory
        let tokens = ExportedTokens(trajectory)
        return [
            "prompt": .array(rollout.prompt.map(message)), "completion": .array(rollout.completion.map(message)),
            "prompt_ids": tokens.prompt, "completion_ids": tokens.completion, "env_mask": tokens.mask,
            "logprobs": tokens.logProbabilities, "reward": ExportedTokens.number(trajectory.reward),
            "weight": .number(trajectory.isVoid ? 0 : 1), "turns": .integer(Int64(rollout.turnCount)),
            "finish": .string(trajectory.finish.rawValue), "group": .string(trajectory.group),
            "reference": ExportedTokens.text(rollout.reference), "id": .string(trajectory.id),
            "run": ExportedTokens.text(rollout.run?.rawValue), "step": .string(rollout.step),
            "agent": .string(rollout.agent), "model": .string(trajectory.policy.name),
            "fingerprint": .string(trajectory.policy.fingerprint),
            "kernel_path": ExportedTokens.text(trajectory.policy.kernelPath),
            "precision": ExportedTokens.text(trajectory.policy.precision),
            "temperature": ExportedTokens.number(trajectory.policy.temperature),
        ]
    }

    /// A message as TRL reads it: tool calls without ids, their arguments an object.
    static func message(_ message: ChatMessage) -> JSONValue {
        var members: JSONValue.Members = ["role": .string(message.role.rawValue), "content": .string(message.content)]
        if !message.toolCalls.isEmpty {
            members["tool_calls"] = .array(
                message.toolCalls.map {
                    ["type": "function", "function": ["name": .string($0.name), "arguments": $0.arguments]]
                })
        }
        return .object(members)
    }
}
