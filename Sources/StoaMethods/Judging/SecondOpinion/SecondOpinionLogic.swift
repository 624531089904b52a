internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a second opinion: the rule, then what the reference's answer is, then sympy.
struct SecondOpinionLogic: JudgingLogic {
    private static let name = SecondOpinion.name

    private let judged: JudgedText
    private let verifier: String
    private let tool: CheckingTool
    /// What the rule said.
    private var first: Verdict?

    init(_ judged: JudgedText, _ input: MethodInput) {
        self.judged = judged
        verifier = input.options["verifier"]?.stringValue ?? RuleLogic.usualVerifier
        tool = CheckingTool(input.options["tool"]?.stringValue, among: input.tools)
    }

    mutating func step(_ event: MethodEvent) throws -> JudgingAction {
        switch event {
        case .judged(let verdict): take(verdict)
        case .returned(let result): decide(Self.opinion(result, of: first?.answer))
        case .limited(let limit): decide(.undecided(limit.evidence, by: Self.name, answer: first?.answer))
        case .began, .replied: .want(.judge(judged.verification, verifier: verifier))
        }
    }

    private mutating func take(_ verdict: Verdict) -> JudgingAction {
        guard let reference = judged.reference, let answer = first?.answer ?? verdict.answer else {
            return .decided(verdict)
        }
        guard first != nil else {
            guard !verdict.isDecided else { return .decided(verdict) }
            first = verdict
            // Where the reference is a worked solution, its answer is what the rule reads there.
            return .want(.judge(VerificationRequest(text: reference, reference: reference), verifier: verifier))
        }
        let code = SympyProgram.code(comparing: answer, with: verdict.answer ?? reference)
        return .want(.call(tool.call(code, id: "sympy"), keepsState: true))
    }

    private func decide(_ second: Verdict) -> JudgingAction {
        var verdict = second
        verdict.votes = [first, second].compactMap(\.self).map(Verdict.Vote.init)
        return .decided(verdict)
    }

    /// What the program said.
    private static func opinion(_ result: ToolResult, of answer: String?) -> Verdict {
        let code = CodeResult(of: result)
        guard code.isOK else {
            return .undecided("sympy came to no end: \(code.status)", by: name, answer: answer)
        }
        let line = code.stdout.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
        guard let said = try? JSONParser.parse(line), let verdict = said["verdict"]?.stringValue else {
            return .undecided("sympy gave no verdict", by: name, answer: answer)
        }
        let evidence = "sympy: \(said["evidence"]?.stringValue ?? verdict)"
        switch verdict {
        case "same": return Verdict(isAccepted: true, score: 1, answer: answer, evidence: evidence, verifier: name)
        case "different":
            return Verdict(isAccepted: false, score: 0, answer: answer, evidence: evidence, verifier: name)
        default: return .undecided(evidence, by: name, answer: answer)
        }
    }
}
