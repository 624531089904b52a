internal import StoaCore

/// Where an event and its record differ, told in terms of what they refer to.
extension RunRecorder {
    /// Where an event and the record differ once both have what they refer to.
    func wholeDifference(
        _ event: Event, _ found: RecordedEvent, before members: [String] = []
    ) async throws -> (path: String, recorded: JSONValue?, replayed: JSONValue?)? {
        let place = "\(event.key)"
        return JSONDifference.first(
            try await reader.whole(found.event.payload, in: place),
            try await reader.whole(event.payload, in: place, fresh: event.blobs), before: members)
    }

    /// A difference between references, told in terms of what they refer to.
    func precise(
        _ difference: (path: String, recorded: JSONValue?, replayed: JSONValue?), of event: Event,
        _ found: RecordedEvent
    ) async throws -> (path: String, recorded: JSONValue?, replayed: JSONValue?) {
        guard let member = difference.path.split(separator: ".").first.map(String.init),
            let old = BlobReference(document: found.event.payload[member]),
            let new = BlobReference(document: event.payload[member]), old.form == new.form
        else { return difference }
        let fresh = Dictionary(event.blobs.map { ($0.digest, $0.bytes) }, uniquingKeysWith: { first, _ in first })
        func elements(_ reference: BlobReference) async throws -> JSONValue {
            switch reference.form {
            case .json, .value:
                return (try? JSONParser.parse(try await content(reference.digest, fresh))) ?? .null
            case .messages, .tokens, .turn:
                let blocks = try await ContentChain.contents(from: reference.digest) {
                    try await self.content($0, fresh)
                }
                guard reference.form != .tokens else {
                    return .array(ContentReader.tokens(blocks).map { .integer(Int64($0.rawValue)) })
                }
                return .array(blocks.map { (try? JSONParser.parse($0)) ?? .null })
            case .logProbabilities:
                let bytes = try await content(reference.digest, fresh)
                let entries = ContentReader.logProbabilities(bytes, count: reference.count) ?? []
                return .array(
                    entries.map { ["id": .integer(Int64($0.id.rawValue)), "logprob": .number($0.logProbability)] })
            case .vectors:
                let bytes = try await content(reference.digest, fresh)
                let vectors = ContentReader.vectors(bytes, count: reference.count) ?? []
                return .array(vectors.map { .array($0.map { .number(Double($0)) }) })
            case .latent: return .string(reference.digest.description)
            }
        }
        do {
            let (before, after) = (try await elements(old), try await elements(new))
            guard let inner = JSONDifference.first(before, after) else { return difference }
            let separator = inner.path.isEmpty || inner.path.hasPrefix("[") ? "" : "."
            return ("\(member)\(separator)\(inner.path)", inner.recorded, inner.replayed)
        } catch let error as JournalError where error.kind == .divergence || error.code == .missingBlob {
            // The record itself is damaged; the digests say that it differs.
            return difference
        }
    }
}
