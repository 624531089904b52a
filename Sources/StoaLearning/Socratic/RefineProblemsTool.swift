internal import OrderedCollections
internal import StoaCore

/// `refine-problems`: the programmatic teacher makes new problems of those that the solver learns from, or has mastered.
struct RefineProblemsTool: CurriculumTool {
    static let name = "refine-problems"
    static let summary =
        "Makes a new problem of each that was tried: of the same family about the error where it was learned from, a step "
        + "harder where it was mastered."
    static let required = ["families", "problems", "seed"]
    static let arguments: JSONValue.Members = [
        "families": ToolSchema.families, "problems": ToolSchema.problems, "seed": ToolSchema.seed,
        "count": ToolSchema.integer("the most new problems; as many as there are"),
        "generate_from": ToolSchema.list("zones that problems are made of; learning, mastered"),
        "prefix": ToolSchema.text("what the problems' names begin with"),
        "tokenised": ToolSchema.number("the share of problems whose words and marks stand apart; 0.45"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let library = try arguments.library()
        let stream = try arguments.stream()
        let given = try arguments.strings("generate_from")
        let zones = given.isEmpty ? ["learning", "mastered"] : given
        if let unknown = zones.first(where: { DifficultyZone(rawValue: $0) == nil }) {
            throw ToolArguments.failure("generate_from", "mastered, learning or too_hard", .string(unknown))
        }
        let prefix = try arguments.text("prefix") ?? "n"
        let draw = ProblemDraw(words: library.words, tokenisedShare: try arguments.number("tokenised", 0.45, in: 0...1))
        let refiner = ProblemRefiner(library: library, draw: draw)
        // Zones in the order in which they were asked for, and within them what is worth most first.
        var records = try arguments.problems().filter { record in
            record.zone.map { zones.contains($0.rawValue) } ?? false
        }
        if let count = try arguments.integer("count", in: 0...1_000_000), records.count > count {
            let utility = ProblemUtility()
            let order = records.indices.sorted { first, second in
                let key = { (index: Int) in
                    (
                        zones.firstIndex(of: records[index].zone?.rawValue ?? "") ?? zones.count,
                        -utility.value(successRate: records[index].success ?? 0), index
                    )
                }
                return key(first) < key(second)
            }
            records = order.prefix(count).sorted().map { records[$0] }
        }
        var problems: [JSONValue] = []
        var counts: [String: Int64] = [:]
        for (index, record) in records.enumerated() {
            guard let zone = record.zone else { continue }
            let tried = ProblemRefiner.Tried(problem: record.problem, zone: zone, failed: record.failed)
            guard let refined = try refiner.refined(tried, stream: stream.child(index), id: "\(prefix)\(index)") else {
                counts["unknown_family", default: 0] += 1
                continue
            }
            counts[refined.target, default: 0] += 1
            var members = refined.problem.document.objectValue ?? [:]
            members["from"] = .string(record.problem.id)
            members["original"] = .string(record.problem.question)
            members["failed"] = record.failed.map { .string($0) } ?? .null
            members["targets"] = .string(refined.target)
            members["difficulty_delta"] = .integer(Int64(refined.difference))
            problems.append(.object(members))
        }
        var counted: JSONValue.Members = [:]
        for (target, count) in counts.sorted(by: { $0.key < $1.key }) { counted[target] = .integer(count) }
        return ["problems": .array(problems), "counts": .object(counted)]
    }
}
