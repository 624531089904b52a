internal import OrderedCollections

/// A judgement.
public struct Verdict: Sendable, Hashable {
    /// What a judgement is about.
    public enum Granularity: String, Sendable, Hashable, Codable {
        /// A token.
        case token
        /// A step of a solution.
        case step
        /// The whole answer.
        case answer
    }

    /// Whether it is accepted; never where it was not decided.
    public var isAccepted: Bool
    /// Whether the verifier could tell.
    public var isDecided: Bool
    /// How good it is, 0 to 1.
    public var score: Double
    /// What it is about.
    public var granularity: Granularity
    /// The answer that was judged; nil where none was found.
    public var answer: String?
    /// Why, in words.
    public var evidence: String
    /// The verifier that decided.
    public var verifier: String
    /// The steps of the solution, where they were judged one by one.
    public var steps: [Step]
    /// What each verifier said, where several were asked.
    public var votes: [Vote]

    /// Creates a judgement.
    ///
    /// - Parameters:
    ///   - isAccepted: whether it is accepted.
    ///   - score: how good it is, 0 to 1.
    ///   - granularity: what it is about.
    ///   - answer: the answer that was judged.
    ///   - evidence: why, in words.
    ///   - verifier: the verifier that decided.
    ///   - isDecided: whether it could tell; what it could not is not accepted.
    ///   - steps: the steps of the solution, where they were judged one by one.
    ///   - votes: what each verifier said, where several were asked.
    public init(
        isAccepted: Bool, score: Double, granularity: Granularity = .answer, answer: String? = nil, evidence: String,
        verifier: String, isDecided: Bool = true, steps: [Step] = [], votes: [Vote] = []
    ) {
        self.isAccepted = isAccepted && isDecided
        self.isDecided = isDecided
        self.score = score
        self.granularity = granularity
        self.answer = answer
        self.evidence = evidence
        self.verifier = verifier
        self.steps = steps
        self.votes = votes
    }

    /// The judgement of a verifier that cannot tell: not accepted, with a score of 0.
    ///
    /// - Parameters:
    ///   - evidence: why it cannot.
    ///   - verifier: its name.
    ///   - answer: the answer that was judged.
    ///   - votes: what each verifier said, where several were asked.
    /// - Returns: the judgement.
    public static func undecided(
        _ evidence: String, by verifier: String, answer: String? = nil, votes: [Vote] = []
    ) -> Verdict {
        Verdict(
            isAccepted: false, score: 0, answer: answer, evidence: evidence, verifier: verifier, isDecided: false,
            votes: votes)
    }
}

extension Verdict {
    /// The judgement of one step of a solution.
    public struct Step: Sendable, Hashable {
        /// The step's number, from 1.
        public var number: Int
        /// The step.
        public var text: String
        /// Whether it is right; nil where nobody looked at it.
        public var isAccepted: Bool?

        /// Creates a judgement.
        ///
        /// - Parameters:
        ///   - number: the step's number, from 1.
        ///   - text: the step.
        ///   - isAccepted: whether it is right.
        public init(number: Int, text: String, isAccepted: Bool?) {
            self.number = number
            self.text = text
            self.isAccepted = isAccepted
        }

        /// `{step, text, passed}`.
        public var document: JSONValue {
            [
                "step": .integer(Int64(number)), "text": .string(text),
                "passed": isAccepted.map { .bool($0) } ?? .null,
            ]
        }

        /// Reads the document; nil for anything else.
        public init?(document: JSONValue) {
            guard let number = document["step"]?.intValue, let text = document["text"]?.stringValue else { return nil }
            self.init(number: number, text: text, isAccepted: document["passed"]?.boolValue)
        }
    }

    /// What one of several verifiers said.
    public struct Vote: Sendable, Hashable {
        /// The verifier.
        public var verifier: String
        /// Whether it accepts.
        public var isAccepted: Bool
        /// Whether it could tell.
        public var isDecided: Bool
        /// How good it finds it, 0 to 1.
        public var score: Double
        /// Why, in words.
        public var evidence: String

        /// The vote that a judgement is.
        ///
        /// - Parameter verdict: the judgement.
        public init(_ verdict: Verdict) {
            verifier = verdict.verifier
            isAccepted = verdict.isAccepted
            isDecided = verdict.isDecided
            score = verdict.score
            evidence = verdict.evidence
        }

        /// `{verifier, passed, decided, score, evidence}`.
        public var document: JSONValue {
            [
                "verifier": .string(verifier), "passed": .bool(isAccepted), "decided": .bool(isDecided),
                "score": .number(score), "evidence": .string(evidence),
            ]
        }

        /// Reads the document; nil for anything else.
        public init?(document: JSONValue) {
            guard let verdict = Verdict(document: document) else { return nil }
            self.init(verdict)
        }
    }
}

extension Verdict {
    /// `{passed, decided, score, granularity, answer, evidence, verifier, steps, votes}`.
    public var document: JSONValue {
        [
            "passed": .bool(isAccepted), "decided": .bool(isDecided), "score": .number(score),
            "granularity": .string(granularity.rawValue), "answer": answer.map { .string($0) } ?? .null,
            "evidence": .string(evidence), "verifier": .string(verifier),
            "steps": .array(steps.map(\.document)), "votes": .array(votes.map(\.document)),
        ]
    }

    /// Reads the document: `passed` and `verifier` are enough.
    ///
    /// - Parameter document: a step's value, for one.
    public init?(document: JSONValue) {
        guard let isAccepted = document["passed"]?.boolValue, let verifier = document["verifier"]?.stringValue else {
            return nil
        }
        self.init(
            isAccepted: isAccepted, score: document["score"]?.doubleValue ?? (isAccepted ? 1 : 0),
            granularity: document["granularity"]?.stringValue.flatMap(Granularity.init(rawValue:)) ?? .answer,
            answer: document["answer"]?.stringValue, evidence: document["evidence"]?.stringValue ?? "",
            verifier: verifier, isDecided: document["decided"]?.boolValue ?? true,
            steps: (document["steps"]?.arrayValue ?? []).compactMap(Step.init(document:)),
            votes: (document["votes"]?.arrayValue ?? []).compactMap(Vote.init(document:)))
    }
}
