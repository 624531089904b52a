internal import StoaCore

/// Turns the bytes of a streamed answer into text and, at the end, a reply; without input or output of its own.
struct CompletionStream: Sendable {
    /// The most data of one event.
    static let longestEvent = 8 << 20

    let endpoint: RemoteEndpoint
    /// A secret that the server may repeat.
    let key: String?
    /// The most bytes of the whole answer.
    let longest: Int
    /// The answer so far.
    private(set) var assembly: CompletionAssembly
    /// Whether the server has said that the stream is over, or the answer was cut; what follows is not read.
    private(set) var isDone = false

    private var parser: ServerSentEventParser
    private var received = 0
    private var events = 0

    init(endpoint: RemoteEndpoint, key: String?, longest: Int, fence: FenceSyntax? = nil) {
        assembly = CompletionAssembly(fence: fence)
        self.endpoint = endpoint
        self.key = key
        self.longest = longest
        parser = ServerSentEventParser(maximumBytes: min(longest, Self.longestEvent))
    }

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: as many as arrived.
    /// - Returns: the pieces of text that they complete.
    /// - Throws: `RemoteError`; `AttemptFailure` where the server reports a failure that may pass.
    mutating func consume(_ bytes: some Collection<UInt8>) throws -> [String] {
        received += bytes.count
        guard received <= longest else { throw Self.tooLong(endpoint, limit: longest) }
        if isDone { return [] }
        let events: [ServerSentEvent]
        do { events = try parser.consume(bytes) } catch { throw Self.tooLong(endpoint, limit: Self.longestEvent) }
        var texts: [String] = []
        for event in events where !isDone { texts += try accept(event) }
        return texts
    }

    /// Says that no more bytes will come.
    ///
    /// - Returns: the last pieces of text.
    /// - Throws: as `consume`. An event that was cut off is left out: whether the answer is complete is decided by its
    ///   finish reason.
    mutating func finish() throws -> [String] {
        guard !isDone, let event = try? parser.finish() else { return [] }
        guard event.data == "[DONE]" || (try? JSONParser.parse(event.data)) != nil else { return [] }
        return try accept(event)
    }

    private mutating func accept(_ event: ServerSentEvent) throws -> [String] {
        if event.data == "[DONE]" {
            isDone = true
            return []
        }
        events += 1
        let text = try accept(Array(event.data.utf8), "event \(events) of the answer")
        isDone = assembly.isFenced
        return text.isEmpty ? [] : [text]
    }

    /// Takes the document of one event, or of a whole answer.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - subject: what it is, for messages.
    /// - Returns: the text that it adds.
    /// - Throws: as `consume`.
    mutating func accept(_ bytes: [UInt8], _ subject: String) throws -> String {
        let document: JSONValue
        do { document = try JSONParser.parse(bytes) } catch {
            throw RemoteError.badResponse(endpoint, "\(subject) is no JSON: \(error.message)")
        }
        do { return try assembly.accept(document) } catch { throw self.error(error, subject) }
    }

    /// A fault as the error of a module.
    func error(_ fault: CompletionAssembly.Fault, _ subject: String) -> any Error {
        switch fault {
        case .filtered: return RemoteError.filtered(endpoint)
        case .malformed(let reason):
            return RemoteError.badResponse(endpoint, "\(subject): \(PlainText.clean(reason, without: key) ?? "")")
        case .reported(let document, let status):
            let said = PlainText.message(in: document).flatMap { PlainText.clean($0, without: key) }
            switch status {
            case 429?: return AttemptFailure(reason: .refused(said: said))
            case let status? where (500...599).contains(status):
                return AttemptFailure(reason: .server(status: status, said: said))
            default: return RemoteError.refused(endpoint, status: status, said: said)
            }
        }
    }

    /// An answer, or an event of it, that is longer than allowed.
    static func tooLong(_ endpoint: RemoteEndpoint, limit: Int) -> RemoteError {
        .badResponse(endpoint, "the answer, or an event of it, is longer than \(limit) bytes")
    }
}
