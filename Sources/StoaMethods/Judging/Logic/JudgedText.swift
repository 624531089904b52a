internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// What is judged.
struct JudgedText: Sendable, Hashable {
    /// The problem, as those who judge are told it.
    var problem: String
    /// What a model said.
    var text: String
    /// What it should come to; nil where nobody knows.
    var reference: String?

    /// The keys of options that say it.
    static let fields: [PlanField] = [
        PlanField("text", .text, isRequired: true, "the text that is judged"),
        PlanField("reference", .text, "what its answer should be; empty: nobody knows"),
    ]

    /// Reads what a method was given; the prompt is the problem.
    init(_ input: MethodInput) {
        problem = input.prompt
        text = input.options["text"]?.stringValue ?? ""
        // An empty reference is none: a playbook's optional parameter.
        reference = input.options["reference"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The steps of the text: its lines that are not empty.
    var steps: [String] {
        text.split(whereSeparator: \.isNewline).map { line in
            let inner = line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
            return String(inner)
        }.filter { !$0.isEmpty }
    }

    /// The request for a rule's judgement.
    var verification: VerificationRequest {
        VerificationRequest(text: text, reference: reference, question: problem)
    }
}
