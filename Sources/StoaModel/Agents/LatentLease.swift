internal import StoaCore

/// Which latents calls are using right now.
final class LatentUses: Sendable {
    private let counts = Guarded<[SHA256Digest: Int]>([:])

    func add(_ digests: [SHA256Digest]) {
        counts.withLock { counts in
            for digest in digests { counts[digest, default: 0] += 1 }
        }
    }

    func remove(_ digests: [SHA256Digest]) {
        counts.withLock { counts in
            for digest in digests {
                guard let count = counts[digest] else { continue }
                counts[digest] = count > 1 ? count - 1 : nil
            }
        }
    }

    func contains(_ digest: SHA256Digest) -> Bool { counts.withLock { $0[digest] != nil } }
}

/// One call's use of latents: as long as it is at hand they stay in memory.
///
/// Losing it early costs time, never a latent: what is written out is read again when it is asked for.
final class LatentLease: Sendable {
    private let uses: LatentUses
    private let digests: [SHA256Digest]

    init(_ latents: [LatentHandle], in uses: LatentUses) {
        self.uses = uses
        digests = latents.map(\.digest)
        uses.add(digests)
    }

    deinit { uses.remove(digests) }
}
