internal import OrderedCollections
internal import StoaCore

/// `sort-zones`: how hard each problem is for the solver, and what is known of the solver now.
struct SortZonesTool: CurriculumTool {
    static let name = "sort-zones"
    static let summary =
        "Sorts problems that were tried into mastered, learning and too hard, weighs them by utility, and adds what was seen "
        + "to the solver's standing."
    static let required = ["problems"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems,
        "standing": ["type": "object", "description": "the standing so far; nothing known"],
        "mu": ToolSchema.mu, "sigma": ToolSchema.sigma,
        "memory": ToolSchema.number("what earlier attempts count in families that were tried again; 0.5"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let records = try arguments.problems()
        let utility = try arguments.utility()
        var standing = SolverStanding(document: arguments.members["standing"] ?? .null)
        var sorted: [JSONValue] = []
        var zones: [DifficultyZone: Int64] = [:]
        var (successes, utilities) = (0.0, 0.0)
        var results: [(family: String, level: Int, tried: Int, right: Int)] = []
        for record in records {
            let tried = record.attempts.count
            guard tried > 0 else {
                throw ToolArguments.failure("problem \(record.problem.id)", "attempts", .object(record.members))
            }
            let zone = DifficultyZone(right: record.right, of: tried)
            let success = Double(record.right) / Double(tried)
            let worth = utility.value(successRate: success)
            zones[zone, default: 0] += 1
            successes += success
            utilities += worth
            if let family = record.problem.family {
                results.append((family, record.problem.level, tried, record.right))
            }
            sorted.append(
                record.document(adding: [
                    "s": .number(success), "right": .integer(Int64(record.right)), "tried": .integer(Int64(tried)),
                    "zone": .string(zone.rawValue), "utility": .number(worth),
                ]))
        }
        standing.add(results, memory: try arguments.number("memory", 0.5, in: 0...1))
        let total = Double(max(1, records.count))
        var counts: JSONValue.Members = [:]
        for zone in DifficultyZone.allCases { counts[zone.rawValue] = .integer(zones[zone] ?? 0) }
        return [
            "problems": .array(sorted), "zones": .object(counts), "success": .number(successes / total),
            "utility": .number(utilities / total), "standing": standing.document(utility: utility),
        ]
    }

    func line(for value: JSONValue) -> String { (value["zones"] ?? .emptyObject).text }
}
