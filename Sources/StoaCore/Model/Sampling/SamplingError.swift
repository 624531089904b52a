/// Why a token cannot be sampled, or why sampling parameters cannot be accepted.
public enum SamplingError: StoaError, Hashable {
    /// A parameter lies outside its range.
    case invalidParameter(flag: String, allowed: String, found: String)
    /// A bias names a token that the vocabulary does not have.
    case biasOutsideVocabulary(id: TokenID, vocabularySize: Int)
    /// Every logit is NaN or negative infinity before any transform.
    case noFiniteLogit(vocabularySize: Int)
    /// The mask and the biases leave no token.
    case nothingAllowed(vocabularySize: Int)
    /// A logit is positive infinity, so there is no distribution.
    case infiniteLogit(id: TokenID)

    /// Wrong parameters are a matter of usage; an impossible distribution is a failure.
    public var kind: FailureKind {
        switch self {
        case .invalidParameter, .biasOutsideVocabulary: .usage
        case .noFiniteLogit, .nothingAllowed, .infiniteLogit: .failure
        }
    }

    /// What failed, on what, expected and found.
    public var message: String {
        switch self {
        case .invalidParameter(let flag, let allowed, let found): "\(flag): expected \(allowed), found \(found)"
        case .biasOutsideVocabulary(let id, let size):
            "--logit-bias: expected token ids from 0 to \(size - 1), found \(id)"
        case .noFiniteLogit(let size):
            "sampling: expected a finite logit among \(size), found only NaN and negative infinity"
        case .nothingAllowed(let size):
            "sampling: expected at least one allowed token among \(size), found none"
        case .infiniteLogit(let id): "sampling: expected finite logits, found infinity for token \(id)"
        }
    }

    /// What the reader can do about it.
    public var hint: String? {
        switch self {
        case .invalidParameter, .biasOutsideVocabulary: nil
        case .noFiniteLogit, .infiniteLogit:
            "the forward pass overflowed: check the weights with 'stoa doctor', or try --precision exact"
        case .nothingAllowed: "the constraint and the biases exclude the whole vocabulary: relax one of them"
        }
    }
}
