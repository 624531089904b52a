import OrderedCollections
import StoaCore
import Testing

@testable import StoaSandbox

/// Functions called from outside, and answers that are not printed.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct CallTests {
    private func with<Value>(_ body: (SandboxSession) async throws -> Value) async throws -> Value {
        let sandbox = try await TestSandbox.make()
        let session = try #require(try await sandbox.openSession())
        do {
            let value = try await body(session)
            await session.close()
            await sandbox.close()
            return value
        } catch {
            await session.close()
            await sandbox.close()
            throw error
        }
    }

    @Test func `final_answer is there only where it is offered`() async throws {
        let alone = try await TestSandbox.run("final_answer(1)")
        #expect(alone.exception?.type == "NameError" && alone.answer == nil && alone.document["answer"] == nil)
        let plain = try await TestSandbox.cells(["'final_answer' in globals()", "final_answer(2)"])
        #expect(plain[0].value == "False" && plain[1].exception?.type == "NameError")
        try await with { (session) async throws in
            let offered = try await session.run("final_answer(6 * 7)", offersAnswer: true)
            #expect(offered.answer == "42" && offered.stdout.text.isEmpty && !offered.isAnswerReplaced)
            #expect(offered.document["answer"] == "42")
            let replaced = try await session.run("final_answer = print", offersAnswer: true)
            #expect(replaced.answer == nil && replaced.isAnswerReplaced)
        }
    }

    @Test func `a loaded function is called with JSON and answers with JSON`() async throws {
        try await with { (session) async throws in
            let loaded = try await session.load(
                "import json\ndef add(a, b=1):\n    print('adding')\n    return {'sum': a + b}")
            #expect(loaded.isOK && loaded.value == nil)
            let result = try await session.call("add", with: ["a": 2, "b": 0.5])
            #expect(result.value == #"{"sum": 2.5}"# && result.stdout.text == "adding\n")
            #expect(try await session.call("add", with: ["a": "é", "b": "\"\n"]).value == #"{"sum": "é\"\n"}"#)
            let wrong = try await session.call("add", with: [:])
            #expect(wrong.status == .exception && wrong.exception?.type == "TypeError" && wrong.session.isAlive)
            #expect(try await session.call("json", with: [:]).exception?.message == "there is no function json")
            #expect(try await session.run("__name__").value == "'tool'")
        }
    }

    @Test func `a document may be long, and one that is longer is said to be cut`() async throws {
        try await with { (session) async throws in
            _ = try await session.load("def text(n, c):\n    return c * n")
            for character in ["x", "é", "\"", "\n", "😀"] {
                let count = 80_000 / JSONValue.string(character).text.utf8.count
                let result = try await session.call(
                    "text", with: ["n": .integer(Int64(count)), "c": .string(character)])
                let text = try #require(result.value)
                #expect(try JSONParser.parse(text).stringValue == String(repeating: character, count: count))
            }
            let longest = SandboxSession.maximumDocumentBytes
            let cut = try await session.call("text", with: ["n": .integer(Int64(longest)), "c": "é"])
            #expect(cut.isOK && cut.isValueTruncated && cut.session.isAlive)
            #expect(try #require(cut.value).utf8.count <= longest)
        }
    }

    @Test func `arguments that are too long to be handed over are refused`() async throws {
        try await with { (session) async throws in
            _ = try await session.load("def size(t):\n    return len(t)")
            let long = String(repeating: "x", count: 5 << 20)
            await #expect(throws: SandboxError.self) { try await session.call("size", with: ["t": .string(long)]) }
            let fitting = String(repeating: "x", count: 3 << 20)
            #expect(try await session.call("size", with: ["t": .string(fitting)]).value == "\(3 << 20)")
        }
    }
}
