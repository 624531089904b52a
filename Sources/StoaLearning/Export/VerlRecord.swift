internal import OrderedCollections
public import StoaCore

/// A rollout as a line of a data set for verl, before it is converted to Parquet.
///
/// The five columns that verl documents, under their names; what it knows nothing of stands in `extra_info`:
///
/// | column | type | what it is |
/// |---|---|---|
/// | `data_source` | string | the name by which verl finds the reward function: `stoa/` and the playbook unless told otherwise |
/// | `prompt` | list of `{role, content}` | the conversation that the model was asked to go on with |
/// | `ability` | string | the kind of task |
/// | `reward_model` | `{style, ground_truth}` | `rule`, and the right answer |
/// | `extra_info` | a struct | `split` and `index`, then the rollout: see `extraColumns` |
///
/// A rollout whose right answer nobody knows has none to be rewarded by: it is no line.
///
/// Determinism: a pure function of its arguments.
public enum VerlRecord {
    /// The columns, in order.
    public static let columns = ["data_source", "prompt", "ability", "reward_model", "extra_info"]

    /// The members of `extra_info`, in order; the names of token arrays are those of verl's batches.
    public static let extraColumns = [
        "split", "index", "response", "prompt_ids", "response_ids", "response_mask", "rollout_log_probs", "reward",
        "weight", "turns", "finish", "group", "id", "run", "step", "agent", "model", "fingerprint", "kernel_path",
    ]

    /// The line's document.
    ///
    /// - Parameters:
    ///   - rollout: the rollout.
    ///   - index: the number of the line, from 0.
    ///   - dataSource: the name by which verl finds the reward function; nil for `stoa/` and the playbook.
    ///   - ability: the kind of task.
    ///   - split: the part of the data set.
    /// - Returns: an object with all columns; nil where the right answer is not known.
    public static func document(
        _ rollout: Rollout, index: Int, dataSource: String? = nil, ability: String = "math", split: String = "train"
    ) -> JSONValue? {
        guard let reference = rollout.reference else { return nil }
        let trajectory = rollout.trajectory
        let tokens = ExportedTokens(trajectory)
        return [
            "data_source": .string(dataSource ?? "stoa/\(rollout.playbook)"),
            "prompt": .array(
                rollout.prompt.map { ["role": .string($0.role.rawValue), "content": .string($0.content)] }),
            "ability": .string(ability),
            "reward_model": ["style": "rule", "ground_truth": .string(reference)],
            "extra_info": [
                "split": .string(split), "index": .integer(Int64(index)),
                "response": .string(rollout.completion.map(\.content).joined()),
                "prompt_ids": tokens.prompt, "response_ids": tokens.completion, "response_mask": tokens.mask,
                "rollout_log_probs": tokens.logProbabilities, "reward": ExportedTokens.number(trajectory.reward),
                "weight": .number(trajectory.isVoid ? 0 : 1), "turns": .integer(Int64(rollout.turnCount)),
                "finish": .string(trajectory.finish.rawValue), "group": .string(trajectory.group),
                "id": .string(trajectory.id), "run": ExportedTokens.text(rollout.run?.rawValue),
                "step": .string(rollout.step), "agent": .string(rollout.agent),
                "model": .string(trajectory.policy.name), "fingerprint": .string(trajectory.policy.fingerprint),
                "kernel_path": ExportedTokens.text(trajectory.policy.kernelPath),
            ],
        ]
    }
}
