internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a check by a program: have it written, have it run, compare.
struct ProgramLogic: JudgingLogic {
    private static let name = ProgramCheck.name

    private let judged: JudgedText
    private let tool: CheckingTool
    private let verifier: String
    private let isCheck: Bool
    private let attempts: Int
    private var request: ModelRequest
    private var code: String?
    private var written = 0
    private var runs = 0
    /// What the program gave.
    private var output: String?
    /// The text's answer, as the verifier reads it.
    private var answer: String?
    private var isAnswerKnown = false

    init(_ judged: JudgedText, _ input: MethodInput) {
        self.judged = judged
        let options = input.options
        tool = CheckingTool(options["tool"]?.stringValue, among: input.tools)
        verifier = options["verifier"]?.stringValue ?? RuleLogic.usualVerifier
        code = options["program"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        isCheck = code != nil && options["check"]?.boolValue ?? false
        attempts = code == nil ? options["attempts"]?.intValue ?? 2 : 0
        request = input.request
        request.messages =
            input.request.messages.filter { $0.role == .system } + [ChatMessage(.user, Self.question(judged.problem))]
        request.sampling.temperature = 0
        request.fence = .strict
        request.stop = []
        request.tools = []
        request.constraint = nil
    }

    private static func question(_ problem: String) -> String {
        """
        Write Python between ```python and ``` lines that computes the answer to this problem and prints it. Compute exactly: \
        whole numbers, fractions.Fraction or sympy, no rounding.

        Problem: \(problem)
        """
    }

    mutating func step(_ event: MethodEvent) throws -> JudgingAction {
        switch event {
        // What the text's answer is, its own verifier says; a text that says nothing needs no program.
        case .began: .want(.judge(VerificationRequest(text: judged.text, reference: judged.text), verifier: verifier))
        case .judged(let verdict): take(verdict)
        case .replied(let reply): take(reply)
        case .returned(let result): take(result)
        case .limited(let limit): decided(.undecided(limit.evidence, by: Self.name, answer: answer))
        }
    }

    // MARK: - The program

    private mutating func take(_ reply: ModelReply) -> JudgingAction {
        written += 1
        guard let block = FenceScan(reply.text, .strict).block else {
            return again(saying: reply.text, "there is no complete block of Python")
        }
        code = block.code
        return run(block.code)
    }

    private mutating func run(_ code: String) -> JudgingAction {
        runs += 1
        let prelude = isCheck ? "answer = \(PythonText.literal(answer ?? ""))\n" : ""
        return .want(.call(tool.call(prelude + code, id: "program_\(runs)"), keepsState: true))
    }

    private mutating func take(_ result: ToolResult) -> JudgingAction {
        switch ProgramOutcome(result) {
        case .failed(let why): return again(saying: code.map { "```python\n\($0)\n```" } ?? "", why)
        case .value(let value):
            output = value
            guard !isCheck else { return check(value) }
            return .want(
                .judge(
                    VerificationRequest(text: judged.text, reference: value, question: judged.problem),
                    verifier: verifier))
        }
    }

    /// Has the model write another program, if it may.
    private mutating func again(saying words: String, _ why: String) -> JudgingAction {
        guard written < attempts, attempts > 0 else { return decided(.undecided(why, by: Self.name, answer: answer)) }
        request.messages += [ChatMessage(.assistant, words), ChatMessage(.user, "\(why). Write it again.")]
        return .want(.ask(request))
    }

    // MARK: - The verdict

    private mutating func take(_ verdict: Verdict) -> JudgingAction {
        guard isAnswerKnown else {
            (isAnswerKnown, answer) = (true, verdict.answer)
            guard answer != nil else {
                return decided(
                    Verdict(isAccepted: false, score: 0, evidence: "no answer in the text", verifier: Self.name))
            }
            return code.map { run($0) } ?? .want(.ask(request))
        }
        let given = output ?? ""
        let isAccepted = verdict.isAccepted
        if !isAccepted, !verdict.isDecided || Self.mayBeRounded(given) {
            let why = Self.mayBeRounded(given) ? "may be rounded" : "cannot be compared with the answer"
            return decided(
                .undecided("the program gives \(given.prefix(80)), which \(why)", by: Self.name, answer: answer))
        }
        return decided(
            Verdict(
                isAccepted: isAccepted, score: isAccepted ? 1 : 0, answer: answer,
                evidence: "the program gives \(given.prefix(80)): \(verdict.evidence)", verifier: Self.name))
    }

    private mutating func check(_ value: String) -> JudgingAction {
        switch value.filter({ !$0.isWhitespace }) {
        case "True":
            decided(
                Verdict(
                    isAccepted: true, score: 1, answer: answer, evidence: "the program accepts", verifier: Self.name))
        case "False":
            decided(
                Verdict(
                    isAccepted: false, score: 0, answer: answer, evidence: "the program refuses", verifier: Self.name))
        default:
            decided(
                .undecided(
                    "the program gives \(value.prefix(80)): expected True or False", by: Self.name, answer: answer))
        }
    }

    /// Whether a text is a decimal number of so many digits that Python may have rounded it.
    static func mayBeRounded(_ text: String) -> Bool {
        let digits = text.filter(\.isNumber)
        return Double(text) != nil && (text.contains("e") || text.contains(".") && digits.count >= 15)
    }

    private func decided(_ verdict: Verdict) -> JudgingAction {
        .decided(
            verdict,
            details: [
                "code": code.map { .string($0) } ?? .null, "output": output.map { .string($0) } ?? .null,
                "attempts": .integer(Int64(max(written, runs))),
            ])
    }
}
