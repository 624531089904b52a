internal import StoaCore

/// How a step thinks, as far as it is known before it is carried out.
public struct StepThinking: Sendable {
    /// How many latent steps are taken where a playbook does not say.
    static let usualSteps = 20

    /// The keys of a step that say so.
    public static let fields: [PlanField] = [
        PlanField(
            "latent_steps", .count(PlanLimits.latentSteps), "how many latent steps it takes; absent: \(usualSteps)"),
        PlanField(
            "feedback", .wordOrObject(LatentFeedback.words, PlanFeedback.fields),
            "what becomes of a hidden state on its way back in; absent: auto"),
        PlanField("halt", .object(PlanHalting.fields), "when it ends before all steps are taken; absent: never"),
        PlanField("trace", .flag, "whether it is written down what each step is about; absent: false"),
    ]

    /// How many latent steps it takes; nil for the usual number.
    public var latentSteps: PlanCount?
    /// What becomes of a hidden state on its way back in; nil for the usual.
    public var feedback: PlanFeedback?
    /// When it ends before all steps are taken; nil for never.
    public var halting: PlanHalting?
    /// Whether it is written down what each step is about; nil for no.
    public var trace: PlanFlag?

    /// The names it reads.
    public var names: [String] {
        PlanNames.union(latentSteps?.names, feedback?.names, halting?.names, trace?.names)
    }
}

/// What becomes of a hidden state on its way back in, as far as it is known before the step is carried out.
public struct PlanFeedback: Sendable {
    /// The keys of its mapping.
    static let fields: [PlanField] = [
        PlanField("kind", .word(LatentFeedback.words), isRequired: true, "the mode"),
        PlanField(
            "temperature", .amount(PlanLimits.softTemperature), "what divides the logits of 'soft'; absent: 1"),
        PlanField(
            "noise", .amount(PlanLimits.noise),
            "the noise of 'soft', in root mean squares of embedding elements; absent: 0"),
    ]

    /// The mode.
    public var kind: PlanWord
    /// What divides the logits of `soft`; nil for 1.
    public var temperature: PlanAmount?
    /// The noise of `soft`; nil for none.
    public var noise: PlanAmount?

    /// The names it reads.
    public var names: [String] { PlanNames.union(kind.names, temperature?.names, noise?.names) }
}

/// When thinking ends early, as far as it is known before the step is carried out.
public struct PlanHalting: Sendable {
    /// The keys of its mapping.
    static let fields: [PlanField] = [
        PlanField(
            "entropy_below", .amount(PlanLimits.entropy), "ends where the next token's entropy is below this, in nats"),
        PlanField(
            "entropy_above", .amount(PlanLimits.entropy), "ends where the next token's entropy is above this, in nats"),
        PlanField("end_of_turn", .flag, "ends where the most probable token ends the turn"),
        PlanField(
            "cycle", .amount(PlanLimits.cosine), "ends where the cosine with a vector fed before is above this"),
    ]

    /// The entropy below which it ends; nil for none.
    public var entropyBelow: PlanAmount?
    /// The entropy above which it ends; nil for none.
    public var entropyAbove: PlanAmount?
    /// Whether it ends with the turn; nil for no.
    public var atEndOfTurn: PlanFlag?
    /// The cosine above which it ends; nil for none.
    public var cycle: PlanAmount?

    /// The names it reads.
    public var names: [String] {
        PlanNames.union(entropyBelow?.names, entropyAbove?.names, atEndOfTurn?.names, cycle?.names)
    }
}

extension PlanReader {
    /// How the step thinks.
    func thinking() -> StepThinking {
        StepThinking(
            latentSteps: count("latent_steps"), feedback: feedback("feedback"), halting: halting("halt"),
            trace: flag("trace"))
    }

    private func feedback(_ key: String) -> PlanFeedback? {
        let (word, mapping) = wordOrMapping(key)
        guard let mapping else { return word.map { PlanFeedback(kind: $0) } }
        let (kind, temperature, noise) = (
            mapping.word("kind"), mapping.amount("temperature"), mapping.amount("noise")
        )
        guard let kind else { return nil }
        if case .literal(let word) = kind, word != "soft" {
            for key in ["temperature", "noise"] where mapping.has(key) {
                mapping.report("'\(key)' is of 'soft' feedback, this is '\(word)'", at: key)
            }
        }
        return PlanFeedback(kind: kind, temperature: temperature, noise: noise)
    }

    private func halting(_ key: String) -> PlanHalting? {
        object(key).map { reader in
            PlanHalting(
                entropyBelow: reader.amount("entropy_below"), entropyAbove: reader.amount("entropy_above"),
                atEndOfTurn: reader.flag("end_of_turn"), cycle: reader.amount("cycle"))
        }
    }
}
