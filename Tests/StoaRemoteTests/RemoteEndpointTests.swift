import StoaCore
@testable import StoaRemote
import StoaTestKit
import Testing

@Suite struct RemoteEndpointTests {
    @Test(
        arguments: [
            ("openai:gpt", [:], "gpt", "https://api.openai.com/v1"),
            ("openai:gpt", ["OPENAI_BASE_URL": "http://a:1/v1/"], "gpt", "http://a:1/v1"),
            (
                "openai:gpt", ["OPENAI_BASE_URL": "http://a/", "STOA_OPENAI_BASE_URL": "HTTPS://B.c/x/y"], "gpt",
                "https://b.c/x/y"
            ),
            ("openai:gpt", ["OPENAI_BASE_URL": "http://a", "STOA_OPENAI_BASE_URL": ""], "gpt", "http://a"),
            ("openai:org/m:7b@http://[::1]:8080/v1", [:], "org/m:7b", "http://[::1]:8080/v1"),
            ("openai:m@rev@https://h", ["OPENAI_BASE_URL": "nonsense"], "m@rev", "https://h"),
        ] as [(String, [String: String], String, String)])
    func `references are read in both forms`(
        _ reference: String, _ environment: [String: String], _ model: String, _ address: String
    ) throws {
        let endpoint = try RemoteEndpoint(reference: reference, environment: environment)
        #expect(endpoint.model == model)
        #expect(endpoint.address.description == address)
        #expect(endpoint.fingerprint == "openai:\(address) \(model)")
        #expect(endpoint.completions == "\(address)/chat/completions")
        #expect(endpoint.reference == reference)
    }

    @Test(
        arguments: [
            "", "gpt", "openai:", "openai:a b", "openai:@http://h", "openai:a@http://", "openai:a@http://h:0",
            "openai:a@http://h:70000", "openai:a@http://h:", "openai:a@http://user:word@h", "openai:a@http://h?key=1",
            "openai:a@http://h/v1#x", "openai:a@http://h /v1", "openai:\u{1B}[31m", "openai:a@http://:80",
        ])
    func `what cannot be read is refused and says what was expected`(_ reference: String) {
        let error = thrown(RemoteError.self) {
            _ = try RemoteEndpoint(reference: reference, environment: [:])
        }
        #expect(error?.code == .invalidReference)
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("word") == false)
        #expect(
            error?.message.hasPrefix(
                "model reference: expected openai:NAME or openai:NAME@http://host:port/v1, without user name and query")
                == true)
    }

    @Test(arguments: ["ftp://h", "h:80", "http://user:secret@h/v1", "http://h/v1?secret"])
    func `a setting that cannot be used is named, and its value is not repeated`(_ value: String) {
        let error = thrown(RemoteError.self) {
            _ = try RemoteEndpoint(reference: "openai:x", environment: ["STOA_OPENAI_BASE_URL": value])
        }
        #expect(
            error?.description == """
                STOA_OPENAI_BASE_URL: expected an http:// or https:// address without user name and query
                hint: for example STOA_OPENAI_BASE_URL=http://127.0.0.1:8080/v1
                """)
    }

    @Test(
        arguments: [
            // The address of the environment gets either key, Stoa's own first.
            ("openai:x", ["OPENAI_API_KEY": "o"], "o"),
            ("openai:x", ["OPENAI_API_KEY": "o", "STOA_OPENAI_API_KEY": " s\n"], "s"),
            ("openai:x", ["OPENAI_API_KEY": "o", "STOA_OPENAI_API_KEY": ""], "o"),
            ("openai:x@https://api.openai.com:443/other", ["OPENAI_API_KEY": "o"], "o"),
            ("openai:x@http://h:1/v1", ["OPENAI_API_KEY": "o", "OPENAI_BASE_URL": "http://h:1"], "o"),
            // Any other address gets none, whatever a playbook names.
            ("openai:x@https://evil/v1", ["OPENAI_API_KEY": "o", "STOA_OPENAI_API_KEY": "s"], nil),
            ("openai:x@http://api.openai.com/v1", ["OPENAI_API_KEY": "o", "STOA_OPENAI_API_KEY": "s"], nil),
            ("openai:x@http://127.0.0.1.evil/v1", ["STOA_OPENAI_API_KEY": "s"], nil),
            // A server on this machine gets Stoa's own.
            ("openai:x@http://127.0.0.1:9/v1", ["OPENAI_API_KEY": "o"], nil),
            ("openai:x@http://127.0.0.1:9/v1", ["OPENAI_API_KEY": "o", "STOA_OPENAI_API_KEY": "s"], "s"),
            ("openai:x@http://localhost/v1", ["STOA_OPENAI_API_KEY": "s"], "s"), ("openai:x", [:], nil),
        ] as [(String, [String: String], String?)])
    func `a key goes to the server that the environment names, and nowhere else`(
        _ reference: String, _ environment: [String: String], _ expected: String?
    ) throws {
        let endpoint = try RemoteEndpoint(reference: reference, environment: environment)
        #expect(try APIKey { environment }.value(for: endpoint) == expected)
    }

    @Test func `a key that fits no header is refused without being repeated`() throws {
        let endpoint = try RemoteEndpoint(reference: "openai:x", environment: [:])
        let key = APIKey { ["OPENAI_API_KEY": "secret\r\nX: y"] }
        let error = thrown(RemoteError.self) { _ = try key.value(for: endpoint) }
        #expect(error?.description == "OPENAI_API_KEY: expected visible ASCII characters only")
        #expect("\(key)" == "APIKey")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `damaged references are read or refused, and what is read reads back`(_ seed: UInt64) throws {
        var mutator = Mutator(seed: seed, vocabulary: ["@http://", "openai:", ":", "/", "[", "]", "@"])
        let text = String(decoding: mutator.mutate(Array("openai:org/m:7b@http://[::1]:8080/v1".utf8)), as: UTF8.self)
        guard let endpoint = try? RemoteEndpoint(reference: text, environment: [:]) else { return }
        let again = try RemoteEndpoint(
            reference: "openai:\(endpoint.model)@\(endpoint.address)", environment: [:])
        #expect(again.model == endpoint.model)
        #expect(again.address == endpoint.address)
    }
}
