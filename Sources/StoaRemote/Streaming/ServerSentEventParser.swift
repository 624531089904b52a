/// One event of a stream of server-sent events.
struct ServerSentEvent: Sendable, Hashable {
    /// The kind that the server named; empty for none.
    var name = ""
    /// The data lines, joined with line breaks.
    var data = ""
}

/// Takes a stream of server-sent events apart, however its bytes are cut.
///
/// Lines end with LF, CR or CRLF; comments and unknown fields are skipped; several data lines are one text. Bytes are
/// decoded line by line, so a character may be cut anywhere.
///
/// A state machine without input or output of its own; memory is bounded by `maximumBytes`.
///
/// Source: WHATWG HTML §9.2.6. Differs from it: an event that the end of the stream cuts off before its blank line is
/// delivered by `finish`, since some servers leave the last blank line out.
struct ServerSentEventParser: Sendable {
    /// An event that is longer than allowed.
    struct TooLong: Error {}

    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var event = ServerSentEvent()
    private var hasData = false
    /// The bytes of the current event's data.
    private var size = 0
    private var isAfterCarriageReturn = false
    private var isFirstLine = true

    /// Creates a parser.
    ///
    /// - Parameter maximumBytes: the longest line, and the most data of one event.
    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: as many as arrived.
    /// - Returns: the events that became complete, in order.
    /// - Throws: `TooLong`.
    mutating func consume(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            // The LF of a CRLF ends the line that the CR has ended already.
            let isSecondHalf = isAfterCarriageReturn && byte == UInt8(ascii: "\n")
            isAfterCarriageReturn = byte == UInt8(ascii: "\r")
            if isSecondHalf { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let event = try endLine() { events.append(event) }
            } else {
                guard line.count < maximumBytes else { throw TooLong() }
                line.append(byte)
            }
        }
        return events
    }

    /// Says that no more bytes will come.
    ///
    /// - Returns: the event that was under way, if it had data.
    /// - Throws: `TooLong`.
    mutating func finish() throws(TooLong) -> ServerSentEvent? {
        if !line.isEmpty, let event = try endLine() { return event }
        return dispatch()
    }

    private mutating func endLine() throws(TooLong) -> ServerSentEvent? {
        var content = line[...]
        if isFirstLine, content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        isFirstLine = false
        defer { line.removeAll(keepingCapacity: true) }
        if content.isEmpty { return dispatch() }
        let colon = content.firstIndex(of: UInt8(ascii: ":")) ?? content.endIndex
        var value = content[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: content[..<colon], as: UTF8.self) {
        case "data":
            size += value.count + 1
            guard size <= maximumBytes else { throw TooLong() }
            if hasData { event.data += "\n" }
            event.data += String(decoding: value, as: UTF8.self)
            hasData = true
        case "event": event.name = String(decoding: value, as: UTF8.self)
        // A comment has an empty field name; ids and retry times are for those who reconnect.
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            event = ServerSentEvent()
            hasData = false
            size = 0
        }
        return hasData ? event : nil
    }
}
