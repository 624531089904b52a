internal import StoaCore

/// Keeps the latents of a run alive, and makes those again that only the record knows.
///
/// A resumed or forked run meets handles whose numbers went with the process that made them. Each is made again from what
/// its maker was asked, which the journal has, and must come out with the recorded digest.
actor LatentShelf {
    private let recorder: RunRecorder
    private let models: [String: any LanguageModel]
    private let scheduler: Scheduler
    private let started: WallTime
    /// One branch at a time makes latents again: another may need the same ones.
    private nonisolated let maker = Turnstile(slots: 1)
    /// The work that made a latent.
    private var makers: [SHA256Digest: EffectKey] = [:]
    /// What a recorded latent came out as when it was made again, where a replay goes on in spite of a difference.
    private var stand: [SHA256Digest: LatentHandle] = [:]
    private var held: [(latent: LatentHandle, model: any LatentModel)] = []

    init(recorder: RunRecorder, models: [String: any LanguageModel], scheduler: Scheduler, started: WallTime) {
        self.recorder = recorder
        self.scheduler = scheduler
        self.started = started
        self.models = models
    }

    static func latentModel(_ model: any LanguageModel, _ name: String) throws -> any LatentModel {
        guard let latent = model as? any LatentModel else {
            throw MemoryError.notLatent(
                "model \(name): expected one whose hidden states are open, found \(model.identity.fingerprint)",
                hint: "only models of the built-in engine can think; use `say` with a server's model")
        }
        return latent
    }

    /// Remembers who made a latent.
    func note(_ latent: LatentHandle, madeBy maker: EffectKey) { makers[latent.digest] = maker }

    /// Keeps a latent that was made just now, until the run ends.
    func keep(_ latent: LatentHandle, of model: any LatentModel, madeBy maker: EffectKey) async {
        held.append((latent, model))
        makers[latent.digest] = makers[latent.digest] ?? maker
        if case .replay = recorder.mode,
            let found = try? await recorder.recorded(EventKey(maker, .effectCompleted)),
            let recorded = found.event.payload["latent"].flatMap({ LatentHandle(document: $0) }),
            recorded.digest != latent.digest
        {
            stand[recorded.digest] = latent
        }
    }

    /// Sees to it that a model has latents.
    ///
    /// - Parameters:
    ///   - latents: handles, recorded or live.
    ///   - name: the plan's name for the model.
    ///   - model: the model.
    /// - Returns: the handles to use.
    /// - Throws: `MemoryError.latentDiffers` where a latent does not come out as recorded.
    func ready(_ latents: [LatentHandle], _ name: String, _ model: any LanguageModel) async throws -> [LatentHandle] {
        guard !latents.isEmpty else { return [] }
        let model = try Self.latentModel(model, name)
        if let ready = atHand(latents) { return ready }
        return try await maker.pass { try await made(latents, name, model) }
    }

    /// The handles to use, where all of them are here.
    private func atHand(_ latents: [LatentHandle]) -> [LatentHandle]? {
        let found = latents.compactMap { latent -> LatentHandle? in
            stand[latent.digest] ?? (held.contains { $0.latent.digest == latent.digest } ? latent : nil)
        }
        return found.count == latents.count ? found : nil
    }

    private func made(
        _ latents: [LatentHandle], _ name: String, _ model: any LatentModel
    ) async throws -> [LatentHandle] {
        var ready: [LatentHandle] = []
        for latent in latents {
            if let here = atHand([latent]) { ready += here } else { ready.append(try await make(latent, model)) }
        }
        return ready
    }

    private func make(_ latent: LatentHandle, _ model: any LatentModel) async throws -> LatentHandle {
        guard let maker = makers[latent.digest], let intent = try await intent(of: maker) else {
            throw MemoryError.unknownMessage(EventKey(EffectKey(node: "latent"), .messagePosted))
        }
        let (name, asked, steps) = try await ModelCallRecord.thinkRequest(
            intent.event.payload, key: maker, recorder.reader)
        var request = asked
        request.date = started
        request.context = try await made(asked.context, name, model)
        let complete = request
        let reply = try await scheduler.withSlot(for: name) {
            try await model.think(complete, steps: steps, progress: { _ in })
        }
        held.append((reply.latent, model))
        guard reply.latent.digest == latent.digest else {
            throw MemoryError.latentDiffers("\(maker)", recorded: latent, found: reply.latent)
        }
        return reply.latent
    }

    /// What a maker was asked: by a branch for itself, where its parent had only begun.
    private func intent(of maker: EffectKey) async throws -> RecordedEvent? {
        for ordinal in (0...recorder.generation).reversed() {
            let key = EventKey(maker, .effectIntended, ordinal: ordinal)
            if let found = try await recorder.recorded(key) { return found }
        }
        return nil
    }

    /// Lets go of everything.
    func close() async {
        for (latent, model) in held { await model.release(latent) }
        held = []
    }
}
