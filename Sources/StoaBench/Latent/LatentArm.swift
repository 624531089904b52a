internal import OrderedCollections
internal import StoaCore
internal import StoaRuntime

/// What the questions of one arm cost.
struct LatentArm {
    /// What one question cost.
    struct Sample {
        var seconds: Double
        var usage: Usage
    }

    private(set) var samples: [Sample] = []

    mutating func add(_ sample: Sample) { samples.append(sample) }

    /// The figures of the contract.
    ///
    /// - Parameter rowBytes: bytes of keys and values of one position.
    /// - Returns: one `{median, min, max}` each.
    func document(rowBytes: Int) -> JSONValue {
        func figure(_ value: (Sample) -> Double) -> JSONValue { Measurement(samples.map(value)).document }
        return [
            "seconds_per_question": figure(\.seconds),
            "prefill_tokens": figure { Double($0.usage.logical.prefillTokens) },
            "latent_steps": figure { Double($0.usage.latentSteps) },
            "decoded_tokens": figure { Double($0.usage.decodedTokens) },
            "kv_bytes": figure { Double($0.usage.total * rowBytes) },
        ]
    }

    /// The arms that were asked the same questions in the same order.
    ///
    /// - Parameters:
    ///   - arms: one or both.
    ///   - rowBytes: bytes of keys and values of one position.
    /// - Returns: `{latent, text, speedup, decoded_token_reduction}`; the last two question by question, and only where
    ///   there are both arms.
    static func documents(_ arms: [LatentBenchmark.Channel: LatentArm], rowBytes: Int) -> JSONValue.Members {
        var members: JSONValue.Members = [:]
        for channel in LatentBenchmark.Channel.allCases {
            members[channel.rawValue] = arms[channel]?.document(rowBytes: rowBytes)
        }
        guard let latent = arms[.latent], let text = arms[.text] else { return members }
        let pairs = Array(zip(latent.samples, text.samples))
        let reductions = pairs.map { 1 - Double($0.usage.decodedTokens) / Double(max(1, $1.usage.decodedTokens)) }
        members["speedup"] = Measurement(pairs.map { $1.seconds / $0.seconds }).document
        members["decoded_token_reduction"] = Measurement(reductions).document
        return members
    }
}
