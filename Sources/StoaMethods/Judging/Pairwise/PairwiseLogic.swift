internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// The decisions of a comparison: one match after the other, two questions each.
struct PairwiseLogic: MethodLogic {
    private let problem: String
    private let instructions: String
    private let candidates: [String]
    private let request: ModelRequest
    private let schema: JSONSchema
    private var tournament: Tournament
    private var match: PairMatch?
    private var matches: [PairMatch] = []
    private var isLimited = false

    init(_ input: MethodInput) throws {
        let options = input.options
        problem = input.prompt
        instructions = options["instructions"]?.stringValue ?? ""
        request = input.request
        schema = try PairContract.schema()
        if let list = options["candidates"]?.stringValue {
            candidates = try Self.candidates(list)
        } else {
            candidates = ["first", "second"].map { options[$0]?.stringValue ?? "" }
        }
        let form = options["tournament"]?.stringValue.flatMap(Tournament.Form.init(rawValue:)) ?? .roundRobin
        tournament = Tournament(form, count: candidates.count)
    }

    private static func candidates(_ list: String) throws -> [String] {
        let texts = (try? JSONParser.parse(list))?.arrayValue?.map { $0.stringValue ?? $0["text"]?.stringValue }
        guard let texts, !texts.isEmpty, texts.count <= PairwiseJudge.mostCandidates, !texts.contains(nil) else {
            throw JudgingError.wrongOption(
                "pairwise-judge", "candidates",
                expected: "a JSON list of 1 to \(PairwiseJudge.mostCandidates) texts, or of values with a text",
                hint: "candidates: \"{{ answers | tojson }}\"")
        }
        return texts.compactMap(\.self)
    }

    mutating func step(_ event: MethodEvent) throws -> MethodAction {
        switch event {
        case .replied(let reply):
            if let again = match?.take(reply) { return .ask(again) }
        case .limited: isLimited = true
        // It has nothing else done.
        case .began, .judged, .returned: break
        }
        while !isLimited {
            if match == nil, let next = tournament.next { match = PairMatch(next.first, next.second) }
            guard var current = match else { break }
            if candidates[current.pair.first] == candidates[current.pair.second] { current.settleAsEqual() }
            let question = current.ask { first, second in
                StructuredQuestion(
                    PairContract.question(
                        problem, candidates[first], candidates[second], instructions: instructions),
                    schema: schema, of: request)
            }
            match = current
            if let question { return .ask(question) }
            tournament.note(current.pair.first, current.pair.second, winner: current.winner)
            matches.append(current)
            match = nil
        }
        return finish()
    }

    private func finish() -> MethodAction {
        let ranking = tournament.ranking
        let best = ranking[0]
        let (points, played) = (tournament.points, tournament.played)
        let share = played[best] > 0 ? points[best] / Double(played[best]) : 0
        let isClear = played[best] > 0 && points[best] == Double(played[best]) && !isLimited
        let ties = matches.count { $0.winner == nil }
        let inconsistent = matches.count(where: \.isInconsistent)
        let evidence =
            "candidate \(best + 1) of \(candidates.count): \(NumberWords.short(points[best])) of \(played[best]) points; "
            + "\(ties) of \(matches.count) comparisons tie, \(inconsistent) of them by the order alone"
            + (isLimited ? "; a budget ended them" : "")
        let verdict = Verdict(
            isAccepted: isClear, score: share, evidence: evidence,
            verifier: PairwiseJudge.name, isDecided: isClear)
        var members: JSONValue.Members = ["text": .string(candidates[best]), "index": .integer(Int64(best))]
        members.merge(verdict.document.objectValue ?? [:]) { first, _ in first }
        members["ranking"] = .array(ranking.map { .integer(Int64($0)) })
        members["points"] = .array(points.map { .number($0) })
        members["comparisons"] = .array(matches.map(\.document))
        members["ties"] = .integer(Int64(ties))
        members["inconsistent"] = .integer(Int64(inconsistent))
        members["preferred_place"] = .array(
            [1, 2].map { place in .integer(Int64(matches.count { $0.preferredPlace == place })) })
        return .finish(members)
    }
}

/// Numbers in sentences.
enum NumberWords {
    /// A number without superfluous zeros: `2`, `1.5`.
    static func short(_ value: Double) -> String {
        value.rounded() == value && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
