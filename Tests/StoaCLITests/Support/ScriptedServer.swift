import Foundation
import Glibc
import Synchronization
import Testing

/// A server that answers chat completions in the words of a test, one chunk each; or says nothing at all.
final class ScriptedServer: Sendable {
    private let descriptor: Int32
    private let arrived = Arrivals()
    private let connections = DispatchSemaphore(value: 0)
    let port: UInt16

    /// The reference by which the program finds it.
    var reference: String { "openai:scripted@http://127.0.0.1:\(port)/v1" }

    /// The requests so far as they came, heads and bodies.
    var requests: [String] { arrived.all }

    /// Starts a server that always says the same.
    ///
    /// - Parameter chunks: the words; nil to be silent.
    /// - Throws: a failed requirement where the machine has no port to give.
    convenience init(_ chunks: [String]?) throws { try self.init { _ in chunks } }

    /// Starts a server.
    ///
    /// - Parameter answer: the words for a request, its head and its body; nil to be silent.
    /// - Throws: a failed requirement where the machine has no port to give.
    init(answer: @escaping @Sendable (String) -> [String]?) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                bind(descriptor, socketAddress, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, socketAddress, &size) == 0
            }
        }
        try #require(isBound)
        port = UInt16(bigEndian: address.sin_port)
        let (connections, arrived) = (connections, arrived)
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                connections.signal()
                guard let request = Self.readRequest(client) else {
                    close(client)
                    continue
                }
                arrived.append(request)
                // Who is told nothing waits: the connection stays.
                if let words = answer(request) { Self.answer(client, words) }
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// Waits until somebody has asked.
    func awaitConnection() { connections.wait() }

    private static func answer(_ client: Int32, _ chunks: [String]) {
        defer { close(client) }
        var text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        for (index, chunk) in chunks.enumerated() {
            let finish = index == chunks.count - 1 ? "\"stop\"" : "null"
            let quoted = (try? JSONEncoder().encode(chunk)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
            text += "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"scripted\","
            text += "\"choices\":[{\"index\":0,\"delta\":{\"content\":\(quoted)},\"finish_reason\":\(finish)}]}\n\n"
        }
        text +=
            "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"scripted\",\"choices\":[],"
        text +=
            "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":\(chunks.count),\"total_tokens\":\(7 + chunks.count)}}\n\n"
        text += "data: [DONE]\n\n"
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Reads a request to the end of its body; nil where it ends before.
    private static func readRequest(_ client: Int32) -> String? {
        var request: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(client, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            request += chunk[..<count]
            let text = String(decoding: request, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let header = text[..<end.lowerBound].lowercased()
            let length = header.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
            if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
        }
    }
}

/// What has come to a server.
private final class Arrivals: Sendable {
    private let requests = Mutex<[String]>([])

    var all: [String] { requests.withLock { $0 } }

    func append(_ request: String) { requests.withLock { $0.append(request) } }
}
