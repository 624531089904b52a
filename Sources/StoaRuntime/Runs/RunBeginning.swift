public import OrderedCollections
public import StoaCore

/// What a run began with, as its journal keeps it: enough to execute it again without any file.
public struct RunBeginning: Sendable {
    /// The node of events that belong to the run itself; no step can have this name.
    static let node = "_run"

    /// The resolved playbook.
    public var playbook: JSONValue
    /// The parameters, checked, defaults included.
    public var parameters: JSONValue.Members
    /// The parameters that the journal keeps elsewhere and refers to, since they are large.
    var records: [String] = []
    /// The seed of all chance.
    public var seed: UInt64
    /// The models by the plan's names.
    public var models: [String: ModelIdentity]
    /// When it began: the date that its texts can ask for.
    public var started: WallTime
    /// How often it was branched: 0 for a run of its own.
    public var generation: Int

    /// Reads what a run began with.
    ///
    /// - Parameters:
    ///   - run: the run.
    ///   - journal: where it is kept.
    /// - Returns: its beginning; for a fork with the changes that it was branched with.
    /// - Throws: `JournalError`.
    public static func of(_ run: RunID, in journal: any Journal) async throws -> RunBeginning {
        var generation = 0
        var parent = try await journal.run(run).parent
        while let fork = parent {
            generation += 1
            parent = try await journal.run(fork.run).parent
        }
        let key = Self.key(generation)
        guard let found = try await journal.event(EventKey(key, .runStarted), in: run) else {
            throw JournalError(
                .unknownEvent, kind: .badInput, "run \(run): expected an event \(key)/run_started, found none",
                hint: "its process was killed before the run began: there is nothing to go on with")
        }
        return try await read(found, generation, ContentReader(journal: journal, readsNumbers: false))
    }

    private static func read(
        _ found: RecordedEvent, _ generation: Int, _ reader: ContentReader
    ) async throws -> RunBeginning {
        let payload = found.event.payload
        let place = "\(found.event.key)"
        guard var parameters = payload["parameters"]?.objectValue,
            let seed = payload["seed"]?.stringValue.flatMap({ UInt64($0) }),
            let documents = payload["models"]?.objectValue,
            let started = found.observation.details["started"]?.intValue
        else { throw JournalError.damaged("\(place): expected parameters, seed, models and the time of the start") }
        let references = payload["records"]?.objectValue ?? [:]
        for (name, reference) in references { parameters[name] = try await reader.json(reference, in: place) }
        let paths = found.observation.details["kernel_paths"]
        var models: [String: ModelIdentity] = [:]
        for (name, document) in documents {
            models[name] = ModelIdentity(document: document)
            models[name]?.kernelPath = paths?[name]?.stringValue
        }
        return RunBeginning(
            playbook: try await reader.json(payload["playbook"], in: place), parameters: parameters,
            records: Array(references.keys), seed: seed, models: models,
            started: WallTime(nanosecondsSinceEpoch: Int64(started)), generation: generation)
    }

    static func key(_ generation: Int) -> EffectKey { EffectKey(node: node, attempt: generation) }

    /// The key of the run's own events.
    var key: EffectKey { Self.key(generation) }

    /// The event that keeps it.
    var event: Event {
        var content = Content()
        content.refer("playbook", toJSON: playbook)
        content.set("parameters", .object(parameters.filter { !records.contains($0.key) }))
        if !records.isEmpty { content.refer("records", toJSONOf: parameters.filter { records.contains($0.key) }) }
        content.set("seed", .string(String(seed)))
        var documents: JSONValue.Members = [:]
        for (name, identity) in models.sorted(by: { $0.key < $1.key }) {
            var logical = identity
            // Which kernels ran is no part of what happened: all of them compute the same bits.
            logical.kernelPath = nil
            documents[name] = logical.document
        }
        content.set("models", .object(documents))
        return Event(
            key: EventKey(key, .runStarted), actor: .conductor, payload: .object(content.document),
            blobs: content.blobs)
    }

    /// What is observed of it.
    var details: JSONValue {
        var paths: JSONValue.Members = [:]
        for (name, identity) in models.sorted(by: { $0.key < $1.key }) {
            if let path = identity.kernelPath { paths[name] = .string(path) }
        }
        return ["started": .integer(started.nanosecondsSinceEpoch), "kernel_paths": .object(paths)]
    }
}
