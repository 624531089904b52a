internal import OrderedCollections
internal import StoaCore

/// `screen-problems`: keeps out of a pool what is in it already, and out of training what is held out.
struct ScreenProblemsTool: CurriculumTool {
    static let name = "screen-problems"
    static let summary =
        "Drops new problems that the pool, or a problem before them, has already, and those that a held-out problem has the "
        + "words of, whatever its names and numbers."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "pool": ToolSchema.questions, "heldout": ToolSchema.questions,
        "threshold": ToolSchema.number("the part of word sequences that two problems may share; 0.8"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let records = try arguments.problems()
        let screen = ProblemScreen(threshold: try arguments.number("threshold", 0.8, in: 0...1))
        let pool = try arguments.questions("pool")
        let heldout = try arguments.questions("heldout")
        let verdicts = screen.verdicts(records.map(\.problem.question), pool: pool, heldout: heldout)
        var kept: [JSONValue] = []
        var dropped: [JSONValue] = []
        // What another program can execute, to see whether it comes to the same answers.
        var programs: [JSONValue] = []
        var counts: JSONValue.Members = ["kept": .integer(Int64(verdicts.count { $0.reason == nil }))]
        for reason in ProblemScreen.Reason.allCases {
            counts[reason.rawValue] = .integer(Int64(verdicts.count { $0.reason == reason }))
        }
        for (record, verdict) in zip(records, verdicts) {
            guard let reason = verdict.reason else {
                kept.append(.object(record.members))
                let problem = record.problem
                if let program = problem.program {
                    programs.append([.string(problem.id), .string(program), .string(problem.answer)])
                }
                continue
            }
            // A held-out question is named by its place: its words are nobody's business here.
            let other = verdict.other.map { place -> JSONValue in
                switch reason {
                case .heldout, .heldoutNear: .string("heldout[\(place)]")
                case .duplicate, .nearDuplicate:
                    place < pool.count ? .string("pool[\(place)]") : .string(records[place - pool.count].problem.id)
                }
            }
            dropped.append([
                "id": .string(record.problem.id), "reason": .string(reason.rawValue), "of": other ?? .null,
            ])
        }
        return [
            "kept": .array(kept), "dropped": .array(dropped), "counts": .object(counts), "programs": .array(programs),
        ]
    }
}
