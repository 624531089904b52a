internal import OrderedCollections
internal import StoaCore

/// `augment-problems`: static augmentation of seeds by numbers, names and paraphrase, which a curriculum is compared with.
struct AugmentProblemsTool: CurriculumTool {
    static let name = "augment-problems"
    static let summary =
        "Makes new problems of given ones by rules: numbers drawn anew with the answer recomputed, names exchanged, words "
        + "replaced by others of the same meaning."
    static let required = ["problems", "count", "seed"]
    static let arguments: JSONValue.Members = [
        "problems": ToolSchema.problems, "count": ToolSchema.integer("how many new problems"), "seed": ToolSchema.seed,
        "families": ToolSchema.families, "numbers": ToolSchema.flag("whether numbers are drawn anew; true"),
        "names": ToolSchema.flag("whether names are exchanged, with those of the families' words; true"),
        "paraphrase": ToolSchema.flag("whether words are replaced; true"),
        "prefix": ToolSchema.text("what the problems' names begin with"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let count = try arguments.integer("count", in: 0...1_000_000) ?? 0
        let stream = try arguments.stream()
        let prefix = try arguments.text("prefix") ?? "a"
        let changesNames = try arguments.flag("names", true)
        let words = changesNames && arguments.members["families"] != nil ? try arguments.library().words : nil
        let augmenter = ProblemAugmenter(
            changesNumbers: try arguments.flag("numbers", true), paraphrases: try arguments.flag("paraphrase", true),
            words: words)
        // A problem without a program gets the one that is found for it, or keeps its numbers.
        let seeds = try arguments.problems().map { record in
            var problem = record.problem
            if problem.program == nil {
                problem.program = try? ExpressionSearch().program(of: problem.question, answer: problem.answer)
            }
            return problem
        }
        var seen = Set(seeds.map(\.question))
        var problems: [JSONValue] = []
        var repeated: Int64 = 0
        for index in 0..<count where !seeds.isEmpty {
            let seed = seeds[index % seeds.count]
            let variant = augmenter.variant(of: seed, stream: stream.child(index), id: "\(prefix)\(index)")
            if !seen.insert(variant.question).inserted { repeated += 1 }
            var members = variant.document.objectValue ?? [:]
            members["from"] = .string(seed.id)
            problems.append(.object(members))
        }
        return [
            "problems": .array(problems),
            "counts": ["problems": .integer(Int64(problems.count)), "repeated": .integer(repeated)],
        ]
    }
}
