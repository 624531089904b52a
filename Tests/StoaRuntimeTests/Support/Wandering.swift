import OrderedCollections
import StoaCore
import StoaRuntime

/// A method that does everything a method can do: seeks a few times, asks about each answer, and has the last one judged.
enum Wandering: Method {
    static let name = "wandering"
    static let summary = "wanders"
    static let fields: [PlanField] = [
        PlanField("steps", .count(0...20), "how often it seeks"), PlanField("hint", .text, "what it is told"),
        PlanField("by", .word(["near", "far"]), "how it goes"), PlanField("scale", .amount(0...1), "how far"),
        PlanField("judge", .verifier, "who judges"), PlanField("loud", .flag, "whether it is heard"),
        PlanField("label", .string, "what it is called"),
    ]

    static func problems(_ options: JSONValue.Members) -> [MethodProblem] {
        options["loud"] == true && options["label"] == nil
            ? [MethodProblem("a loud one needs a 'label'", at: "loud", suggestion: "add label")] : []
    }

    static func makeLogic(_ input: MethodInput) throws -> any MethodLogic {
        if input.options["label"] == "refused" { throw Unreachable() }
        return Logic(input: input)
    }

    struct Logic: MethodLogic {
        let input: MethodInput
        var seeking = LatentSeeking()
        var isSought = false
        var text = ""
        var heard: [String] = []

        mutating func step(_ event: MethodEvent) throws -> MethodAction {
            switch event {
            case .began:
                isSought = true
                return .seek(input.request, seeking)
            case .replied(let reply) where isSought:
                isSought = false
                text = reply.text
                var request = input.request
                request.messages = [ChatMessage(.user, "\(input.options["hint"]?.stringValue ?? "") \(reply.text)?")]
                return .ask(request)
            case .replied(let reply):
                heard.append(reply.text)
                guard seeking.rewards.count < input.options["steps"]?.intValue ?? 2 else {
                    guard let judge = input.options["judge"]?.stringValue else { return end("done") }
                    return .judge(VerificationRequest(text: text), verifier: judge)
                }
                seeking.rewards.append(-1 / Double(seeking.rewards.count + 1))
                isSought = true
                return .seek(input.request, seeking)
            case .judged(let verdict): return end(verdict.answer ?? "none")
            case .limited(let limit):
                if input.options["label"] == "stubborn" { return .seek(input.request, seeking) }
                return end("limit \(limit.limit)")
            case .returned(let result): return end(result.output)
            }
        }

        func end(_ how: String) -> MethodAction {
            .finish([
                "text": .string(text), "end": .string(how), "heard": .integer(Int64(heard.count)),
                "options": .object(input.options), "prompt": .string(input.prompt),
            ])
        }
    }
}
