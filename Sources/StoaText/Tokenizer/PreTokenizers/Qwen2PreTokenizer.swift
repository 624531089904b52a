/// The Llama 3 pattern with digits one by one: `\p{N}` in place of `\p{N}{1,3}`.
enum Qwen2PreTokenizer {
    static func split(_ scanner: ScalarScanner, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        Llama3PreTokenizer.split(scanner, range, digits: 1, body)
    }
}
