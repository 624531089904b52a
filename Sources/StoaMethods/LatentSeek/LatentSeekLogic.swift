internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a search: answer, judge, and answer again with one reward more.
struct LatentSeekLogic: MethodLogic {
    private typealias Check = SelfVerification.Check

    private let request: ModelRequest
    private let question: String
    private let reward: LatentSeek.Reward
    private let verifier: String
    private let reference: String?
    private let iterations: Int
    private let threshold: Double
    private var seeking: LatentSeeking
    private var answer: ModelReply?
    private var refused: [Check] = []
    /// The questions that are still to be asked about the present answer, the next first.
    private var checks: ArraySlice<Check> = []
    private var best: (reply: ModelReply, reward: Double)?

    init(_ input: MethodInput) {
        let options = input.options
        request = input.request
        question = options["question"]?.stringValue ?? input.prompt
        reward = options["reward"]?.stringValue.flatMap(LatentSeek.Reward.init(rawValue:)) ?? .own
        verifier = options["verifier"]?.stringValue ?? ""
        // An empty reference is none: a playbook's optional parameter.
        reference = options["reference"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        iterations = options["iterations"]?.intValue ?? 10
        threshold = options["threshold"]?.doubleValue ?? -0.2
        seeking = LatentSeeking()
        seeking.fraction = options["fraction"]?.doubleValue ?? seeking.fraction
        seeking.learningRate = options["learning_rate"]?.doubleValue ?? seeking.learningRate
        seeking.direction =
            options["direction"]?.stringValue.flatMap(LatentSeeking.Direction.init(rawValue:)) ?? seeking.direction
    }

    mutating func step(_ event: MethodEvent) throws -> MethodAction {
        switch event {
        case .began: return .seek(request, seeking)
        case .replied(let reply):
            guard let answer else { return judge(reply) }
            return note(reply, of: answer)
        case .judged(let verdict): return conclude(verdict.isAccepted ? 0 : -1)
        case .limited: return finish(isLimited: true)
        // It has no tool called.
        case .returned: return finish(isLimited: false)
        }
    }

    private mutating func judge(_ answer: ModelReply) -> MethodAction {
        self.answer = answer
        switch reward {
        case .verifier:
            let request = VerificationRequest(text: answer.text, reference: reference, question: question)
            return .judge(request, verifier: verifier)
        case .own:
            (checks, refused) = (Check.allCases[...], [])
            return askNext(of: answer)
        }
    }

    /// Asks the next question about an answer, or concludes.
    private mutating func askNext(of answer: ModelReply) -> MethodAction {
        guard let check = checks.first else { return conclude(SelfVerification.reward(refused: refused)) }
        return .ask(
            SelfVerification.request(check, problem: question, solution: answer.text, author: request.author))
    }

    private mutating func note(_ reply: ModelReply, of answer: ModelReply) -> MethodAction {
        if let check = checks.popFirst(), !SelfVerification.accepts(reply.text) { refused.append(check) }
        return askNext(of: answer)
    }

    private mutating func conclude(_ reward: Double) -> MethodAction {
        seeking.rewards.append(reward)
        if let answer, reward >= best?.reward ?? -.infinity { best = (answer, reward) }
        guard reward <= threshold, reward != 0, seeking.rewards.count <= iterations else {
            return finish(isLimited: false)
        }
        answer = nil
        return .seek(request, seeking)
    }

    private func finish(isLimited: Bool) -> MethodAction {
        // An answer that was not judged is better than none, and no better than one that was.
        let reply = best?.reply ?? answer
        return .finish([
            "text": .string(reply?.text ?? ""), "reward": best.map { .number($0.reward) } ?? .null,
            "rewards": .array(seeking.rewards.map { .number($0) }),
            "iterations": .integer(Int64(max(0, seeking.rewards.count - 1))),
            "finish": .string((isLimited ? .limit : reply?.finish ?? .limit).rawValue),
        ])
    }
}
