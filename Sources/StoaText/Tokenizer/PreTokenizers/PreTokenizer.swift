/// The rule by which byte-level BPE cuts a text into words before it merges.
///
/// Each reproduces the split points of the PyPI package `tokenizers` with the published pattern, on every text.
enum PreTokenizer: Sendable, CaseIterable {
    case smollm
    case gpt2
    case llamaBPE
    case qwen2

    /// The rule with that name in GGUF's `tokenizer.ggml.pre`.
    init?(name: String) {
        switch name {
        case "smollm": self = .smollm
        case "gpt-2", "gpt2": self = .gpt2
        case "llama-bpe", "llama-v3", "llama3": self = .llamaBPE
        case "qwen2": self = .qwen2
        default: return nil
        }
    }

    /// The names that are accepted, for messages.
    static let names = "smollm, gpt-2, llama-bpe, qwen2"

    /// Calls `body` with each word of `range`, in order; the words cover the range without gaps.
    @inline(__always)
    func split(_ scanner: ScalarScanner, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        switch self {
        case .smollm: SmolLMPreTokenizer.split(scanner, range, body)
        case .gpt2: GPT2PreTokenizer.split(scanner, range, body)
        case .llamaBPE: Llama3PreTokenizer.split(scanner, range, body)
        case .qwen2: Qwen2PreTokenizer.split(scanner, range, body)
        }
    }
}
