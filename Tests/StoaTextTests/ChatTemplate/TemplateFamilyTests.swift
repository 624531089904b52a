import OrderedCollections
import StoaCore
import StoaText
import Testing

@Suite(.enabled(if: TemplateFamilies.areExpected, "run .ci/fetch-templates for these"))
struct TemplateFamilyTests {
    @Test func `every family renders every conversation byte for byte as in Python, or refuses what Python refuses`()
        throws
    {
        let all = try TemplateFamilies.all.get()
        #expect(all.families.count >= 150)
        var texts = 0
        for family in all.families {
            let template = try? ChatTemplate(family.source, name: family.name, specialTokens: all.specialTokens)
            for conversation in all.conversations {
                let expected = family.outcomes[conversation.name]
                guard let template else {
                    let isRefused = expected?["error"] == "syntax"
                    #expect(isRefused, "\(family.name) does not parse")
                    break
                }
                do {
                    let text = try all.render(template, conversation).text
                    texts += 1
                    let isSame = expected?["text"]?.stringValue.map { Array($0.utf8) } == Array(text.utf8)
                    #expect(
                        isSame,
                        "\(family.name), \(conversation.name): gave\n\(text)\nexpected\n\(expected?.text ?? "nothing")")
                } catch {
                    let isRefused = expected?["error"] == "runtime"
                    #expect(
                        isRefused,
                        "\(family.name), \(conversation.name): \(error), expected \(expected?.text ?? "nothing")")
                }
            }
        }
        #expect(texts >= 5000)
    }

    /// The conversation with every control token in what people and tools say replaced by a mark of no meaning.
    private static func tamed(_ json: JSONValue) -> JSONValue {
        switch json {
        case .string(let text):
            var text = text
            for token in controlTokens { text = text.replacing(token, with: "\u{2603}") }
            return .string(text)
        case .array(let elements): return .array(elements.map(tamed))
        case .object(let members): return .object(members.mapValues(tamed))
        default: return json
        }
    }

    private static let controlTokens = [
        "<|im_end|>", "<|im_start|>", "<start_of_turn>", "<end_of_turn>", "</s>", "[/INST]", "<|eot_id|>",
        "<|start_header_id|>", "<|end_header_id|>", "<｜User｜>", "<｜end▁of▁sentence｜>", "<|end|>", "<|user|>",
    ]

    @Test func `control tokens in what people and tools say never become trusted, in any family`() throws {
        let all = try TemplateFamilies.all.get()
        var compared = 0
        for family in all.families {
            guard let template = try? ChatTemplate(family.source, specialTokens: all.specialTokens) else { continue }
            for conversation in all.conversations where conversation.name.hasPrefix("hostile") {
                guard let output = try? all.render(template, conversation) else { continue }
                let tame = TemplateFamilies.Conversation(
                    name: conversation.name, messages: conversation.messages.map(Self.tamed),
                    tools: conversation.tools.map(Self.tamed), documents: nil,
                    addGenerationPrompt: conversation.addGenerationPrompt, extra: conversation.extra)
                let tamed = try all.render(template, tame)
                let trusted = output.segments.filter(\.isTrusted).map(\.text)
                let expected = tamed.segments.filter(\.isTrusted).map(\.text)
                #expect(trusted == expected, "\(family.name), \(conversation.name)")
                #expect(!trusted.contains { $0.contains("\u{2603}") })
                compared += 1
            }
        }
        #expect(compared > 400)
    }

    @Test func `rendering is deterministic and its segments alternate`() throws {
        let all = try TemplateFamilies.all.get()
        for family in all.families {
            guard let template = try? ChatTemplate(family.source, specialTokens: all.specialTokens) else { continue }
            for conversation in all.conversations {
                guard let output = try? all.render(template, conversation) else { continue }
                #expect(try all.render(template, conversation) == output)
                #expect(zip(output.segments, output.segments.dropFirst()).allSatisfy { $0.isTrusted != $1.isTrusted })
            }
        }
    }
}
