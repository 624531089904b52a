internal import StoaCore

extension LocalModel {
    /// An adapter, in memory and of this model's shape; nil for none.
    ///
    /// - Parameter reference: which; nil for the model as it is.
    /// - Returns: the adapter, which is read on a lane of its own where it is not here.
    /// - Throws: `AdapterError`: a model without a library; an adapter that is missing, damaged, or of another model.
    func packed(_ reference: AdapterReference?) async throws -> PackedAdapter? {
        guard let reference else { return nil }
        guard let shelf else { throw AdapterError.noLibrary(reference, model: information.path) }
        return try await shelf.adapter(reference)
    }

    /// Checks that a cache is of an adapter.
    ///
    /// - Throws: `ModelError` that names both.
    nonisolated func requireAdapter(_ adapter: AdapterReference?, of cache: KVCache) throws {
        var expected = cache.fingerprint
        expected.adapter = adapter?.description
        guard cache.fingerprint == expected else {
            throw ModelError.fingerprintMismatch(expected: expected, found: cache.fingerprint)
        }
    }

    /// Checks that a stored cache is of an adapter that there is here, or of none.
    ///
    /// - Throws: `ModelError` that names the model and the cache's, or for damaged bytes.
    nonisolated func requireKnownAdapter(of bytes: [UInt8]) throws {
        let found = try KVCache.fingerprint(inSerialised: bytes)
        guard let adapter = found.adapter else { return }
        guard let reference = AdapterReference(adapter), adapters?.contains(reference) == true else {
            throw ModelError.fingerprintMismatch(expected: information.fingerprint, found: found)
        }
    }

    /// How often an adapter was read from the library.
    package var adapterLoads: Int {
        get async { await shelf?.loads ?? 0 }
    }
}
