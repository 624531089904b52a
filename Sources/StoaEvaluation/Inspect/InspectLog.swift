public import OrderedCollections
public import StoaCore

/// Runs and evaluations as a log of Inspect AI, so that `inspect log dump`, `inspect view` and what else reads its logs can
/// read ours.
///
/// Source: the JSON format of version 2, as the package inspect-ai 0.3.285 reads it (`EvalLog` in `inspect_ai.log`). What
/// Inspect has no word for is in `metadata`.
public struct InspectLog: Sendable {
    static let version = 2

    private let head: JSONValue.Members
    private let samples: [InspectSample]

    private init(head: JSONValue.Members, samples: [InspectSample]) {
        self.head = head
        self.samples = samples
    }

    // MARK: - What is logged

    /// The log of an evaluation.
    ///
    /// - Parameter result: the evaluation.
    public init(_ result: EvaluationResult) {
        let definition = result.definition
        let samples = result.items.map { item in
            InspectSample(
                id: definition.problems[item.problem].id, epoch: item.sample + 1,
                problem: definition.problems[item.problem], item: item, run: item.run,
                scorer: definition.scoring.verifier)
        }
        let model = result.model.map { Self.name(of: $0) } ?? "none/none"
        let status: JSONValue =
            switch result.status {
            case .completed: "success"
            case .running: "started"
            case .cancelled, .interrupted: "cancelled"
            default: "error"
            }
        let score: JSONValue = [
            "name": .string(definition.scoring.verifier), "scorer": .string(definition.scoring.verifier),
            "scored_samples": .integer(Int64(result.items.count)), "unscored_samples": 0, "params": [:],
            "metrics": [
                "accuracy": Self.metric("accuracy", result.accuracy),
                "stderr": Self.metric("stderr", result.standardError),
                "ci95_lower": Self.metric("ci95_lower", result.interval.lower),
                "ci95_upper": Self.metric("ci95_upper", result.interval.upper),
            ],
        ]
        let started = result.started.description
        let end = result.started.nanosecondsSinceEpoch + Int64(result.seconds * 1e9)
        head = [
            "version": .integer(Int64(Self.version)), "status": status,
            "eval": Self.spec(
                id: result.id.rawValue, playbook: definition.playbook, started: started, model: model,
                dataset: [
                    "name": .string(definition.data), "location": .string(definition.data),
                    "samples": .integer(Int64(result.problems)),
                    "sample_ids": .array(result.tries.map { .string($0.problem.id) }), "shuffled": false,
                ], epochs: definition.samples, arguments: definition.parameters),
            "plan": Self.plan(definition.name),
            "results": [
                "total_samples": .integer(Int64(result.items.count)),
                "completed_samples": .integer(Int64(result.items.count - result.failed)), "scores": [score],
            ],
            "stats": [
                "started_at": .string(started),
                "completed_at": .string(WallTime(nanosecondsSinceEpoch: end).description),
                "model_usage": [model: InspectSample.usage(result.usage)],
            ],
            "metadata": ["stoa": ["eval": .string(result.id.rawValue), "seed": .string(String(definition.seed))]],
        ]
        self.samples = samples
    }

    /// The log of one run: an evaluation of one problem, which nobody scored.
    ///
    /// - Parameters:
    ///   - record: the run.
    ///   - playbook: its resolved playbook.
    ///   - parameters: its parameters.
    ///   - model: the model it was done with.
    public init(_ record: RunRecord, playbook: JSONValue, parameters: JSONValue.Members, model: ModelIdentity?) {
        let name = model.map { Self.name(of: $0) } ?? "none/none"
        let question = parameters["question"]?.stringValue ?? JSONValue.object(parameters).text
        let status: JSONValue =
            switch record.status {
            case .completed, .limit: "success"
            case .running, .approvalRequired: "started"
            case .cancelled, .interrupted: "cancelled"
            case .failed: "error"
            }
        let started = record.started.description
        head = [
            "version": .integer(Int64(Self.version)), "status": status,
            "eval": Self.spec(
                id: record.id.rawValue, playbook: playbook, started: started, model: name,
                dataset: [
                    "name": "command line", "samples": 1, "sample_ids": [.string(record.id.rawValue)],
                    "shuffled": false,
                ], epochs: 1, arguments: parameters),
            "plan": Self.plan(record.playbook),
            "results": [
                "total_samples": 1, "completed_samples": record.status.isFinal && record.status != .failed ? 1 : 0,
                "scores": [],
            ],
            "stats": ["started_at": .string(started), "completed_at": .string(started), "model_usage": [:]],
            "metadata": ["stoa": ["run": .string(record.id.rawValue), "status": .string(record.status.rawValue)]],
        ]
        samples = [
            InspectSample(
                id: record.id.rawValue, epoch: 1,
                problem: Problem(id: record.id.rawValue, question: question, answer: ""), item: nil, run: record.id,
                scorer: "")
        ]
    }

    private static func name(of model: ModelIdentity) -> String { "stoa/\(model.name)" }

    private static func metric(_ name: String, _ value: Double) -> JSONValue {
        ["name": .string(name), "value": .number(value), "params": [:]]
    }

    private static func plan(_ playbook: String) -> JSONValue {
        ["name": "plan", "steps": [["solver": .string(playbook), "params": [:]]], "config": [:]]
    }

    private static func spec(
        id: String, playbook: JSONValue, started: String, model: String, dataset: JSONValue, epochs: Int,
        arguments: JSONValue.Members
    ) -> JSONValue {
        let name = playbook["name"]?.stringValue ?? "playbook"
        return [
            "eval_id": .string(id), "run_id": .string(id), "created": .string(started), "task": .string(name),
            "task_id": .string(name), "task_version": 0, "task_display_name": .string(name),
            "task_description": playbook["description"] ?? .null, "task_attribs": [:],
            "task_args": .object(arguments), "task_args_passed": .object(arguments), "dataset": dataset,
            "model": .string(model), "model_generate_config": [:], "model_args": [:],
            "config": ["epochs": .integer(Int64(epochs)), "epochs_reducer": ["mean"]], "packages": [:],
            "metadata": ["playbook": playbook],
        ]
    }

    // MARK: - Writing

    /// Writes the log, a document, piece by piece: it is never in memory as a whole.
    ///
    /// - Parameters:
    ///   - journal: where the runs are kept.
    ///   - write: is given the pieces in order.
    /// - Throws: `JournalError`, or what `write` throws.
    public func write(reading journal: any Journal, _ write: (String) throws -> Void) async throws {
        try write(String(JSONValue.object(head).text.dropLast()) + ",\"samples\":[")
        for (index, sample) in samples.enumerated() {
            let document = try await sample.document(reading: journal, model: model)
            try write((index > 0 ? "," : "") + document.text)
        }
        try write("]}")
    }

    private var model: String { head["eval"]?["model"]?.stringValue ?? "" }
}
