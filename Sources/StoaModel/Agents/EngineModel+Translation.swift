public import StoaCore
internal import StoaText

extension EngineModel {
    /// A latent of another model as one of this model.
    ///
    /// The hidden states behind the latent's own latent rows are mapped through the tokens that both vocabularies share
    /// (see `VocabularyBridge`), rescaled to this model's mean embedding norm, and read by this model as latent rows of
    /// the same author. Where this model's sequences begin with a token of their own, that token is read first, because
    /// the model rests its attention on it.
    ///
    /// Complexity: the first latent of a model fits the bridge, which takes seconds; then a prefill of its rows.
    ///
    /// - Parameters:
    ///   - latent: a latent of the other model.
    ///   - source: the other model, an `EngineModel` too.
    /// - Returns: the translated latent, held once.
    /// - Throws: `ModelError`: a model outside this engine, a latent that is not there or has no latent rows,
    ///   vocabularies without a common token; `LinearAlgebraError` without OpenBLAS; `CancellationError`.
    public func translate(_ latent: LatentHandle, from source: any LatentModel) async throws -> LatentHandle {
        guard let source = source as? EngineModel else {
            throw ModelError.closedSource(source.identity.name, target: identity.name)
        }
        let states = try await source.latents.states(of: latent)
        guard !states.isEmpty else { throw ModelError.noLatentRows(latent, model: source.identity.name) }
        let bridge = try await bridge(from: source)
        try Task.checkCancellation()
        let norm = await model.meanEmbeddingNorm
        let vectors = states.map { bridge.map($0, norm: norm) }
        let author = latent.segments.last { $0.origin == KVCache.Origin.latent.rawValue }?.author ?? ""
        let tokenizer = try await model.tokenizer()
        // One more for a token that sequences begin with.
        await latents.makeRoom(for: vectors.count + 1)
        var context: KVCache?
        if tokenizer.addsBOS, let first = tokenizer.special.bos {
            context = try await model.prefill([.token(first)], author: author)
        }
        let driver = PrefillDriver(inputs: vectors.map { .embedding($0) }, origin: .latent)
        let cache = try await model.run(driver, from: context, author: author).cache
        return await latents.hold(cache)
    }

    /// The bridge that latents of another model of this engine come over.
    ///
    /// - Parameter source: the other model.
    /// - Returns: the bridge, kept for the next time.
    /// - Throws: as `translate`.
    public func bridge(from source: EngineModel) async throws -> VocabularyBridge {
        let ends = (
            BridgeEnd(source.model.stored, tokenizer: try await source.model.tokenizer()),
            BridgeEnd(model.stored, tokenizer: try await model.tokenizer())
        )
        let store = bridges.withLock { store in
            let result = store ?? BridgeStore()
            store = result
            return result
        }
        return try await store.bridge(from: ends.0, fingerprint: source.identity.fingerprint, to: ends.1)
    }
}
