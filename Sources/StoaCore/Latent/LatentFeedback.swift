/// What becomes of a hidden state before it is fed back as an input vector.
///
/// With `h` the state after the final norm, `p` the distribution it gives, `E` the effective (scaled) embedding rows and
/// `tau` their mean Euclidean norm:
public enum LatentFeedback: Sendable, Hashable {
    /// `alignment` where the model's output head is not its embedding, `identity` where it is, since the two are equal
    /// there to within the regulariser.
    case automatic
    /// `a = h W_a`, rescaled to norm `tau`. Source: LatentMAS (arXiv:2511.20639), equation 3.
    case alignment
    /// `h`, rescaled to norm `tau`.
    case identity
    /// `sum_i p_i E_i + N(0, (noise * r)^2 I)`, `p` at the given temperature, `r` the root mean square of all embedding
    /// elements, the noise drawn from the request's seed. Source: Soft Tokens (arXiv:2509.19170), section 3.
    case soft(temperature: Double = 1, noise: Double = 0)
    /// The embedding of the most probable token: greedy decoding that keeps its words to itself.
    case argmax
    /// A direction drawn from the request's seed, of norm `tau`: nothing of `h`, as a control.
    case noise

    /// The words that name the modes in playbooks, in the order in which help lists them.
    public static let words = ["auto", "w_a", "identity", "soft", "argmax", "noise"]

    /// The word that names the mode.
    public var word: String {
        switch self {
        case .automatic: "auto"
        case .alignment: "w_a"
        case .identity: "identity"
        case .soft: "soft"
        case .argmax: "argmax"
        case .noise: "noise"
        }
    }

    /// Reads a mode.
    ///
    /// - Parameters:
    ///   - word: one of `words`.
    ///   - temperature: what divides the logits of `soft`.
    ///   - noise: the noise of `soft`, in root mean squares of embedding elements.
    public init?(word: String, temperature: Double = 1, noise: Double = 0) {
        switch word {
        case "auto": self = .automatic
        case "w_a": self = .alignment
        case "identity": self = .identity
        case "soft": self = .soft(temperature: temperature, noise: noise)
        case "argmax": self = .argmax
        case "noise": self = .noise
        default: return nil
        }
    }

    /// `{kind, temperature?, noise?}`.
    public var document: JSONValue {
        guard case .soft(let temperature, let noise) = self else { return ["kind": .string(word)] }
        return ["kind": .string(word), "temperature": .number(temperature), "noise": .number(noise)]
    }

    /// Reads the document; nil for anything else.
    ///
    /// - Parameter document: what `document` gave.
    public init?(document: JSONValue) {
        guard let word = document["kind"]?.stringValue else { return nil }
        self.init(
            word: word, temperature: document["temperature"]?.doubleValue ?? 1,
            noise: document["noise"]?.doubleValue ?? 0)
    }
}
