@testable import StoaRemote
import StoaTestKit
import Testing

@Suite struct ServerSentEventTests {
    private func events(_ pieces: [ArraySlice<UInt8>], limit: Int = 1 << 20) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser(maximumBytes: limit)
        var events = try pieces.flatMap { try parser.consume($0) }
        if let last = try parser.finish() { events.append(last) }
        return events
    }

    private func events(_ text: String) throws -> [ServerSentEvent] { try events([Array(text.utf8)[...]]) }

    /// Comments, every kind of line end, several data lines, fields without colon or space, and characters of all widths.
    private static let everything =
        "\u{FEFF}: hello\r\n\r\ndata: one\r\ndata: more\r\n\r\ndata:two\ndata:  three\n\nevent: note\rdata: für 深い 🜁\r\rid: 4\n\n"
        + "data\n\nretry: 5\nunknown: x\ndata: [DONE]\n\n: ping\n\ndata: é"

    private static let expected = [
        ServerSentEvent(data: "one\nmore"), ServerSentEvent(data: "two\n three"),
        ServerSentEvent(name: "note", data: "für 深い 🜁"), ServerSentEvent(data: ""), ServerSentEvent(data: "[DONE]"),
        ServerSentEvent(data: "é"),
    ]

    @Test func `events are read with comments, all line ends, joined data lines and an end without a blank line`()
        throws
    {
        #expect(try events(Self.everything) == Self.expected)
    }

    @Test func `wherever the bytes are cut, the events are the same`() throws {
        let bytes = Array(Self.everything.utf8)
        for cut in 0...bytes.count {
            #expect(try events([bytes[..<cut], bytes[cut...]]) == Self.expected, "cut at \(cut)")
        }
        #expect(try events(bytes.indices.map { bytes[$0...$0] }) == Self.expected)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `damaged bytes give some events, the same ones however they are cut`(_ seed: UInt64) throws {
        var mutator = Mutator(seed: seed, vocabulary: ["data:", "\r", "\n\n", "\r\n", ":", "event: "])
        let bytes = mutator.mutate(Array(Self.everything.utf8))
        let whole = try events([bytes[...]])
        for cut in stride(from: 0, through: bytes.count, by: 3) {
            #expect(try events([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)")
        }
    }

    @Test func `a line or an event that is too long is refused before it fills the memory`() throws {
        var parser = ServerSentEventParser(maximumBytes: 16)
        #expect(throws: ServerSentEventParser.TooLong.self) { try parser.consume([UInt8](repeating: 0x61, count: 17)) }
        var second = ServerSentEventParser(maximumBytes: 16)
        #expect(try second.consume(Array("data: 1234567\n".utf8)).isEmpty)
        #expect(throws: ServerSentEventParser.TooLong.self) { try second.consume(Array("data: 1234567890\n".utf8)) }
        var third = ServerSentEventParser(maximumBytes: 16)
        for _ in 0..<100 { #expect(try third.consume(Array("data: 123456\n\n".utf8)).count == 1) }
    }
}
