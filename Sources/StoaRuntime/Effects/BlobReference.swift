internal import OrderedCollections
internal import StoaCore

/// How the bytes behind a digest are to be read.
enum BlobForm: String, Sendable {
    /// Canonical JSON.
    case json
    /// Canonical JSON that stands for itself wherever it is referred to: a large list or object.
    case value
    /// Token ids, as a chain of blocks.
    case tokens
    /// Messages of a conversation, as a chain.
    case messages
    /// Pieces of a turn that is under way, as a chain.
    case turn
    /// Log-probabilities, one entry per token.
    case logProbabilities = "logprobs"
    /// Vectors of 32-bit floats, the lowest byte first, one behind another.
    case vectors
    /// A latent's bytes, of which its digest is.
    case latent
}

/// Where an event's payload says that something stands elsewhere: `{blob, form, count}`.
///
/// Content is addressed by its digest, so two payloads with equal references mean the same content.
struct BlobReference: Sendable, Hashable {
    var digest: SHA256Digest
    var form: BlobForm
    /// Elements in the content.
    var count: Int

    var document: JSONValue {
        [
            "blob": .string(digest.description), "form": .string(form.rawValue), "count": .integer(Int64(count)),
        ]
    }

    init(digest: SHA256Digest, form: BlobForm, count: Int) {
        self.digest = digest
        self.form = form
        self.count = count
    }

    init?(document: JSONValue?) {
        guard let document, let digest = document["blob"]?.stringValue.flatMap(SHA256Digest.init(hexadecimal:)),
            let form = document["form"]?.stringValue.flatMap(BlobForm.init(rawValue:)),
            let count = document["count"]?.intValue
        else { return nil }
        self.init(digest: digest, form: form, count: count)
    }
}
