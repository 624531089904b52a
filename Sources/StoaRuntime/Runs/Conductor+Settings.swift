internal import StoaCore

/// Values that steps write down or compute, once the step is carried out.
///
/// What is computed and cannot be used is a failure that names the step, the key, and what was found.
extension Conductor {
    /// One of some words; nil where none is written.
    func word(_ word: PlanWord?, of subject: String, in frame: Frame) async throws -> String? {
        switch word {
        case nil: return nil
        case .literal(let word): return word
        case .text(let text, let words):
            let rendered = try await render(text, in: frame)
            let found = rendered.trimmed
            guard words.contains(found) else {
                throw Self.wrong(
                    subject, expected: "one of \(words.joined(separator: ", "))", found: JSONText.quoted(found),
                    from: text.source, hint: Suggestion.text(for: found, among: words))
            }
            return found
        }
    }

    /// `true` or `false`; nil where none is written.
    func flag(_ flag: PlanFlag?, of subject: String, in frame: Frame) async throws -> Bool? {
        switch flag {
        case nil: return nil
        case .literal(let value): return value
        case .expression(let expression):
            let value = try await evaluate(expression, in: frame)
            guard let flag = value.boolValue else {
                throw Self.wrong(
                    subject, expected: "true or false", found: value.canonicalText,
                    from: "{{ \(expression.source) }}")
            }
            return flag
        }
    }

    /// A number in its range; nil where none is written.
    func amount(_ amount: PlanAmount?, of subject: String, in frame: Frame) async throws -> Double? {
        switch amount {
        case nil: return nil
        case .literal(let value): return value
        case .expression(let expression, let range):
            let value = try await evaluate(expression, in: frame)
            guard let number = value.doubleValue, range.contains(number) else {
                throw Self.wrong(
                    subject, expected: PlanReader.words(for: range), found: value.canonicalText,
                    from: "{{ \(expression.source) }}")
            }
            return number
        }
    }

    /// An adapter by its digest; nil where none is written, or an empty text.
    func adapter(_ text: PlanText?, of subject: String, in frame: Frame) async throws -> AdapterReference? {
        guard let text else { return nil }
        let rendered = try await render(text, in: frame)
        let found = rendered.trimmed
        if found.isEmpty { return nil }
        guard let adapter = AdapterReference(found) else {
            throw Self.wrong(
                subject, expected: "an adapter's digest of 64 hexadecimal digits, or nothing",
                found: JSONText.quoted(found), from: text.source)
        }
        return adapter
    }

    private static func wrong(
        _ subject: String, expected: String, found: String, from source: String, hint: String? = nil
    ) -> WorkFailure {
        WorkFailure(
            failure: EffectFailure(
                kind: .badInput,
                message: "\(subject): expected \(expected), found \(found) from \(JSONText.quoted(source))",
                hint: hint))
    }

    // MARK: - Thinking

    /// How a step thinks.
    func thinking(_ plan: StepThinking, of step: String, in frame: Frame) async throws -> Thinking {
        var thinking = Thinking(steps: StepThinking.usualSteps)
        if let steps = plan.latentSteps {
            thinking.steps = try await number(steps, of: "\(step).latent_steps", in: frame)
        }
        if let feedback = plan.feedback { thinking.feedback = try await self.feedback(feedback, step, frame) }
        if let halting = plan.halting {
            thinking.halting = LatentHalting(
                entropyBelow: try await amount(halting.entropyBelow, of: "\(step).halt.entropy_below", in: frame),
                entropyAbove: try await amount(halting.entropyAbove, of: "\(step).halt.entropy_above", in: frame),
                atEndOfTurn: try await flag(halting.atEndOfTurn, of: "\(step).halt.end_of_turn", in: frame) ?? false,
                cycleCosine: try await amount(halting.cycle, of: "\(step).halt.cycle", in: frame))
        }
        thinking.isTraced = try await flag(plan.trace, of: "\(step).trace", in: frame) ?? false
        return thinking
    }

    private func feedback(_ plan: PlanFeedback, _ step: String, _ frame: Frame) async throws -> LatentFeedback {
        let word = try await word(plan.kind, of: "\(step).feedback", in: frame) ?? ""
        let temperature = try await amount(plan.temperature, of: "\(step).feedback.temperature", in: frame)
        let noise = try await amount(plan.noise, of: "\(step).feedback.noise", in: frame)
        return LatentFeedback(word: word, temperature: temperature ?? 1, noise: noise ?? 0) ?? .automatic
    }

    /// Which rows of the latents before it a step recalls.
    func recall(_ plan: PlanRecall?, of step: String, in frame: Frame) async throws -> LatentRecall {
        var recall = LatentRecall()
        guard let plan else { return recall }
        if let word = try await word(plan.rows, of: "\(step).recall", in: frame) {
            recall.rows = LatentRecall.Rows(rawValue: word) ?? recall.rows
        }
        recall.authors = plan.authors
        if let pruning = plan.pruning { recall.pruning = try await self.pruning(pruning, step, frame) }
        if let sink = plan.sink { recall.sink = try await number(sink, of: "\(step).recall.sink", in: frame) }
        if let word = try await word(plan.positions, of: "\(step).recall.positions", in: frame) {
            recall.positions = LatentRecall.Positions(rawValue: word) ?? recall.positions
        }
        return recall
    }

    private func pruning(_ plan: PlanPruning, _ step: String, _ frame: Frame) async throws -> LatentPruning {
        var pruning = LatentPruning()
        let subject = "\(step).recall.prune"
        if let word = try await word(plan.score, of: "\(subject).by", in: frame) {
            pruning.score = LatentPruning.Score(rawValue: word) ?? pruning.score
        }
        pruning.fraction =
            try await amount(plan.fraction, of: "\(subject).fraction", in: frame) ?? pruning.fraction
        if let least = plan.least { pruning.least = try await number(least, of: "\(subject).least", in: frame) }
        if let word = try await word(plan.strategy, of: "\(subject).strategy", in: frame) {
            pruning.strategy = LatentPruning.Strategy(rawValue: word) ?? pruning.strategy
        }
        return pruning
    }

    // MARK: - Turns of a model

    /// What an agent has in mind before it is asked, and what is kept of its turn.
    func turn(
        _ background: StepBackground, of step: String, by agent: String, adapter: PlanText?, sample: PlanFlag? = nil,
        channel: ThinkVerb.Channel? = nil, in frame: Frame
    ) async throws -> Assignment.Turn {
        let scope = frame.scope
        return Assignment.Turn(
            after: background.after.compactMap { name in scope[name].map { (name, $0) } },
            base: background.base.flatMap { name in scope[name].map { (name, $0) } },
            recall: try await recall(background.recall, of: step, in: frame), translates: background.translates,
            channel: channel, keepsLatent: channel == .spoken,
            adapter: try await self.adapter(
                adapter ?? self.agent(agent).adapter, of: "\(step).adapter", in: frame),
            isSampled: try await flag(sample, of: "\(step).sample", in: frame) ?? false)
    }

    /// The task of saying something, with the agent's settings where the step has none of its own.
    func words(
        _ agent: String, prompt: PlanText?, maximumTokens: PlanCount?, sampling: SamplingOverrides, stop: [String]?,
        of step: String, in frame: Frame
    ) async throws -> (task: Assignment.Task, isCut: Bool) {
        let entry = try self.agent(agent)
        var wanted = entry.maximumTokens
        if let maximumTokens {
            wanted = try await number(maximumTokens, least: 1, of: "\(step).max_tokens", in: frame)
        }
        let allowed = frame.ledger.decodable(for: agent) ?? wanted
        let task = Assignment.Task.say(
            prompt: prompt, maximumTokens: max(1, min(wanted, allowed)),
            sampling: sampling.applied(to: entry.sampling), stop: stop ?? entry.stop)
        return (task, allowed < wanted)
    }
}

extension String {
    /// The text without white space around it.
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}
