internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import StoaCore

/// One file from a hub onto the disk: resumed where it stopped, repeated where it failed, checked before it is in place.
///
/// While under way, the bytes stand in `<name>.part` and the server's tag of them in `<name>.part.tag`; a changed file on
/// the server has another tag, and is then fetched from the start.
struct HubDownload: Sendable {
    /// What is known of a file in place.
    struct Received: Sendable, Hashable {
        let bytes: Int64
        let sha256: String
    }

    let url: String
    /// The name in reports.
    let item: String
    /// Where the file goes; its folder exists.
    let destination: String
    let clock: any Clock<Duration>
    let policy: RetryPolicy
    let hasToken: Bool
    let observer: PullObserver

    private var part: String { destination + ".part" }
    private var tag: String { destination + ".part.tag" }

    /// Downloads the file.
    ///
    /// - Parameter client: what to ask with.
    /// - Returns: its size and hash.
    /// - Throws: `HubError`; `CancellationError`. What was received is kept unless it is wrong.
    func run(_ client: HubClient) async throws -> Received {
        var failures = 0
        while true {
            do {
                return try await attempt(client)
            } catch let failure as TransientFailure {
                failures = failure.madeProgress ? 1 : failures + 1
                guard failures < policy.attempts else {
                    throw HubError.unreachable(url, reason: failure.reason, attempts: failures)
                }
                observer(PullProgress(.retrying, item, bytes: Files.size(part) ?? 0))
                try await clock.sleep(for: policy.pause(after: failures, requested: failure.pause))
            }
        }
    }

    private func attempt(_ client: HubClient) async throws -> Received {
        let known = Files.text(tag)
        let received = known == nil ? 0 : Files.size(part) ?? 0
        var headers: [(String, String)] = []
        if let known, received > 0 { headers = [("Range", "bytes=\(received)-"), ("If-Range", known)] }
        let answer = try await client.get(url, headers: headers)
        switch try disposition(of: answer, received: received) {
        case .complete:
            return try settle(FileWriter.resuming(part), total: received, linked: answer.linked)
        case .rest(let total):
            let writer = try FileWriter.resuming(part)
            try await receive(answer, into: writer, total: total)
            return try settle(writer, total: total, linked: answer.linked)
        case .whole(let total, let newTag):
            // The tag first: bytes without a tag are never gone on with, bytes under an old tag could be.
            try Files.remove(part)
            if let newTag { try Files.write(newTag, to: tag) } else { try Files.remove(tag) }
            let writer = try FileWriter(path: part, .replace)
            try await receive(answer, into: writer, total: total)
            return try settle(writer, total: total, linked: answer.linked)
        }
    }

    /// What an answer holds; sizes are nil where the server does not say.
    private enum Disposition {
        /// The file from its first byte, and the tag to go on with after a break.
        case whole(total: Int64?, tag: String?)
        /// What follows the bytes that are here.
        case rest(total: Int64?)
        /// Nothing: all bytes are here.
        case complete
    }

    private func disposition(of answer: HubClient.Answer, received: Int64) throws -> Disposition {
        func header(_ name: String) -> String? { answer.headers.first(name: name) }
        switch answer.status {
        case 200:
            // Only a strong tag stands for the same bytes.
            let strong = header("ETag").flatMap { $0.hasPrefix("W/") ? nil : $0 }
            return .whole(total: header("Content-Length").flatMap { Int64($0) } ?? answer.linked.bytes, tag: strong)
        case 206 where received > 0:
            guard let range = ContentRange(header("Content-Range") ?? ""), range.start == received else {
                try forget()
                throw TransientFailure(reason: "the server sent another range than was asked for")
            }
            return .rest(total: range.total)
        case 416 where received > 0:
            if header("Content-Range").flatMap(ContentRange.unsatisfied) == received { return .complete }
            try forget()
            throw TransientFailure(reason: "the server refused to go on with the file")
        case 401, 403: throw HubError.accessDenied(url, status: answer.status, hasToken: hasToken)
        case 404: throw HubError.missingRemote(url)
        case 408, 429, 500...599:
            let pause = header("Retry-After").flatMap { Int64($0) }.map { Duration.seconds(min(max($0, 0), 3600)) }
            throw TransientFailure(reason: "HTTP \(answer.status)", pause: pause)
        default: throw HubError.badResponse(url, "unexpected answer: HTTP \(answer.status)")
        }
    }

    private func receive(_ answer: HubClient.Answer, into writer: FileWriter, total: Int64?) async throws {
        let start = writer.count
        func report() { observer(PullProgress(.downloading, item, bytes: writer.count, total: total)) }
        report()
        do {
            for try await buffer in answer.body {
                try Task.checkCancellation()
                try buffer.withUnsafeReadableBytes { try writer.write($0) }
                report()
            }
        } catch let error as HubError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw TransientFailure(reason: HubClient.reason(error), madeProgress: writer.count > start)
        }
        if let total, writer.count < total {
            throw TransientFailure(
                reason: "the connection ended after \(writer.count) of \(total) bytes",
                madeProgress: writer.count > start)
        }
    }

    /// Checks what was received and puts it in place.
    private func settle(_ writer: FileWriter, total: Int64?, linked: HubClient.LinkedFile) throws -> Received {
        try writer.finish()
        for expected in [total, linked.bytes].compactMap(\.self) where expected != writer.count {
            try forget()
            throw HubError.size(url, expected: expected, found: writer.count)
        }
        let found = writer.digest.description
        if let expected = linked.sha256, expected != found {
            try forget()
            throw HubError.checksum(url, expected: expected, found: found)
        }
        try Files.move(part, to: destination)
        try Files.remove(tag)
        return Received(bytes: writer.count, sha256: found)
    }

    private func forget() throws {
        try Files.remove(part)
        try Files.remove(tag)
    }
}
