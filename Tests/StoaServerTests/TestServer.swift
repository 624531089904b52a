import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OrderedCollections
import StoaCore
import StoaSandbox
import StoaTestKit
import Testing

@testable import StoaServer

/// A real server on a port of its own, and a real client.
struct TestServer: Sendable {
    let url: String

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let text: String

        var document: JSONValue { (try? JSONParser.parse(text)) ?? .null }
        subscript(name: String) -> JSONValue? { document[name] }
    }

    /// Runs a body against a server, stops the server, and sees that nothing is left of its sandboxes.
    static func with<Result: Sendable>(
        _ policy: SandboxPolicy = SandboxPolicy(), clock: any TimeSource = SystemTimeSource(),
        _ configure: (inout SandboxServer.Configuration) -> Void = { _ in },
        _ body: @Sendable @escaping (TestServer) async throws -> Result
    ) async throws -> Result {
        var configuration = SandboxServer.Configuration()
        configuration.port = 0
        configure(&configuration)
        var policy = policy
        let mark = "m" + UUID().uuidString.replacingOccurrences(of: "-", with: "")
        policy.preload.append(mark)
        let folder = try TemporaryFolder()
        let server = try SandboxServer(
            policy: policy, tools: try await tools(), cache: folder.path, configuration: configuration, clock: clock)
        let (producer, urls) = BoundedChannel<String>.make(capacity: 1)
        let running = Task {
            defer { producer.finish() }
            try await server.run { _ = await producer.send($0) }
        }
        let result: Swift.Result<Result, any Error>
        do {
            var iterator = urls.makeAsyncIterator()
            guard let url = try await iterator.next() else { throw CancellationError() }
            result = .success(try await body(TestServer(url: url)))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        // A server that could not begin says why.
        try await running.value
        #expect(marked(mark).isEmpty, "sandboxes are left")
        return try result.get()
    }

    /// The test runner's folder has the launcher too.
    static func tools() async throws -> SandboxTools {
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try await SandboxTools.find(
            environment: ProcessInfo.processInfo.environment,
            programFolder: URL(fileURLWithPath: runner).deletingLastPathComponent().path)
    }

    /// Processes of this machine whose command lines hold a mark.
    private static func marked(_ mark: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            Int32(name) != nil
                && (try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .isoLatin1))?.contains(mark) == true
        }
    }

    // MARK: Requests

    func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, headers: HTTPHeaders = [:],
        within limit: TimeAmount = .seconds(120)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: limit)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }

    func run(_ document: JSONValue) async throws -> Answer {
        try await send(.POST, "/run_code", body: Array(document.text.utf8))
    }

    func run(_ code: String, session: String? = nil) async throws -> Answer {
        var members: JSONValue.Members = ["code": .string(code), "language": "python"]
        if let session { members["session_id"] = .string(session) }
        return try await run(.object(members))
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a suite on machines without a sandbox; in CI it runs, and fails there.
    static var needsSandbox: Self {
        .enabled("no usable sandbox on this machine: run stoa doctor") {
            if ProcessInfo.processInfo.environment["CI"] != nil { return true }
            return (try? await TestServer.tools()) != nil
        }
    }
}
