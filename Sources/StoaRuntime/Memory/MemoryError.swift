public import StoaCore

/// What shared memory refuses.
public struct MemoryError: StoaError, Hashable {
    /// The precise failure, stable across versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code as a word.
        public let description: String

        /// The reader was never granted the message, or the grant was revoked.
        public static let readDenied = Code(description: "read_denied")
        /// There is no such message.
        public static let unknownMessage = Code(description: "unknown_message")
        /// A latent of one model was given to another.
        public static let modelMismatch = Code(description: "model_mismatch")
        /// A message is no latent, or its model has no latents.
        public static let notLatent = Code(description: "not_latent")
        /// A latent that was made again is not the one that was recorded.
        public static let latentDiffers = Code(description: "latent_differs")
        /// The journal has not the bytes of a latent that it should have.
        public static let latentMissing = Code(description: "latent_missing")
    }

    /// The precise failure.
    public let code: Code
    /// The class of the failure.
    public let kind: FailureKind
    /// What failed, on what, expected and found.
    public let message: String
    /// What to do next.
    public let hint: String?
}

extension MemoryError {
    static func readDenied(_ agent: AgentID, _ message: EventKey, _ destination: Message.Destination) -> MemoryError {
        let place =
            switch destination {
            case .topic(let topic): "topic \"\(topic)\""
            case .agent(let other): "mailbox of \(other)"
            }
        return MemoryError(
            code: .readDenied, kind: .badInput, message: "agent \(agent): may not read \(message) (\(place))",
            hint: "add the name to the agent's `reads`, or do not use it in the agent's texts")
    }

    static func unknownMessage(_ message: EventKey) -> MemoryError {
        MemoryError(
            code: .unknownMessage, kind: .failure, message: "shared memory: there is no message \(message)", hint: nil)
    }

    static func modelMismatch(
        _ latent: LatentHandle, agent: AgentID, model: ModelIdentity, hint: String? = nil
    ) -> MemoryError {
        MemoryError(
            code: .modelMismatch, kind: .badInput,
            message: "agent \(agent): expected a latent of model \(model.fingerprint), found one of "
                + "\(latent.modelFingerprint)",
            hint: hint ?? "latents cross only between agents of one model, tokenizer and adapter: give both agents the "
                + "same, or have the step map what it is given with `translate: true`")
    }

    static func foreignBase(_ latent: LatentHandle, agent: AgentID, model: ModelIdentity) -> MemoryError {
        modelMismatch(
            latent, agent: agent, model: model,
            hint:
                "what continues a base cannot be mapped from another model: leave out `base`, or give both agents the "
                + "same model")
    }

    static func differentModels(_ first: LatentHandle, _ second: LatentHandle, agent: AgentID) -> MemoryError {
        MemoryError(
            code: .modelMismatch, kind: .badInput,
            message: "agent \(agent): expected latents of one model, found one of \(first.modelFingerprint) and one of "
                + "\(second.modelFingerprint)",
            hint: "latents of different models cannot be put together")
    }

    static func noModel(_ latent: LatentHandle) -> MemoryError {
        MemoryError(
            code: .modelMismatch, kind: .badInput,
            message: "latent \(latent.digest): expected its model \(latent.modelFingerprint), found no such model here",
            hint: "give the model that made it")
    }

    static func latentMissing(_ latent: LatentHandle, _ place: String) -> MemoryError {
        MemoryError(
            code: .latentMissing, kind: .divergence,
            message: "\(place): expected the bytes of latent \(latent.digest) in the journal, found none",
            hint: "the run keeps its latents (`latents: store`): import it again from an export that has them")
    }

    static func unmade(_ latent: LatentHandle) -> MemoryError {
        MemoryError(
            code: .latentMissing, kind: .failure,
            message: "latent \(latent.digest): neither its numbers are here nor what made it", hint: nil)
    }

    static func notLatent(_ place: String, hint: String) -> MemoryError {
        MemoryError(code: .notLatent, kind: .badInput, message: place, hint: hint)
    }

    static func latentDiffers(_ place: String, recorded: LatentHandle, found: LatentHandle) -> MemoryError {
        MemoryError(
            code: .latentDiffers, kind: .divergence,
            message: "\(place): expected the latent \(recorded.digest), found \(found.digest)",
            hint: "the model, its precision or its kernels are not those of the recorded run")
    }
}
