internal import StoaCore

/// Keeps the latents of a run alive, and brings those back that only the record knows.
///
/// A resumed or forked run meets handles whose numbers went with the process that made them. Each is read from the
/// journal where its bytes were kept, or made again from what its maker was asked, which the journal has, and must come
/// out with the recorded digest.
actor LatentShelf {
    /// What made a latent.
    enum Maker: Sendable {
        /// A call of a model.
        case call(EffectKey)
        /// A message that says what it was made of.
        case recipe(EventKey)

        /// The step, or the topic, that it belongs to.
        var node: String {
            switch self {
            case .call(let key): key.node
            case .recipe(let key): key.effect.node
            }
        }
    }

    private struct Held {
        var latent: LatentHandle
        var model: any LatentModel
        /// The step whose it is.
        var node: String
    }

    private struct Translation: Hashable {
        var latent: SHA256Digest
        var reader: String
    }

    private let recorder: RunRecorder
    private let models: [String: any LanguageModel]
    private let scheduler: Scheduler
    private let seed: UInt64
    private let started: WallTime
    /// One branch at a time brings latents back: another may need the same ones.
    private nonisolated let maker = Turnstile(slots: 1)
    private var makers: [SHA256Digest: Maker] = [:]
    /// What a recorded latent came out as when it was made again, where a replay goes on in spite of a difference.
    private var stand: [SHA256Digest: LatentHandle] = [:]
    private var translations: [Translation: LatentHandle] = [:]
    private var held: [Held] = []
    /// Latents that came back from bytes, which do not tell the hidden states behind their rows.
    private var fromBytes: Set<SHA256Digest> = []

    init(
        recorder: RunRecorder, models: [String: any LanguageModel], scheduler: Scheduler, seed: UInt64,
        started: WallTime
    ) {
        self.recorder = recorder
        self.scheduler = scheduler
        self.seed = seed
        self.started = started
        self.models = models
    }

    static func latentModel(_ model: any LanguageModel, _ name: String) throws -> any LatentModel {
        guard let latent = model as? any LatentModel else {
            throw MemoryError.notLatent(
                "model \(name): expected one whose hidden states are open, found \(model.identity.fingerprint)",
                hint: "only models of the built-in engine can think and keep latents; use `say` with a server's model")
        }
        return latent
    }

    // MARK: - Keeping

    /// Remembers who made a latent.
    func note(_ latent: LatentHandle, madeBy maker: Maker) { makers[latent.digest] = makers[latent.digest] ?? maker }

    /// Remembers that a message says what a latent was made of; not where it was made of itself, as a fork is.
    func note(_ latent: LatentHandle, madeBy recipe: LatentRecipe, of message: EventKey) {
        guard !recipe.takes(latent) else { return }
        note(latent, madeBy: .recipe(message))
    }

    /// Keeps a latent that was made just now, until it is let go of.
    func keep(_ latent: LatentHandle, of model: any LatentModel, madeBy maker: Maker) async {
        held.append(Held(latent: latent, model: model, node: maker.node))
        fromBytes.remove(latent.digest)
        note(latent, madeBy: maker)
        if case .replay = recorder.mode, case .call(let key) = maker,
            let found = try? await recorder.recorded(EventKey(key, .effectCompleted)),
            let recorded = found.event.payload["latent"].flatMap({ LatentHandle(document: $0) }),
            recorded.digest != latent.digest
        {
            stand[recorded.digest] = latent
        }
    }

    /// The bytes of a latent that was made just now, where they go to the journal.
    func bytes(of latent: LatentHandle, _ model: any LatentModel) async throws -> [UInt8]? {
        guard case .record = recorder.mode else { return nil }
        return try await model.bytes(of: latent)
    }

    /// Lets go of what some steps made: nobody can name them any more.
    ///
    /// Should it be needed all the same, as a part of what another latent was made of, it is brought back.
    func release(madeBy nodes: Set<String>) async {
        let gone = held.filter { nodes.contains($0.node) }
        guard !gone.isEmpty else { return }
        held.removeAll { nodes.contains($0.node) }
        let left = Set(held.map(\.latent.digest))
        stand = stand.filter { left.contains($0.value.digest) }
        translations = translations.filter { left.contains($0.value.digest) }
        for entry in gone { await entry.model.release(entry.latent) }
    }

    /// Lets go of one latent, whoever holds it.
    func release(_ latent: LatentHandle) async {
        let gone = held.filter { $0.latent.digest == latent.digest }
        held.removeAll { $0.latent.digest == latent.digest }
        for entry in gone { await entry.model.release(entry.latent) }
    }

    /// Lets go of everything.
    func close() async {
        let gone = held
        held = []
        (stand, translations) = ([:], [:])
        for entry in gone { await entry.model.release(entry.latent) }
    }

    // MARK: - Who made what

    /// Finds out what made the latent of a message: a recipe in it, or the call that it follows from.
    ///
    /// A recipe that takes the very latent, as that of a fork, says nothing: what it took is looked at instead.
    func learn(_ latent: LatentHandle, from message: EventKey) async throws {
        var next = [message]
        var seen: Set<EventKey> = []
        while makers[latent.digest] == nil, let key = next.popLast() {
            guard seen.insert(key).inserted else { continue }
            let posted = try await recorder.posted(key)
            guard key == message || posted?.latent?.digest == latent.digest else { continue }
            let causes = try await recorder.found(key)?.event.causes ?? posted?.causes ?? []
            if let made = posted?.payload["made"] {
                if LatentRecipe(document: made)?.takes(latent) == true {
                    next += causes.filter { $0.kind == .messagePosted }
                } else {
                    note(latent, madeBy: .recipe(key))
                }
            } else if let cause = causes.first(where: { $0.kind == .effectCompleted }) {
                note(latent, madeBy: .call(cause.effect))
            }
        }
    }

    /// Finds out what made latents that an event was made of: an execution has come by it, a program that only looks
    /// into the record has not.
    private func learn(_ latents: [LatentHandle], before event: EventKey) async throws {
        var next = [event]
        var seen: Set<EventKey> = []
        while let key = next.popLast(), latents.contains(where: { makers[$0.digest] == nil }) {
            guard seen.insert(key).inserted, let found = try await recorder.found(key) else { continue }
            let messages: [EventKey]
            switch key.kind {
            case .messagesRead:
                messages = (found.event.payload["messages"]?.arrayValue ?? []).compactMap {
                    $0.stringValue.flatMap { EventKey($0) }
                }
            // What was posted by others is where the search ends.
            case .messagePosted where key != event: continue
            default:
                messages = found.event.causes.filter { $0.kind == .messagePosted }
                next += found.event.causes
            }
            for message in messages {
                guard let latent = try await recorder.posted(message)?.latent else { continue }
                try await learn(latent, from: message)
            }
        }
    }

    // MARK: - Bringing back

    /// Sees to it that a model has the latents of a request.
    ///
    /// - Parameters:
    ///   - request: a request with handles, recorded or live.
    ///   - name: the plan's name for the model.
    ///   - model: the model.
    ///   - translates: whether latents of other models are mapped to this one's space.
    /// - Returns: the request with the handles to use.
    /// - Throws: `MemoryError` where a latent does not come out as recorded, or cannot be had.
    func ready(
        _ request: ModelRequest, _ name: String, _ model: any LanguageModel, translates: Bool
    ) async throws -> ModelRequest {
        guard !request.context.isEmpty || request.keepsLatent else { return request }
        let latentModel = try Self.latentModel(model, name)
        if let ready = atHand(request, latentModel) { return ready }
        return try await maker.pass { try await prepared(request, name, latentModel, translates: translates) }
    }

    /// Makes a latent of others, which may have to be brought back.
    ///
    /// - Parameters:
    ///   - recipe: what to do with which latents.
    ///   - message: the message that will say so.
    /// - Returns: the latent; the shelf holds it.
    /// - Throws: `MemoryError`; what the model throws.
    func make(_ recipe: LatentRecipe, for message: EventKey) async throws -> LatentHandle {
        try await maker.pass {
            let made = try await carryOut(recipe)
            held.append(Held(latent: made.latent, model: made.model, node: message.effect.node))
            note(made.latent, madeBy: recipe, of: message)
            return made.latent
        }
    }

    /// The request with the handles to use, where all of them are here.
    private func atHand(_ request: ModelRequest, _ model: any LatentModel) -> ModelRequest? {
        var ready = request
        for index in ready.context.indices {
            guard let latent = atHand(ready.context[index], model) else { return nil }
            ready.context[index] = latent
        }
        if let base = ready.base {
            guard let latent = atHand(base, model) else { return nil }
            ready.base = latent
        }
        return ready
    }

    /// The handle to use for a latent, where it is here.
    private func atHand(_ latent: LatentHandle, _ reader: any LatentModel) -> LatentHandle? {
        guard latent.modelFingerprint == reader.identity.fingerprint else {
            return translations[Translation(latent: latent.digest, reader: reader.identity.fingerprint)]
        }
        return stand[latent.digest] ?? (held.contains { $0.latent.digest == latent.digest } ? latent : nil)
    }

    private func prepared(
        _ request: ModelRequest, _ name: String, _ model: any LatentModel, translates: Bool
    ) async throws -> ModelRequest {
        var ready = request
        for index in ready.context.indices {
            ready.context[index] = try await have(ready.context[index], name, model, translates: translates)
        }
        if let base = ready.base { ready.base = try await have(base, name, model, translates: false) }
        return ready
    }

    private func have(
        _ latent: LatentHandle, _ name: String, _ reader: any LatentModel, translates: Bool
    ) async throws -> LatentHandle {
        if let here = atHand(latent, reader) { return here }
        if latent.modelFingerprint == reader.identity.fingerprint { return try await bring(latent, name, reader) }
        guard translates, let (sourceName, source) = try owner(of: latent) else { throw MemoryError.noModel(latent) }
        let original = try await withStates(latent, sourceName, source)
        let translated = try await scheduler.withSlot(for: name) { try await reader.translate(original, from: source) }
        let node = makers[latent.digest]?.node ?? ""
        held.append(Held(latent: translated, model: reader, node: node))
        translations[Translation(latent: latent.digest, reader: reader.identity.fingerprint)] = translated
        return translated
    }

    /// A latent as its maker left it: it is the hidden states behind its rows that are mapped, and bytes do not tell them.
    private func withStates(
        _ latent: LatentHandle, _ name: String, _ model: any LatentModel
    ) async throws -> LatentHandle {
        if !fromBytes.contains(latent.digest), let here = atHand(latent, model) { return here }
        return try await bring(latent, name, model, restores: false)
    }

    /// The model of the run that made a latent.
    private func owner(of latent: LatentHandle) throws -> (name: String, model: any LatentModel)? {
        let found = models.filter { $0.value.identity.fingerprint == latent.modelFingerprint }
            .min { $0.key < $1.key }
        return try found.map { ($0.key, try Self.latentModel($0.value, $0.key)) }
    }

    private func bring(
        _ latent: LatentHandle, _ name: String, _ model: any LatentModel, restores: Bool = true
    ) async throws -> LatentHandle {
        guard let maker = makers.removeValue(forKey: latent.digest) else { throw MemoryError.unmade(latent) }
        // Should the latent be among what it is made of, as where rows of a thought are selected that it began with, then
        // it is one that was there before, of another maker.
        defer { note(latent, madeBy: maker) }
        let (found, place): (LatentHandle, String)
        var isRestored = false
        switch maker {
        case .call(let key):
            place = "\(key)"
            if restores, let kept = try await restored(latent, key, model) {
                found = kept
                isRestored = true
            } else {
                found = try await made(by: key)
            }
        case .recipe(let key):
            place = "\(key)"
            guard let recipe = LatentRecipe(document: try await recorder.posted(key)?.payload["made"]) else {
                throw MemoryError.unmade(latent)
            }
            try await learn(recipe.sources, before: key)
            found = try await carryOut(recipe).latent
        }
        held.append(Held(latent: found, model: model, node: maker.node))
        guard found.digest == latent.digest else {
            throw MemoryError.latentDiffers(place, recorded: latent, found: found)
        }
        if isRestored { fromBytes.insert(latent.digest) } else { fromBytes.remove(latent.digest) }
        // The recorded handle: it says who wrote which rows, whatever the model still knows of that.
        return latent
    }

    /// The latent from its bytes in the journal; nil where the record does not say that they are there.
    private func restored(
        _ latent: LatentHandle, _ key: EffectKey, _ model: any LatentModel
    ) async throws -> LatentHandle? {
        guard let result = try await recorder.found(EventKey(key, .effectCompleted)),
            let reference = BlobReference(document: result.event.payload["bytes"]), reference.form == .latent
        else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try await recorder.reader.journal.blob(reference.digest)
        } catch let error as JournalError where error.code == .missingBlob {
            throw MemoryError.latentMissing(latent, "\(result.event.key)")
        }
        return try await model.restore(bytes)
    }

    /// The latent from what its maker was asked.
    private func made(by key: EffectKey) async throws -> LatentHandle {
        guard let intent = try await intent(of: key) else {
            throw MemoryError.unknownMessage(EventKey(key, .effectIntended))
        }
        let call = try await RecordedCall(
            intent.event.payload, key: key, seed: seed, started: started, recorder.reader)
        guard let named = models[call.model] else {
            throw MemoryError.notLatent("model \(call.model): the run has none of this name", hint: "give the model")
        }
        let model = try Self.latentModel(named, call.model)
        try await learn(call.request.context + [call.request.base].compactMap { $0 }, before: intent.event.key)
        let request = try await prepared(call.request, call.model, model, translates: call.translates)
        return try await scheduler.withSlot(for: call.model) {
            if let thinking = call.thinking {
                return try await model.think(request, thinking, progress: { _ in }).latent
            }
            guard let latent = try await model.complete(request, progress: { _ in }).latent else {
                throw MemoryError.notLatent("\(key): expected the latent of a reply, found none", hint: "keep it")
            }
            return latent
        }
    }

    private func carryOut(_ recipe: LatentRecipe) async throws -> (latent: LatentHandle, model: any LatentModel) {
        guard let first = recipe.sources.first, let (name, model) = try owner(of: first) else {
            throw MemoryError.noModel(recipe.sources[0])
        }
        var sources: [LatentHandle] = []
        for source in recipe.sources { sources.append(try await have(source, name, model, translates: false)) }
        let ready = recipe.taking(sources)
        let latent = try await scheduler.withSlot(for: name) { try await ready.carryOut(by: model) }
        return (latent, model)
    }

    /// What a maker was asked: by a branch for itself, where its parent had only begun.
    private func intent(of maker: EffectKey) async throws -> RecordedEvent? {
        for ordinal in (0...recorder.generation).reversed() {
            let key = EventKey(maker, .effectIntended, ordinal: ordinal)
            if let found = try await recorder.found(key) { return found }
        }
        return nil
    }
}
