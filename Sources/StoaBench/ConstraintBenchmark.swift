internal import StoaCore
internal import StoaModel

/// What it costs to hold a reply to a schema: the time of the same number of tokens with and without.
///
/// The masks of the grammar's states are made by the first reply and kept, as between the calls of a run; the first one is not
/// counted. Replies with and without the schema take turns, because the speed of a shared machine changes.
struct ConstraintBenchmark {
    let model: LocalModel
    let repetitions: Int
    let clock: any TimeSource

    /// The contract of a typical judge or teacher: a text, a number, a choice, and a list of objects.
    private static let schema: JSONValue = [
        "type": "object",
        "properties": [
            "reasoning": ["type": "string", "maxLength": 200],
            "score": ["type": "integer", "minimum": 0, "maximum": 10],
            "verdict": ["enum": ["correct", "incorrect", "unsure"]],
            "steps": [
                "type": "array", "maxItems": 4,
                "items": [
                    "type": "object",
                    "properties": ["step": ["type": "integer"], "isRight": ["type": "boolean"]],
                    "required": ["step", "isRight"], "additionalProperties": false,
                ],
            ],
        ],
        "required": ["reasoning", "score", "verdict", "steps"], "additionalProperties": false,
    ]
    /// The most tokens of a reply.
    private static let limit = 256

    /// Measures.
    ///
    /// - Parameter prompt: gives the prompt of a repetition.
    /// - Returns: tokens per second under the schema, and the part of the time of decoding without that it adds.
    /// - Throws: what the model throws, or `CancellationError`.
    func run(prompt: (Int) -> [ModelInput]) async throws -> (rate: Measurement, cost: Measurement) {
        let schema = OutputConstraint.schema(try JSONSchema(Self.schema))
        var (rates, costs): ([Double], [Double]) = ([], [])
        for repetition in 0...repetitions {
            let cache = try await model.prefill(prompt(repetition))
            let (held, count) = try await seconds(from: cache) {
                $0.constraint = schema
                $0.maximumTokens = Self.limit
            }
            let (free, _) = try await seconds(from: cache) {
                $0.ignoresEndOfTurn = true
                $0.maximumTokens = count
            }
            guard repetition > 0 else { continue }
            rates.append(Double(count) / held)
            costs.append(held / free - 1)
        }
        return (Measurement(rates), Measurement(costs))
    }

    /// How long a reply takes, and how many tokens it has.
    private func seconds(
        from cache: KVCache, _ prepare: (inout GenerationRequest) -> Void
    ) async throws -> (Double, Int) {
        var request = GenerationRequest()
        request.sampling = .greedy
        request.drafts = false
        prepare(&request)
        let start = clock.now
        let reply = try await model.generate([.token(TokenID(rawValue: 1000))], from: cache, request: request)
        return ((clock.now - start) / .seconds(1), reply.tokens.count)
    }
}
