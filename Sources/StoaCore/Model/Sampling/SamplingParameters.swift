/// How the next token is chosen from the model's distribution.
///
/// The steps run in this order, each on what the one before left: repetition, frequency and presence penalties; logit
/// bias; the mask of constrained decoding; temperature; top-k; top-p; min-p. Temperature 0 takes the most probable
/// token after penalties, bias and mask. Among equal logits the lower id comes first, everywhere.
///
/// The defaults sample from the model's distribution as it is.
public struct SamplingParameters: Sendable, Hashable {
    /// Divides the logits; 0 takes the most probable token.
    ///
    /// Allowed: 0, and 0.0001 to 100.
    public var temperature: Double = 1
    /// Keeps this many of the most probable tokens; 0 keeps all.
    public var topK: Int = 0
    /// Keeps the fewest most probable tokens whose probabilities add up to at least this.
    ///
    /// Allowed: above 0, up to 1.
    public var topP: Double = 1
    /// Keeps tokens at least this times as probable as the most probable one.
    ///
    /// Allowed: 0 to 1.
    public var minP: Double = 0
    /// Divides positive and multiplies negative logits of every token of the prompt and the text so far.
    ///
    /// Allowed: above 0, up to 100; 1 changes nothing.
    public var repetitionPenalty: Double = 1
    /// Is subtracted once from the logit of every token generated so far.
    ///
    /// Allowed: -2 to 2.
    public var presencePenalty: Double = 0
    /// Is subtracted from the logit of a token for every time it was generated so far.
    ///
    /// Allowed: -2 to 2.
    public var frequencyPenalty: Double = 0
    /// Is added to the logits of single tokens.
    ///
    /// Allowed: -100 to 100.
    public var logitBias: [TokenID: Double] = [:]
    /// Log-probabilities to report: nil none, 0 that of the chosen token, k also those of the k most probable ones.
    ///
    /// Allowed: 0 to 1024.
    public var logProbabilities: Int?

    /// Creates parameters that sample from the model's distribution as it is.
    public init() {}

    /// Creates parameters from the usual knobs.
    ///
    /// - Parameters:
    ///   - temperature: divides the logits; 0 takes the most probable token.
    ///   - topK: keeps this many of the most probable tokens; 0 keeps all.
    ///   - topP: keeps the fewest tokens whose probabilities add up to at least this.
    ///   - minP: keeps tokens at least this times as probable as the most probable one.
    ///   - logProbabilities: log-probabilities to report.
    public init(
        temperature: Double, topK: Int = 0, topP: Double = 1, minP: Double = 0, logProbabilities: Int? = nil
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.logProbabilities = logProbabilities
    }

    /// Parameters that always take the most probable token.
    public static let greedy = SamplingParameters(temperature: 0)

    /// Checks every range.
    ///
    /// - Throws: `SamplingError.invalidParameter` for the first parameter, in the order of declaration, that is outside.
    public func validate() throws(SamplingError) {
        // Temperatures below 10⁻⁴ are greedy in all but name and would overflow single precision.
        try Self.check(
            temperature == 0 || (1e-4...100).contains(temperature), "--temperature",
            "0 (greedy) or a number from 0.0001 to 100", temperature)
        try Self.check(topK >= 0, "--top-k", "0 (all tokens) or a positive integer", topK)
        try Self.check(topP > 0 && topP <= 1, "--top-p", "a number above 0 and up to 1 (1: all tokens)", topP)
        try Self.check((0...1).contains(minP), "--min-p", "a number from 0 (all tokens) to 1", minP)
        try Self.check(
            repetitionPenalty > 0 && repetitionPenalty <= 100, "--repetition-penalty",
            "a number above 0 and up to 100 (1: no penalty)", repetitionPenalty)
        try Self.check(
            (-2...2).contains(presencePenalty), "--presence-penalty", "a number from -2 to 2", presencePenalty)
        try Self.check(
            (-2...2).contains(frequencyPenalty), "--frequency-penalty", "a number from -2 to 2", frequencyPenalty)
        for (id, bias) in logitBias.sorted(by: { $0.key < $1.key }) {
            try Self.check(id.rawValue >= 0, "--logit-bias", "token ids of at least 0", id)
            try Self.check(
                (-100...100).contains(bias), "--logit-bias", "a number from -100 to 100 for token \(id)", bias)
        }
        if let logProbabilities {
            try Self.check(
                (0...1024).contains(logProbabilities), "--logprobs", "an integer from 0 to 1024", logProbabilities)
        }
    }

    private static func check(
        _ condition: Bool, _ flag: String, _ allowed: String, _ found: some CustomStringConvertible
    ) throws(SamplingError) {
        if !condition { throw .invalidParameter(flag: flag, allowed: allowed, found: found.description) }
    }
}
