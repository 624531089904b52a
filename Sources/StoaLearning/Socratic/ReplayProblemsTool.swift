internal import OrderedCollections
internal import StoaCore

/// `replay-problems`: which problems of earlier rounds come again.
struct ReplayProblemsTool: CurriculumTool {
    static let name = "replay-problems"
    static let summary =
        "Chooses problems of earlier rounds that come again: those that were too hard, and a share of the others."
    static let required = ["pool", "seed"]
    static let arguments: JSONValue.Members = [
        "pool": ToolSchema.problems, "seed": ToolSchema.seed,
        "failed": ToolSchema.number("the share of problems that were too hard; 1"),
        "historical": ToolSchema.number("the share of the others, or of the batch where one is given; 0.25"),
        "batch": ToolSchema.integer("how many problems the next round has; the share is then that of the batch"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let pool = try arguments.problems("pool")
        let failed = try arguments.number("failed", 1, in: 0...1)
        let historical = try arguments.number("historical", 0.25, in: 0...1)
        let batch = try arguments.integer("batch", in: 0...1_000_000)
        var chance = Chance(try arguments.stream())
        let hard = pool.indices.filter { pool[$0].zone == .tooHard }
        let others = pool.indices.filter { pool[$0].zone != .tooHard }
        func share(_ part: Double, of count: Int) -> Int { Int((part * Double(count)).rounded()) }
        let first = chance.shuffled(hard).prefix(share(failed, of: hard.count)).sorted()
        let second = chance.shuffled(others).prefix(share(historical, of: batch ?? others.count)).sorted()
        let chosen = (first + second).map { index -> JSONValue in
            var members = pool[index].members
            // Its attempts are of an earlier solver.
            for name in ["attempts", "s", "right", "tried", "zone", "utility"] { members[name] = nil }
            return .object(members)
        }
        return [
            "problems": .array(chosen),
            "counts": ["failed": .integer(Int64(first.count)), "historical": .integer(Int64(second.count))],
        ]
    }
}
