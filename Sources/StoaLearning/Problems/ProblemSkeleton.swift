internal import StoaCore

/// What is left of a question where names and numbers are masked: problems of one skeleton are the same problem.
///
/// Every word with a capital counts as a name, those that begin a sentence included, and marks are dropped. The rule is
/// that of `Benchmarks/evolve/split.py`, which splits a benchmark into seeds and held-out problems; shared cases test
/// that the two agree.
public struct ProblemSkeleton: Sendable, Hashable, CustomStringConvertible {
    /// The words, `N` for a name and `0` for a number.
    public let words: [String]

    /// The skeleton of a question.
    ///
    /// - Parameter question: the question.
    public init(_ question: String) {
        var words: [String] = []
        var word = ""
        var scalars = Array(question.unicodeScalars)[...]
        func flush() {
            guard let first = word.unicodeScalars.first else { return }
            words.append(("A"..."Z").contains(first) ? "N" : word)
            word = ""
        }
        while let scalar = scalars.first {
            if Self.isDigit(scalar) {
                flush()
                words.append("0")
                scalars = Self.afterNumber(scalars)
            } else if Self.isLetter(scalar) {
                word.unicodeScalars.append(scalar)
                scalars.removeFirst()
            } else {
                flush()
                scalars.removeFirst()
            }
        }
        flush()
        self.words = words
    }

    /// The words with spaces between.
    public var description: String { words.joined(separator: " ") }

    /// Digits, commas between them, and a point with digits behind it.
    private static func afterNumber(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var rest = scalars.drop { isDigit($0) || $0 == "," }
        if rest.first == ".", let next = rest.dropFirst().first, isDigit(next) {
            rest = rest.dropFirst().drop { isDigit($0) }
        }
        return rest
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}

/// A question in lower case without its marks: equal ones differ in nothing that matters.
struct NormalQuestion: Sendable, Hashable {
    let words: [String]

    init(_ question: String) {
        var words: [String] = []
        var word = ""
        let scalars = Array(question.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isPoint =
                scalar == "." && index > 0 && index + 1 < scalars.count && Self.isDigit(scalars[index - 1])
                && Self.isDigit(scalars[index + 1])
            let isComma =
                scalar == "," && index > 0 && index + 1 < scalars.count && Self.isDigit(scalars[index - 1])
                && Self.isDigit(scalars[index + 1])
            if isComma { continue }
            if isPoint || scalar.properties.isAlphabetic || Self.isDigit(scalar) {
                word += String(scalar).lowercased()
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        self.words = words
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }
}
