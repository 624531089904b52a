internal import StoaCore
internal import StoaModel

/// The examples of a request as sequences of tokens, in an order of their own.
struct TrainingExamples {
    /// One example, tokenised.
    struct Example {
        var group: TrainingGroup
        var weight: Double
        /// The digest of its tokens and its weight.
        var digest: SHA256Digest
    }

    /// In the order of their digests: in which order the request had them leaves no trace.
    private(set) var examples: [Example] = []
    /// How many were too long.
    private(set) var leftOut = 0

    /// Reads a request's examples.
    ///
    /// - Parameters:
    ///   - examples: the examples.
    ///   - loss: the loss, which decides what is needed of them.
    ///   - limit: the most tokens of one side.
    ///   - encoder: the model's tokens for words; made when there are words.
    /// - Throws: `TrainingError` that names an example that cannot be learned; what the encoder throws.
    init(
        _ examples: [TrainingExample], for loss: any TrainingLoss, limit: Int,
        encoder: () throws -> ReplyEncoder
    ) throws {
        var writer: ReplyEncoder?
        func tokens(_ text: TrainingText) throws -> (prompt: [TokenID], completion: [TokenID]) {
            switch text {
            case .tokens(let prompt, let completion): return (prompt, completion)
            case .words(let messages, let completion):
                let known = try writer ?? encoder()
                writer = known
                return (try known.prompt(messages), known.reply(completion))
            }
        }
        for (index, example) in examples.enumerated() {
            guard example.weight.isFinite, example.weight >= 0 else {
                throw Self.error(index, "expected a weight from 0 on, found \(example.weight)")
            }
            var texts = [example.chosen]
            if type(of: loss).comparesSides {
                guard let rejected = example.rejected else {
                    throw Self.error(
                        index, "it has no rejected side, which \(type(of: loss).name) compares with",
                        hint: "give every example both sides, or train with sft")
                }
                texts.append(rejected)
            }
            // It is as if it were not there; some losses count it all the same.
            guard example.weight > 0 || loss.countsWeightless else { continue }
            let sides = try texts.map(tokens)
            guard sides.allSatisfy({ $0.prompt.count + $0.completion.count <= limit }) else {
                leftOut += 1
                continue
            }
            let sequences = try sides.map { side in
                guard !side.prompt.isEmpty, !side.completion.isEmpty else {
                    throw Self.error(
                        index,
                        "expected a prompt and a completion, found \(side.prompt.count) and "
                            + "\(side.completion.count) tokens")
                }
                return try TrainingSequence(prompt: side.prompt, completion: side.completion)
            }
            self.examples.append(
                Example(
                    group: TrainingGroup(sequences), weight: example.weight,
                    digest: Self.digest(sequences, weight: example.weight)))
        }
        guard !self.examples.isEmpty else {
            throw TrainingError(
                .invalidBatch,
                "training: expected at least one example, found none"
                    + (leftOut > 0 ? "; \(leftOut) of \(examples.count) are longer than \(limit) tokens" : ""),
                hint: leftOut > 0 ? "allow more tokens, or shorten the examples" : nil)
        }
        self.examples.sort { $0.digest.bytes.lexicographicallyPrecedes($1.digest.bytes) }
    }

    private static func error(_ index: Int, _ problem: String, hint: String? = nil) -> TrainingError {
        TrainingError(.invalidBatch, "training example \(index): \(problem)", hint: hint)
    }

    private static func digest(_ sequences: [TrainingSequence], weight: Double) -> SHA256Digest {
        var hasher = SHA256Hasher()
        hasher.update("\(weight.bitPattern)\n".utf8)
        for sequence in sequences {
            hasher.update("\(sequence.tokens.count) \(sequence.scoredCount)\n".utf8)
            sequence.tokens.map(\.rawValue.littleEndian).withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finalize()
    }
}
