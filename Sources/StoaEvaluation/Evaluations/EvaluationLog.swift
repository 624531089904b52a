internal import OrderedCollections
public import StoaCore

/// An evaluation as the journal keeps it: a run of its own, whose events are what was asked and each item as it came.
///
/// So items are as durable as events, chained and verified like them, exported and imported with them, and the lease of runs
/// keeps two processes from working on one evaluation. The playbook of such a record is `eval:` and the playbook's name,
/// which no playbook can have.
public struct EvaluationLog: Sendable {
    /// How the `playbook` of an evaluation's record begins.
    public static let prefix = RunRecord.evaluationPrefix

    private static let started = EventKind("eval_started")
    private static let item = EventKind("eval_item")
    private static let finished = EventKind("eval_finished")
    private static let key = EffectKey(node: "_eval")
    private static let itemNode = "_eval_item"
    private static let actor = AgentID("evaluation")

    /// Where it is kept.
    public let journal: any Journal
    /// Its name.
    public let id: RunID

    /// Refers to an evaluation.
    ///
    /// - Parameters:
    ///   - id: its name.
    ///   - journal: where it is kept.
    public init(_ id: RunID, in journal: any Journal) {
        self.id = id
        self.journal = journal
    }

    /// What is known of an evaluation.
    public struct Content: Sendable {
        /// Its record.
        public var record: RunRecord
        /// What it asks.
        public var definition: EvaluationDefinition
        /// What came so far, in the order in which it was asked: by problem, then by sample.
        public var items: [EvaluationItem]
        /// How long it worked so far, in seconds, stops left out.
        public var elapsed: Double
    }

    // MARK: - Writing

    /// Begins an evaluation.
    ///
    /// - Parameters:
    ///   - definition: what it asks.
    ///   - observation: when, and by whom.
    ///   - owner: who works on it.
    /// - Throws: `JournalError`.
    func create(_ definition: EvaluationDefinition, _ observation: Observation, owner: ProcessIdentity) async throws {
        try await journal.create(
            RunRecord(id: id, playbook: Self.prefix + definition.name, started: observation.time, owner: owner))
        let playbook = Blob(Array(definition.playbook.canonicalText.utf8))
        let problems = Blob(Array(JSONValue.array(definition.problems.map(\.document)).canonicalText.utf8))
        var models: JSONValue.Members = [:]
        for (name, identity) in definition.models.sorted(by: { $0.key < $1.key }) { models[name] = identity.document }
        let payload: JSONValue = [
            "playbook": Self.reference(playbook), "problems": Self.reference(problems),
            "parameters": .object(definition.parameters), "data": .string(definition.data),
            "samples": .integer(Int64(definition.samples)), "seed": .string(String(definition.seed)),
            "scoring": definition.scoring.document, "models": .object(models),
            "stop_width": definition.stopWidth.map { .number($0) } ?? .null,
            "rescored": definition.rescored.map { .string($0.rawValue) } ?? .null,
        ]
        try await journal.append(
            [
                Event(
                    key: EventKey(Self.key, Self.started), actor: Self.actor, payload: payload,
                    blobs: [playbook, problems])
            ], observation: observation, to: id)
    }

    /// Adds items, which are durable when this returns.
    func append(_ items: [EvaluationItem], time: WallTime, process: Int, elapsed: Double) async throws {
        for item in items {
            // Each has times of its own, which are observed and no part of what happened.
            try await journal.append(
                [
                    Event(
                        key: EventKey(
                            EffectKey(node: Self.itemNode, indices: [item.problem, item.sample]), Self.item),
                        actor: Self.actor, payload: item.document)
                ],
                observation: Observation(
                    time: time, process: process,
                    details: ["seconds": .number(item.seconds), "elapsed": .number(elapsed)]), to: id)
        }
    }

    /// Ends the evaluation.
    ///
    /// - Parameters:
    ///   - answer: its result in words, for lists of runs.
    ///   - observation: who and when.
    /// - Throws: `JournalError`.
    func finish(_ answer: String, _ observation: Observation) async throws {
        try await journal.append(
            [Event(key: EventKey(Self.key, Self.finished), actor: Self.actor, payload: ["result": .string(answer)])],
            observation: observation, to: id)
        try await journal.update(id, status: .completed, answer: answer)
    }

    private static func reference(_ blob: Blob) -> JSONValue {
        ["blob": .string(blob.digest.description), "form": "json", "count": 1]
    }

    // MARK: - Reading

    /// Reads the evaluation.
    ///
    /// - Returns: all that is recorded of it.
    /// - Throws: `EvaluationError` where the run is none; `JournalError`.
    public func read() async throws -> Content {
        let record = try await journal.run(id)
        guard record.isEvaluation, let start = try await journal.event(EventKey(Self.key, Self.started), in: id) else {
            throw EvaluationError(
                .notAnEvaluation, kind: .usage, "\(id): expected an evaluation, found a run of '\(record.playbook)'",
                hint: record.isEvaluation
                    ? "its process was killed before it began: begin it anew" : "stoa log list --evals lists them")
        }
        let definition = try await definition(start.event.payload)
        var content = Content(record: record, definition: definition, items: [], elapsed: 0)
        var sequence = 0
        while true {
            let events = try await journal.events(in: id, after: sequence, limit: 500)
            guard let last = events.last else { break }
            for event in events { try add(event, to: &content) }
            sequence = last.sequence
        }
        content.items.sort { ($0.problem, $0.sample) < ($1.problem, $1.sample) }
        return content
    }

    private func add(_ recorded: RecordedEvent, to content: inout Content) throws {
        guard recorded.event.key.kind == Self.item else { return }
        let indices = recorded.event.key.effect.indices
        let details = recorded.observation.details
        guard indices.count == 2, content.definition.problems.indices.contains(indices[0]),
            let item = EvaluationItem(
                document: recorded.event.payload, problem: indices[0], sample: indices[1],
                seconds: details["seconds"]?.doubleValue ?? 0)
        else { throw damaged("event \(recorded.sequence)") }
        content.items.append(item)
        content.elapsed = max(content.elapsed, details["elapsed"]?.doubleValue ?? 0)
    }

    private func definition(_ payload: JSONValue) async throws -> EvaluationDefinition {
        let documents = try await json(payload["problems"])
        var problems: [Problem] = []
        for document in documents.arrayValue ?? [] {
            problems.append(try Problem(document.objectValue ?? [:], at: "evaluation \(id)", named: ""))
        }
        guard let seed = payload["seed"]?.stringValue.flatMap({ UInt64($0) }),
            let samples = payload["samples"]?.intValue, let data = payload["data"]?.stringValue
        else { throw damaged("its beginning") }
        var models: [String: ModelIdentity] = [:]
        for (name, document) in payload["models"]?.objectValue ?? [:] {
            models[name] = ModelIdentity(document: document)
        }
        return EvaluationDefinition(
            playbook: try await json(payload["playbook"]), parameters: payload["parameters"]?.objectValue ?? [:],
            data: data, problems: problems, samples: samples, seed: seed,
            scoring: EvaluationScoring(document: payload["scoring"]), models: models,
            stopWidth: payload["stop_width"]?.doubleValue, rescored: payload["rescored"]?.stringValue.map { RunID($0) })
    }

    private func json(_ reference: JSONValue?) async throws -> JSONValue {
        guard let digest = reference?["blob"]?.stringValue.flatMap(SHA256Digest.init(hexadecimal:)),
            let value = try? JSONParser.parse(try await journal.blob(digest))
        else { throw damaged("its beginning") }
        return value
    }

    private func damaged(_ place: String) -> EvaluationError {
        EvaluationError(
            .notAnEvaluation, kind: .divergence, "evaluation \(id): \(place) cannot be read",
            hint: "stoa log verify \(id) finds what is affected")
    }
}
