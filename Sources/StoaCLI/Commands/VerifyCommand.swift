internal import ArgumentParser
internal import OrderedCollections
internal import StoaCore
internal import StoaEvaluation
internal import StoaVerify

/// `stoa verify`: whether an answer says the same as a reference.
///
/// A difference is a result, not a failure: exit code 0 either way. Code 2 belongs to `compare`, `diff` and `doctor`.
struct VerifyCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Say whether an answer is mathematically equivalent to a reference.",
        discussion: """
            Exact, and without evaluating anything: fractions, roots, sets, intervals, matrices and so on, in LaTeX or \
            plain. An answer may be a whole solution: its last \\boxed{…} counts, else '#### …', else 'the answer is …'. \
            Both outcomes end with exit code 0. Where lines of a batch have a label, true or false, a last line has the \
            summary: how often what is false was accepted and what is true was not.
            """)

    @OptionGroup var output: OutputOptions

    // An answer may begin with a minus sign.
    @Option(name: .long, parsing: .unconditional, help: "The answer, or a text that marks one.")
    var answer: String?

    @Option(name: .long, parsing: .unconditional, help: "What it should say.")
    var reference: String?

    @Option(
        name: .long,
        help:
            "A file of {id, answer, reference, label} per line ('-' for standard input); gives {id, equivalent, method} per line."
    )
    var batch: String?

    func validate() throws {
        if batch != nil {
            guard answer == nil, reference == nil else {
                throw ValidationError("--batch brings its own answers: leave --answer and --reference out")
            }
        } else if answer == nil {
            throw ValidationError("--answer is missing (or --batch FILE.jsonl)")
        } else if reference == nil {
            throw ValidationError("--reference is missing")
        }
    }

    func run(in context: CommandContext) async throws {
        if let batch { return try Self.judge(try Self.pairs(in: InputFile.read(batch), path: batch), context) }
        guard let answer, let reference else { return }
        let decision = Equivalence.decide(answer: answer, reference: reference)
        try context.finish(
            [
                "equivalent": .bool(decision.isEquivalent), "method": .string(decision.method.rawValue),
                "decided": .bool(decision.isDecided),
                "extracted": decision.extracted.map { .string($0) } ?? .null,
                "normalised": .array(decision.normalised.map { .string($0) }),
            ], people: Self.text(decision))
    }

    private static func text(_ decision: Equivalence.Decision) -> StyledText {
        var text =
            decision.isEquivalent ? StyledText("equivalent", .green) : StyledText("not equivalent", .red)
        text += " (\(decision.method.rawValue))"
        for (label, form) in zip(["answer", "reference"], decision.normalised) {
            let padding = String(repeating: " ", count: 9 - label.count)
            text +=
                StyledText("\n  \(label)\(padding)  ", .dim) + StyledText(form.isEmpty ? "cannot be understood" : form)
        }
        return text
    }

    // MARK: - Batches

    private struct Pair {
        var id: JSONValue
        var answer: String
        var reference: String
        /// Whether they really say the same; nil where that is not said.
        var label: Bool?
    }

    /// Reads the whole file before anything is written: a broken one gives no results at all.
    private static func pairs(in bytes: [UInt8], path: String) throws -> [Pair] {
        var pairs: [Pair] = []
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            let place = "line \(index + 1)"
            let document: JSONValue
            do {
                document = try JSONParser.parse(line)
            } catch {
                throw CLIError.invalidInput(path, "\(place), column \(error.column): \(error.reason)")
            }
            guard document.objectValue != nil else {
                throw CLIError.invalidInput(path, "\(place): expected {\"id\", \"answer\", \"reference\"}")
            }
            func text(_ name: String) throws -> String {
                switch document[name] {
                case .string(let text): return text
                case .integer, .number: return document[name]?.text ?? ""
                case .none: throw CLIError.invalidInput(path, "\(place): \"\(name)\" is missing")
                default: throw CLIError.invalidInput(path, "\(place): \"\(name)\": expected a text")
                }
            }
            let label = document["label"] ?? .null
            guard label == .null || label.boolValue != nil else {
                throw CLIError.invalidInput(path, "\(place): \"label\": expected true or false")
            }
            pairs.append(
                Pair(
                    id: document["id"] ?? .null, answer: try text("answer"), reference: try text("reference"),
                    label: label.boolValue))
        }
        return pairs
    }

    private static func judge(_ pairs: [Pair], _ context: CommandContext) throws {
        var lines = ""
        var rates = ErrorRates()
        for pair in pairs {
            try Task.checkCancellation()
            let decision = Equivalence.decide(answer: pair.answer, reference: pair.reference)
            var members: JSONValue.Members = [
                "id": pair.id, "equivalent": .bool(decision.isEquivalent), "method": .string(decision.method.rawValue),
                "decided": .bool(decision.isDecided),
            ]
            if let label = pair.label {
                members["label"] = .bool(label)
                rates.add(decision.isDecided ? decision.isEquivalent : nil, isRight: label)
            }
            lines += JSONValue.object(members).text + "\n"
            guard lines.utf8.count >= 1 << 16 else { continue }
            try context.console.write(StyledText(lines))
            lines = ""
        }
        if rates.right + rates.wrong > 0 { lines += JSONValue.object(["summary": rates.document]).text + "\n" }
        if !lines.isEmpty { try context.console.write(StyledText(lines)) }
    }
}
