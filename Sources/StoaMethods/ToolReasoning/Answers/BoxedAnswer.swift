internal import StoaCore

/// The last `\boxed{…}` of the model's own words, at the end of a turn that has no code.
///
/// A box that a tool prints is no answer, and neither is one that is only spoken of before the code that looks for it.
struct BoxedAnswer: AnswerPolicy {
    static let name = "boxed"

    func answer(inWords words: String) -> FoundAnswer? { Boxes.last(in: words).map { FoundAnswer(text: $0) } }

    func answer(in outcome: CodeResult, behind words: String) -> FoundAnswer? { nil }
}

/// Boxes in words.
enum Boxes {
    /// What a box begins with.
    static let opening = "\\boxed{"

    /// The content of the last complete box that is not empty; nil where there is none.
    ///
    /// Braces inside count, but for those that are written `\{` and `\}`.
    ///
    /// Complexity: linear in the text.
    static func last(in text: String) -> String? {
        let bytes = Array(text.utf8)
        let mark = Array(opening.utf8)
        var found: Range<Int>?
        /// Where the braces that are open begin, and whether they are those of a box.
        var open: [(start: Int, isBox: Bool)] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: mark) {
                index += mark.count
                open.append((index, true))
            } else if bytes[index] == UInt8(ascii: "\\") {
                index += 2
            } else {
                if bytes[index] == UInt8(ascii: "{") { open.append((index + 1, false)) }
                if bytes[index] == UInt8(ascii: "}"), let last = open.popLast(), last.isBox {
                    let content = bytes[last.start..<index]
                    let isEmpty = content.allSatisfy(isBlank)
                    // A box within a box ends first and is a part of it.
                    if !isEmpty { found = last.start..<index }
                }
                index += 1
            }
        }
        return found.map { FeedbackText.trimmed(String(decoding: bytes[$0].drop(while: isBlank), as: UTF8.self)) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}
