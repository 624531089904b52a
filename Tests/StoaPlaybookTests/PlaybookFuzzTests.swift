import Foundation
import OrderedCollections
import StoaCore
import StoaRuntime
import StoaTestKit
import Testing

@testable import StoaPlaybook

@Suite struct PlaybookFuzzTests {
    private static let vocabulary = [
        "id: ", "say: ", "when: ", "repeat:\n", "parallel:\n", "- ", "- - ", "{{ ", " }}", "{% if x %}", "[", "]", "{",
        "}", "&a ", "*a", "|\n", ">\n", "'", "\"", "\n", "  ", ": ", "null", "true", "1e99", "!!str ", "---\n", "#",
        "\t",
        "use: solver", "max: rounds", "do:\n", "then:\n", "for_each: ", "as: x", "question", "\u{2028}", "\u{FEFF}",
    ]

    @Test(arguments: 0..<60)
    func `whatever a playbook says, there is a plan or problems with places in the file`(seed: UInt64) throws {
        var mutator = Mutator(seed: seed, vocabulary: Self.vocabulary)
        for name in Playbooks.shipped {
            let original = try Playbooks.bytes(name)
            for _ in 0..<4 {
                let bytes = mutator.mutate(original)
                let path = "\(Playbooks.project)/playbooks/\(name)/playbook.yaml"
                let (plan, problems) = Playbooks.loader.read(bytes, path: path)
                #expect((plan == nil) == !problems.isEmpty)
                for problem in problems { check(problem, bytes, path) }
                if let plan { _ = PlaybookGraph.mermaid(plan) }
            }
        }
    }

    private func check(_ problem: PlaybookProblem, _ bytes: [UInt8], _ path: String) {
        #expect(problem.line >= 1 && problem.column >= 1)
        #expect(!problem.message.isEmpty)
        guard problem.file == path else { return }
        let lines = YAMLFile.lines(of: String(decoding: bytes, as: UTF8.self))
        // A missing value can begin where the file ends.
        #expect(problem.line <= lines.count + 1, "\(problem)")
        guard problem.line <= lines.count else { return }
        let width = lines[problem.line - 1].unicodeScalars.count
        #expect(problem.column <= width + 2, "\(problem)")
    }

    @Test(arguments: 0..<40)
    func `a document of any shape gives a plan or problems`(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        for name in Playbooks.shipped {
            var document = try Playbooks.loader.load(name).document
            for _ in 0...Int.random(in: 0..<4, using: &generator) { damage(&document, &generator) }
            do throws(PlanProblems) {
                let plan = try Plan(document: document, environment: Playbooks.environment)
                _ = PlaybookGraph.mermaid(plan)
            } catch {
                #expect(!error.problems.isEmpty)
                #expect(error.problems.count <= 100)
            }
        }
    }

    /// Replaces, removes or renames one part, somewhere.
    private func damage(_ value: inout JSONValue, _ generator: inout SplitMix) {
        let stays = Int.random(in: 0..<6, using: &generator) > 0
        switch value {
        case .object(var members) where stays && !members.isEmpty:
            let index = Int.random(in: 0..<members.count, using: &generator)
            let key = members.keys[index]
            if Int.random(in: 0..<8, using: &generator) == 0 {
                members["\(key)x"] = members.removeValue(forKey: key)
            } else {
                damage(&members.values[index], &generator)
            }
            value = .object(members)
        case .array(var elements) where stays && !elements.isEmpty:
            let index = Int.random(in: 0..<elements.count, using: &generator)
            damage(&elements[index], &generator)
            value = .array(elements)
        default:
            let others: [JSONValue] = [
                .null, true, -1, 0, 1e300, "", "{{", "{{ judge.text }}", "{{ x }}", "default", [], [[]], [[[1]]],
                .emptyObject, ["id": "one"], ["id": "a", "repeat": [["id": "a"]]], "a-b", "for", "1 +",
            ]
            value = others.randomElement(using: &generator) ?? .null
        }
    }
}
