public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// Several verifiers judge one text, and a rule makes one verdict of theirs.
///
/// Those who are asked come in the order of what they cost and of how much can be believed: the `rule`, the `second-opinion`,
/// the `program`, the `judge`; and nobody is asked whose vote could change nothing any more. In front of them stand verdicts
/// of earlier steps, such as those of judges with other models.
///
/// The step's value is a verdict's document with `text`, what was judged. `verifier` is the one who decided where it was one,
/// otherwise `panel`; `votes` has all of them.
public enum Panel: Method {
    /// `panel`.
    public static let name = "panel"

    /// What it does.
    public static let summary = "has several verifiers judge a text, and makes one verdict of theirs"

    /// Those who can be asked, in the order in which they are.
    enum Member: String, Sendable, CaseIterable {
        case rule
        case secondOpinion = "second-opinion"
        case program
        case judge
    }

    /// The keys of its options.
    public static let fields: [PlanField] =
        JudgedText.fields + [
            PlanField(
                "members", .string,
                "who is asked, of \(Member.allCases.map(\.rawValue).joined(separator: ", ")); absent: rule, judge"),
            PlanField("verdicts", .text, "verdicts of earlier steps that vote, too: a JSON list of their values"),
            PlanField(
                "rule", .word(PanelRule.allCases.map(\.rawValue)), "what makes one verdict; absent: first_decided"),
            PlanField("quorum", .count(1...1000), "how many must accept, for majority; absent: more than half"),
            PlanField("weights", .string, "what each vote weighs, for weighted: numbers in the order of the votes"),
            PlanField("threshold", .amount(0...1), "what the mean must be above, for weighted; absent: 0.5"),
            PlanField("verifier", .verifier, "the rule; absent: equivalent"),
            PlanField("tool", .tool, "what runs Python; absent: python"),
        ] + Judge.own + ProgramCheck.own

    /// Reads a list of members; nil for one that names somebody else, or nobody.
    static func members(_ text: String) -> [Member]? {
        let words = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        let members = words.compactMap(Member.init(rawValue:))
        guard members.count == words.count, Set(members).count == members.count else { return nil }
        return Member.allCases.filter(members.contains)
    }

    /// Reads a list of weights; nil for anything else.
    static func weights(_ text: String) -> [Double]? {
        let words = text.split { $0 == "," || $0.isWhitespace }
        let weights = words.compactMap { Double($0) }
        return weights.count == words.count && weights.allSatisfy { $0 >= 0 && $0.isFinite } ? weights : nil
    }

    private static func members(of options: JSONValue.Members) -> [Member] {
        guard let text = options["members"]?.stringValue else {
            return options["verdicts"] == nil ? [.rule, .judge] : []
        }
        return members(text) ?? []
    }

    /// What is wrong with options that are each right by themselves.
    public static func problems(_ options: JSONValue.Members) -> [MethodProblem] {
        var problems = ProgramCheck.ownProblems(options)
        if let text = options["members"]?.stringValue, members(text) == nil {
            problems.append(
                MethodProblem(
                    "'members' must name some of \(Member.allCases.map(\.rawValue).joined(separator: ", ")), each once",
                    at: "members"))
        } else if members(of: options).isEmpty, options["verdicts"] == nil {
            problems.append(MethodProblem("nobody is asked", at: "members", suggestion: "name somebody"))
        }
        if let text = options["weights"]?.stringValue, weights(text) == nil {
            problems.append(MethodProblem("'weights' must be numbers, none below 0", at: "weights"))
        }
        let rule = options["rule"]?.stringValue ?? PanelRule.firstDecided.rawValue
        guard options["rule"] != .null else { return problems }
        for (key, owner) in [("quorum", PanelRule.majority), ("weights", .weighted), ("threshold", .weighted)]
        where options[key] != nil && rule != owner.rawValue {
            problems.append(
                MethodProblem(
                    "'\(key)' has no part in the rule '\(rule)'", at: key,
                    suggestion: "add rule: \(owner.rawValue), or leave it out"))
        }
        return problems
    }

    /// The tool that runs programs, where there are any.
    public static func tools(_ options: JSONValue.Members) -> [String] {
        let runsCode = members(of: options).contains { $0 == .secondOpinion || $0 == .program }
        return runsCode && options["tool"] == nil ? [CheckingTool.usual] : []
    }

    /// Begins the voting.
    public static func makeLogic(_ input: MethodInput) throws -> any MethodLogic {
        let judged = JudgedText(input)
        return VerdictLogic(text: judged.text, judging: try PanelLogic(judged, input))
    }
}
