import OrderedCollections
import StoaCore

/// Bodies as OpenAI-compatible servers write them.
enum Answers {
    /// The events of an answer: one per piece of text, the reason, the usage and the end.
    static func stream(_ pieces: [String], finish: String = "stop", usage: Bool = true) -> String {
        var events = pieces.map { chunk(delta: ["content": .string($0)]) }
        events.append(chunk(delta: [:], finish: finish))
        if usage {
            events.append(
                event([
                    "choices": [],
                    "usage": [
                        "prompt_tokens": 12, "completion_tokens": .integer(Int64(pieces.count)),
                        "prompt_tokens_details": ["cached_tokens": 5],
                    ],
                ]))
        }
        return events.joined() + "data: [DONE]\n\n"
    }

    /// One chunk as an event.
    static func chunk(delta: JSONValue, finish: String? = nil, _ more: JSONValue.Members = [:]) -> String {
        var choice: JSONValue.Members = [
            "index": 0, "delta": delta, "finish_reason": finish.map { .string($0) } ?? .null,
        ]
        choice.merge(more) { $1 }
        return event(["id": "x", "object": "chat.completion.chunk", "choices": [.object(choice)]])
    }

    /// A document as an event.
    static func event(_ document: JSONValue) -> String { "data: \(document.text)\n\n" }

    /// A whole answer.
    static func whole(_ text: String, finish: String = "stop") -> String {
        let answer: JSONValue = [
            "choices": [
                [
                    "index": 0, "finish_reason": .string(finish),
                    "message": ["role": "assistant", "content": .string(text)],
                ]
            ],
            "usage": ["prompt_tokens": 7, "completion_tokens": 3],
        ]
        return answer.text
    }
}
