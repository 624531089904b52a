internal import StoaCore

/// A model that is only known from a record: it says what it was, and refuses to work.
///
/// A strict replay takes every reply from the record, so no model need be loaded for it; should one be asked all the same,
/// that is a mistake which must not go unnoticed.
struct RecordedModel: LanguageModel {
    let identity: ModelIdentity
    let concurrency = 8

    func complete(
        _ request: ModelRequest, progress: @escaping @Sendable (ModelProgress) -> Void
    ) async throws -> ModelReply {
        throw CLIError(
            code: .unusableRun, kind: .divergence,
            message: "model \(identity.name): asked for a reply that is not in the record", hint: nil)
    }
}
