internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a panel: one member after the other, until nobody's vote can change anything.
struct PanelLogic: JudgingLogic {
    private let judged: JudgedText
    private let input: MethodInput
    private var waiting: ArraySlice<Panel.Member>
    private var count: PanelCount
    /// Whoever judges at present.
    private var sitting: (any JudgingLogic)?
    private var details: JSONValue.Members = [:]

    init(_ judged: JudgedText, _ input: MethodInput) throws {
        self.judged = judged
        self.input = input
        let options = input.options
        let before = try options["verdicts"]?.stringValue.map(Self.verdicts) ?? []
        let members =
            options["members"]?.stringValue.flatMap(Panel.members)
            ?? (options["verdicts"] == nil ? [.rule, .judge] : [])
        waiting = members[...]
        count = PanelCount(
            options["rule"]?.stringValue.flatMap(PanelRule.init(rawValue:)) ?? .firstDecided,
            members: before.count + members.count, quorum: options["quorum"]?.intValue,
            weights: options["weights"]?.stringValue.flatMap(Panel.weights) ?? [],
            threshold: options["threshold"]?.doubleValue ?? 0.5)
        for verdict in before { count.add(verdict) }
    }

    /// Verdicts of earlier steps; a step that was not done has none.
    private static func verdicts(_ list: String) throws -> [Verdict] {
        let values = (try? JSONParser.parse(list))?.arrayValue?.filter { $0 != .null }
        let verdicts = values?.map { Verdict(document: $0) }
        guard let verdicts, !verdicts.contains(nil) else {
            throw JudgingError.wrongOption(
                Panel.name, "verdicts", expected: "a JSON list of verdicts, each with passed and verifier",
                hint: "verdicts: \"{{ [first_step, second_step] | tojson }}\"")
        }
        return verdicts.compactMap(\.self)
    }

    mutating func step(_ event: MethodEvent) throws -> JudgingAction {
        var event = event
        while true {
            if var member = sitting {
                let action = try member.step(event)
                sitting = member
                guard case .decided(let verdict, let more) = action else { return action }
                sitting = nil
                count.add(verdict)
                details.merge(more) { _, last in last }
                // With a budget that is used up nobody else need be asked.
                if case .limited = event { waiting = [] }
            }
            guard !count.isSettled, let next = waiting.popFirst() else {
                return .decided(count.verdict(by: Panel.name), details: details)
            }
            sitting = try seat(next)
            event = .began
        }
    }

    private func seat(_ member: Panel.Member) throws -> any JudgingLogic {
        switch member {
        case .rule:
            RuleLogic(
                judged: judged, verifier: input.options["verifier"]?.stringValue ?? RuleLogic.usualVerifier)
        case .secondOpinion: SecondOpinionLogic(judged, input)
        case .program: ProgramLogic(judged, input)
        case .judge: try JudgeLogic(judged, input)
        }
    }
}
