internal import OrderedCollections
internal import StoaCore

/// `draw-problems`: the programmatic teacher draws problems from families, uniformly or where the solver fails.
struct DrawProblemsTool: CurriculumTool {
    static let name = "draw-problems"
    static let summary =
        "Draws word problems from parametric families, with the programs that their answers come from: uniformly, or by what "
        + "a solver can and cannot do."
    static let required = ["families", "count", "seed"]
    static let arguments: JSONValue.Members = [
        "families": ToolSchema.families, "count": ToolSchema.integer("how many problems"), "seed": ToolSchema.seed,
        "mix": ToolSchema.choice(["uniform", "adaptive"], "whether the solver's standing is looked at; uniform"),
        "standing": ["type": "object", "description": "what sort-zones says of the solver; nothing known"],
        "levels": ToolSchema.list("the levels that are drawn from; 1 to 5"),
        "floor": ToolSchema.number("adaptive: the share that goes to all families alike; 0.25"),
        "mu": ToolSchema.mu, "sigma": ToolSchema.sigma,
        "prefix": ToolSchema.text("what the problems' names begin with"),
        "only": ToolSchema.list("names of the families that are drawn from; all"),
        "tokenised": ToolSchema.number("the share of problems whose words and marks stand apart; 0.45"),
    ]

    /// Attempts to draw a question that is not there yet.
    private static let attempts = 8

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let library = try arguments.library()
        let count = try arguments.integer("count", in: 0...1_000_000) ?? 0
        let stream = try arguments.stream()
        let levels = try arguments.list("levels").compactMap(\.intValue)
        let only = try arguments.strings("only")
        if let unknown = only.first(where: { library[$0] == nil }) {
            throw ToolArguments.failure("only", "names of families", .string(unknown))
        }
        let families = library.families.filter { only.isEmpty || only.contains($0.name) }
        let curriculum = Curriculum(
            utility: try arguments.utility(), floor: try arguments.number("floor", 0.25, in: 0...1),
            levels: levels.isEmpty ? Array(ProblemFamily.levels) : levels)
        let choices =
            try arguments.choice("mix", ["uniform", "adaptive"]) == "uniform"
            ? curriculum.uniform(count, of: families, stream: stream.child("choice"))
            : curriculum.adaptive(
                count, of: families, standing: SolverStanding(document: arguments.members["standing"] ?? .null),
                stream: stream.child("choice"))
        let draw = ProblemDraw(
            words: library.words, tokenisedShare: try arguments.number("tokenised", 0.45, in: 0...1))
        let prefix = try arguments.text("prefix") ?? "p"
        var seen: Set<String> = []
        var problems: [JSONValue] = []
        var shares: [String: Int64] = [:]
        var perLevel: [Int: Int64] = [:]
        for (index, choice) in choices.enumerated() {
            guard let family = library[choice.family] else { continue }
            for attempt in 0..<Self.attempts {
                let problem = try draw.problem(
                    of: family, level: choice.level, stream: stream.child(index).child(attempt), id: "\(prefix)\(index)"
                )
                guard seen.insert(problem.question).inserted || attempt == Self.attempts - 1 else { continue }
                problems.append(problem.document)
                break
            }
            shares[choice.family, default: 0] += 1
            perLevel[choice.level, default: 0] += 1
        }
        var counted: JSONValue.Members = [:]
        for (level, count) in perLevel.sorted(by: { $0.key < $1.key }) { counted[String(level)] = .integer(count) }
        var shared: JSONValue.Members = [:]
        for (family, count) in shares.sorted(by: { $0.key < $1.key }) { shared[family] = .integer(count) }
        return ["problems": .array(problems), "shares": .object(shared), "levels": .object(counted)]
    }

    func line(for value: JSONValue) -> String {
        "\(value["problems"]?.arrayValue?.count ?? 0) problems of \(value["shares"]?.objectValue?.count ?? 0) families"
    }
}
