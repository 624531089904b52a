import Foundation
import StoaCore
import StoaTestKit
import StoaVerify
import Testing

/// Where the answers are.
enum MathAnswers {
    /// The problems, in the folder that the variable names, else beside the repository.
    static let file: String? = {
        let folder = getenv("STOA_TEST_DATA").map { String(cString: $0) } ?? goldenPath("../../../shared/data")
        let path = "\(folder)/math-train.jsonl"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}

/// The answers of a public data set, where it is on the machine: `STOA_TEST_DATA` names its folder.
@Suite(.enabled(if: MathAnswers.file != nil)) struct EquivalenceDataTests {
    private static func answers() throws -> [String] {
        try fileBytes(try #require(MathAnswers.file)).split(separator: 0x0A).map { line in
            try #require(try JSONParser.parse(line)["answer"]?.stringValue)
        }
    }

    @Test func `nearly every answer is understood, as mathematics where it is`() throws {
        let answers = try Self.answers()
        var counts: [Equivalence.Method: Int] = [:]
        for answer in answers {
            let decision = Equivalence.decide(answer: answer, reference: answer)
            counts[decision.method, default: 0] += 1
            #expect(decision.isEquivalent || decision.method == .unreadable, "\(answer): \(decision)")
        }
        #expect(counts[.unreadable, default: 0] * 500 <= answers.count, "\(counts)")
        #expect(counts[.text, default: 0] * 200 <= answers.count, "\(counts)")
    }

    @Test func `other spellings are the same answer`() throws {
        var generator = SplitMix(seed: 6)
        for answer in try Self.answers() {
            guard Equivalence.decide(answer: answer, reference: answer).isEquivalent else { continue }
            let spelt = Spelling.varied(answer, using: &generator)
            let decision = Equivalence.decide(answer: spelt, reference: answer)
            #expect(decision.isEquivalent, "\(answer), spelt \(spelt): \(decision)")
        }
    }
}
