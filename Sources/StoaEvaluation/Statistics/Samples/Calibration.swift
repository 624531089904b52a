/// Whether answers are right as often as they are said to be.
///
/// Source: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", arXiv:1706.04599:
/// bins of equal width.
public struct Calibration: Sendable, Hashable {
    /// Answers with about the same confidence.
    public struct Bin: Sendable, Hashable {
        /// The confidences in it: above `lower`, up to `upper`; the first has 0 as well.
        public var lower: Double
        /// The greatest confidence in it.
        public var upper: Double
        /// How many answers are in it.
        public var count: Int
        /// The mean of their confidences; 0 for none.
        public var confidence: Double
        /// The share of them that is right; 0 for none.
        public var accuracy: Double
        /// How many of them are right.
        public var correct: Int
    }

    /// The bins, the least confident first.
    public let bins: [Bin]
    /// How many answers there are.
    public let count: Int
    /// Expected calibration error: how far confidence and accuracy are apart, on average over answers.
    public let expectedError: Double
    /// How far they are apart in the worst bin that has answers.
    public let maximumError: Double
    /// Brier score: the mean square of confidence less outcome; 0 is perfect, 0.25 what always saying one half gets.
    public let brier: Double

    /// Looks at answers.
    ///
    /// - Parameters:
    ///   - answers: how sure each answer was, 0 to 1, and whether it is right.
    ///   - number: how many bins there are, at least 1.
    public init(_ answers: [(confidence: Double, isCorrect: Bool)], bins number: Int = 10) {
        var sums = Array(repeating: (count: 0, confidence: 0.0, correct: 0), count: number)
        var squares = 0.0
        for (confidence, isCorrect) in answers {
            let confidence = min(max(confidence, 0), 1)
            let index = min(max(Int((confidence * Double(number)).rounded(.up)) - 1, 0), number - 1)
            sums[index].count += 1
            sums[index].confidence += confidence
            sums[index].correct += isCorrect ? 1 : 0
            squares += (confidence - (isCorrect ? 1 : 0)) * (confidence - (isCorrect ? 1 : 0))
        }
        self.count = answers.count
        bins = sums.enumerated().map { index, sum in
            let size = Double(max(sum.count, 1))
            return Bin(
                lower: Double(index) / Double(number), upper: Double(index + 1) / Double(number), count: sum.count,
                confidence: sum.confidence / size, accuracy: Double(sum.correct) / size, correct: sum.correct)
        }
        let size = Double(max(answers.count, 1))
        expectedError = bins.reduce(0) { $0 + Double($1.count) / size * ($1.accuracy - $1.confidence).magnitude }
        maximumError = bins.filter { $0.count > 0 }.map { ($0.accuracy - $0.confidence).magnitude }.max() ?? 0
        brier = squares / size
    }
}
