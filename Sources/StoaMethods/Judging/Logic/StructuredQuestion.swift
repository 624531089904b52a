internal import OrderedCollections
internal import StoaCore

/// A question whose answer is JSON of a schema, asked of a model greedily.
///
/// A model of the engine cannot say anything else. A server can: what it says is read strictly, and once it is told what is
/// wrong with it and asked again. What is wrong then, too, is no answer.
struct StructuredQuestion: Sendable {
    /// What a reply comes to.
    enum Outcome: Sendable {
        /// Ask again.
        case again(ModelRequest)
        /// JSON that the schema accepts.
        case answer(JSONValue)
        /// No answer, and why not.
        case unreadable(String)
    }

    /// How often a reply is sent back.
    static let repairs = 1

    private(set) var request: ModelRequest
    private let schema: JSONSchema
    /// How often a reply was sent back.
    private(set) var repairsMade = 0

    /// Makes a question.
    ///
    /// - Parameters:
    ///   - text: what is asked.
    ///   - schema: what the answer is.
    ///   - request: who is asked, and how: its messages but for the agent's system prompt are replaced.
    init(_ text: String, schema: JSONSchema, of request: ModelRequest) {
        self.schema = schema
        self.request = request
        self.request.messages = request.messages.filter { $0.role == .system } + [ChatMessage(.user, text)]
        self.request.sampling.temperature = 0
        self.request.stop = []
        self.request.tools = []
        self.request.fence = nil
        self.request.constraint = .schema(schema)
    }

    /// Takes a reply.
    mutating func take(_ reply: ModelReply) -> Outcome {
        let constraint = OutputConstraint.schema(schema)
        guard let problem = constraint.problem(with: reply.text) else {
            return (try? JSONParser.parse(reply.text)).map { .answer($0) } ?? .unreadable("not JSON")
        }
        guard repairsMade < Self.repairs, reply.finish != .limit else { return .unreadable(problem) }
        repairsMade += 1
        request.messages += constraint.repair(of: reply.text, problem)
        return .again(request)
    }
}
