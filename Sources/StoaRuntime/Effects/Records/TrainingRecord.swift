internal import OrderedCollections
internal import StoaCore

/// How a training stands in the journal.
enum TrainingRecord {
    /// What its events call it.
    static let effect = "train"

    /// What is to be learned, from where, and how: the intent of a training.
    ///
    /// Samples are named, not repeated: their tokens are in the record of their calls.
    static func intent(_ request: TrainingRequest, _ sources: [TrainingSource], model: String) -> Content {
        var content = Content()
        content.set("effect", .string(effect))
        content.set("model", .string(model))
        content.refer("examples", toJSON: .array(sources.map(\.document)))
        content.set("count", .integer(Int64(sources.count)))
        content.set("start", request.start.map { .string($0.description) })
        content.set("reference", request.reference.map { .string($0.description) })
        content.set("settings", request.settings.document)
        content.set("seed", .string(request.seed.description))
        return content
    }

    /// Reads back what a training that was finished learned.
    static func training(
        _ intent: JSONValue, _ result: JSONValue, key: EffectKey, _ reader: ContentReader
    ) async throws -> RecordedTraining {
        let place = "\(key)/effect_intended"
        guard let model = intent["model"]?.stringValue,
            let adapter = result["adapter"]?.stringValue.flatMap({ AdapterReference($0) })
        else { throw JournalError.damaged("\(place): expected a model and an adapter") }
        let examples = try await reader.json(intent["examples"], in: place)
        let loss = intent["settings"]?["loss"]?.stringValue ?? StepTraining.likelihood
        let sources: [TrainingSource]
        do {
            sources = try TrainingSourceReader(
                subject: place, system: nil, compares: loss != StepTraining.likelihood, loss: loss
            ).sources(in: examples)
        } catch let error as WorkFailure {
            throw JournalError.damaged(error.failure.message)
        }
        return RecordedTraining(key: key, model: model, sources: sources, adapter: adapter)
    }

    /// What came of it.
    static func result(_ reply: TrainingReply) -> Content {
        var content = Content()
        content.set("effect", .string(effect))
        content.set("adapter", .string(reply.adapter.description))
        content.refer("losses", toJSON: .array(reply.losses.map { number($0) }))
        content.set("figures", figures(reply))
        content.set("tokens", .integer(Int64(reply.tokens)))
        content.set("scored_tokens", .integer(Int64(reply.scoredTokens)))
        content.set("left_out", .integer(Int64(reply.leftOut)))
        return content
    }

    /// Reads back what came of it.
    static func reply(_ payload: JSONValue, in place: String, _ reader: ContentReader) async throws -> TrainingReply {
        guard let adapter = payload["adapter"]?.stringValue.flatMap({ AdapterReference($0) }),
            let tokens = payload["tokens"]?.intValue, let scored = payload["scored_tokens"]?.intValue,
            let losses = try await reader.json(payload["losses"], in: place).arrayValue
        else { throw JournalError.damaged("\(place): expected an adapter, tokens and losses") }
        var figures: [String: Double] = [:]
        for (name, value) in payload["figures"]?.objectValue ?? [:] { figures[name] = value.doubleValue ?? .nan }
        return TrainingReply(
            adapter: adapter, losses: losses.map { $0.doubleValue ?? .nan }, figures: figures, tokens: tokens,
            scoredTokens: scored, leftOut: payload["left_out"]?.intValue ?? 0)
    }

    /// The value of a step that trained.
    static func value(_ reply: TrainingReply, examples: Int, agent: String) -> JSONValue {
        // The last tenth, rounded up: at least one where there is any.
        let last = reply.losses.suffix((reply.losses.count + 9) / 10)
        return [
            "adapter": .string(reply.adapter.description), "agent": .string(agent),
            "steps": .integer(Int64(reply.losses.count)),
            "loss": last.isEmpty ? .null : number(last.reduce(0, +) / Double(last.count)),
            "first_loss": reply.losses.first.map { number($0) } ?? .null,
            "losses": .array(reply.losses.map { number($0) }), "figures": figures(reply),
            "tokens": .integer(Int64(reply.tokens)), "scored_tokens": .integer(Int64(reply.scoredTokens)),
            "left_out": .integer(Int64(reply.leftOut)), "examples": .integer(Int64(examples)),
        ]
    }

    /// The value of a step that had nothing to learn.
    static func nothing(from start: AdapterReference?, agent: String) -> JSONValue {
        [
            "adapter": .string(start?.description ?? ""), "agent": .string(agent), "steps": 0, "loss": .null,
            "first_loss": .null, "losses": [], "figures": .emptyObject, "tokens": 0, "scored_tokens": 0, "left_out": 0,
            "examples": 0,
        ]
    }

    private static func figures(_ reply: TrainingReply) -> JSONValue {
        .object(
            JSONValue.Members(uniqueKeysWithValues: reply.figures.sorted { $0.key < $1.key }.map { ($0, number($1)) }))
    }

    /// Null for what JSON cannot say: a loss that has grown without bound.
    private static func number(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
}

extension TrainingSource {
    /// The example as the journal keeps it.
    fileprivate var document: JSONValue {
        var members: JSONValue.Members = [:]
        if let rejected {
            members["chosen"] = chosen.document
            members["rejected"] = rejected.document
        } else {
            members = chosen.document.objectValue ?? [:]
        }
        if weight != 1 { members["weight"] = .number(weight) }
        return .object(members)
    }
}

extension TrainingSource.Side {
    /// `{sample}`, or `{messages, completion}`.
    fileprivate var document: JSONValue {
        switch self {
        case .sample(let key): ["sample": .string(key.description)]
        case .words(let messages, let completion):
            ["messages": .array(messages.map(\.document)), "completion": .string(completion)]
        }
    }
}

extension TrainingSettings {
    /// The settings as the journal keeps them.
    var document: JSONValue {
        var content = Content()
        content.set("loss", .string(loss))
        if !options.isEmpty { content.set("options", .object(options)) }
        content.set("rank", .integer(Int64(rank)))
        content.set("alpha", .number(alpha))
        if !targets.isEmpty { content.set("targets", .array(targets.map { .string($0) })) }
        content.set("learning_rate", .number(learningRate))
        content.set("schedule", .string(schedule))
        content.set("warmup", .number(warmup))
        content.set("epochs", .number(epochs))
        content.set("batch", .integer(Int64(batch)))
        content.set("max_tokens", .integer(Int64(maximumTokens)))
        content.set("weight_decay", .number(weightDecay))
        content.set("gradient_norm", maximumGradientNorm.map { .number($0) } ?? .null)
        content.set("precision", .string(precision))
        return .object(content.document)
    }
}
