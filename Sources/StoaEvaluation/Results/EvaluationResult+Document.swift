internal import OrderedCollections
public import StoaCore

extension EvaluationResult {
    /// The document of the command-line contract, with more fields.
    public var document: JSONValue {
        var members: JSONValue.Members = [
            "eval": .string(id.rawValue), "playbook": .string(definition.name), "data": .string(definition.data),
            "status": .string(status.rawValue), "n": .integer(Int64(problems)),
            "samples": .integer(Int64(definition.samples)), "accuracy": .number(accuracy),
            "ci95": Self.document(interval), "standard_error": .number(standardError),
            "pass_at_k": passAtK.last.map { .number($0) } ?? .null,
            "majority_at_k": majorityAtK.last.map { .number($0) } ?? .null, "correct": .integer(Int64(correct)),
            "failed": .integer(Int64(failed)), "unanswered": .integer(Int64(unanswered)), "usage": usageDocument,
            "seconds": .number(seconds), "questions_per_second": .number(questionsPerSecond),
            "per_correct": perCorrectDocument, "verifier": .string(definition.scoring.verifier),
            "model": model.map { ["name": .string($0.name), "fingerprint": .string($0.fingerprint)] } ?? .null,
            "seed": definition.seed > UInt64(Int64.max)
                ? .string(String(definition.seed)) : .integer(Int64(definition.seed)),
        ]
        if passAtK.count > 1 {
            members["pass_at"] = Self.byCount(passAtK)
            members["majority_at"] = Self.byCount(majorityAtK)
            members["pass_ci95"] = passInterval.map(Self.document) ?? .null
            members["majority_ci95"] = majorityInterval.map(Self.document) ?? .null
        }
        if let calibration { members["calibration"] = Self.document(calibration, confidenceSource ?? "") }
        if let stopping {
            members["sequential"] = [
                "ci95": Self.document(stopping.interval), "method": "hedged betting (Waudby-Smith and Ramdas 2024)",
                "width": definition.stopWidth.map { .number($0) } ?? .null, "reached": .bool(stopping.isReached),
            ]
        }
        if !strata.isEmpty { members["strata"] = .array(strata.map(Self.document)) }
        if let errorRates { members["error_rates"] = errorRates.document }
        if let rescored = definition.rescored { members["rescored"] = .string(rescored.rawValue) }
        members["items"] = .array(items.map(document))
        return .object(members)
    }

    static func document(_ interval: ConfidenceInterval) -> JSONValue {
        [.number(interval.lower), .number(interval.upper)]
    }

    private static func byCount(_ values: [Double]) -> JSONValue {
        var members: JSONValue.Members = [:]
        for (index, value) in values.enumerated() { members[String(index + 1)] = .number(value) }
        return .object(members)
    }

    private var usageDocument: JSONValue {
        let usage = usage.logical
        return [
            "prefill_tokens": .integer(Int64(usage.prefillTokens)), "latent_steps": .integer(Int64(usage.latentSteps)),
            "decoded_tokens": .integer(Int64(usage.decodedTokens)), "tool_calls": .integer(Int64(toolCalls)),
        ]
    }

    private var perCorrectDocument: JSONValue {
        func number(_ amount: Double) -> JSONValue { perCorrect(amount).map { .number($0) } ?? .null }
        return [
            "seconds": number(seconds), "tokens": number(Double(usage.total)),
            "decoded_tokens": number(Double(usage.decodedTokens)), "latent_steps": number(Double(usage.latentSteps)),
        ]
    }

    private static func document(_ calibration: Calibration, _ source: String) -> JSONValue {
        [
            "confidence": .string(source), "n": .integer(Int64(calibration.count)),
            "expected_error": .number(calibration.expectedError), "maximum_error": .number(calibration.maximumError),
            "brier": .number(calibration.brier),
            "bins": .array(
                calibration.bins.map { bin in
                    [
                        "lower": .number(bin.lower), "upper": .number(bin.upper), "n": .integer(Int64(bin.count)),
                        "confidence": .number(bin.confidence), "accuracy": .number(bin.accuracy),
                    ]
                }),
        ]
    }

    private static func document(_ table: StratumTable) -> JSONValue {
        [
            "field": .string(table.field),
            "rows": .array(
                table.rows.map { row in
                    [
                        "value": .string(row.value), "n": .integer(Int64(row.problems)),
                        "accuracy": .number(row.accuracy), "ci95": document(row.interval),
                    ]
                }),
        ]
    }

    private func document(_ item: EvaluationItem) -> JSONValue {
        var members: JSONValue.Members = [
            "id": .string(definition.problems[item.problem].id), "answer": item.answer.map { .string($0) } ?? .null,
            "correct": .bool(item.isCorrect), "run": .string(item.run.rawValue),
            "extracted": item.extracted.map { .string($0) } ?? .null,
            "reference": .string(definition.problems[item.problem].answer), "score": .number(item.score),
            "status": .string(item.status.rawValue), "seconds": .number(item.seconds),
        ]
        if definition.samples > 1 { members["sample"] = .integer(Int64(item.sample)) }
        if let confidence = item.confidence { members["confidence"] = .number(confidence) }
        if let failure = item.failure { members["error"] = .string(failure) }
        return .object(members)
    }
}
