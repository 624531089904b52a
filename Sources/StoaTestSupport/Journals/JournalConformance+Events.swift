internal import OrderedCollections
internal import StoaCore

extension JournalConformance {
    /// Events and contents.
    static let eventChecks: [Check] = [
        Check("events come back in order, as they were written") { journal in
            let run = record(1).id
            try await journal.create(record(1))
            var told = event(3)
            told.isObservation = true
            told.causes = [key(1), key(2, .effectCompleted)]
            let written = [event(1), Event(key: key(2, .effectCompleted), actor: .conductor, payload: "done"), told]
            try expect(try await journal.append([written[0]], observation: observation, to: run), 1, "the first number")
            try expect(
                try await journal.append(Array(written[1...]), observation: observation, to: run), 2, "the next number")
            let found = try await checkedChain(of: run, in: journal)
            try expect(found.map(\.event), written, "the events")
            try expect(found.map(\.run), [run, run, run], "the runs")
            for event in found {
                try expect(
                    event.observation.document.canonicalText, observation.document.canonicalText, "the observed part")
            }
        },
        Check("events are found by their keys") { journal in
            let run = record(1).id
            try await journal.create(record(1))
            try await journal.append(events(1...20), observation: observation, to: run)
            let all = try await journal.events(in: run, after: 0, limit: .max)
            for number in [1, 7, 20] {
                try expect(try await journal.event(key(number), in: run), all[number - 1], "event \(number)")
            }
            try expect(try await journal.event(key(21), in: run), nil, "an event that does not exist")
            try expect(try await journal.event(key(1, .decided), in: run), nil, "an event of another kind")
        },
        Check("events are given in pages") { journal in
            let run = record(1).id
            try await journal.create(record(1))
            try await journal.append(events(1...20), observation: observation, to: run)
            for (after, limit, numbers) in [
                (0, 3, Array(1...3)), (3, 17, Array(4...20)), (18, 5, [19, 20]), (20, 5, []), (99, 1, []), (5, 0, []),
            ] {
                let page = try await journal.events(in: run, after: after, limit: limit)
                try expect(page.map(\.sequence), numbers, "the page of \(limit) behind \(after)")
            }
        },
        Check("any document survives") { journal in
            let run = record(1).id
            try await journal.create(record(1))
            let written = (1...100).map { event($0, payload: DocumentSource(seed: UInt64($0)).document()) }
            try await journal.append(written, observation: observation, to: run)
            for (found, written) in zip(try await checkedChain(of: run, in: journal), written) {
                try expect(
                    found.event.document.canonicalText, written.document.canonicalText, "the text of \(written.key)")
                // Whatever the journal, a reader sees the same order of members and the same kinds of numbers.
                try expect(
                    found.event.payload, try JSONParser.parse(written.payload.canonicalText),
                    "the payload of \(written.key)")
            }
        },
        Check("a key is given once, and a refused append leaves nothing") { journal in
            let run = record(1).id
            try await journal.create(record(1))
            try await journal.append(events(1...3), observation: observation, to: run)
            let before = try await journal.events(in: run, after: 0, limit: .max)
            for refused in [[event(2)], [event(4), event(1)], [event(4), event(5), event(4)]] {
                try await expect(.duplicate, "an append of \(refused.map(\.key.description))") {
                    try await journal.append(refused, observation: observation, to: run)
                }
                try expect(try await journal.events(in: run, after: 0, limit: .max), before, "the events after it")
            }
            try expect(
                try await journal.append(events(4...5), observation: observation, to: run), 4, "the number after them")
            try await journal.create(record(2))
            try await journal.append(events(1...3), observation: observation, to: record(2).id)
            try await checkedChain(of: record(2).id, in: journal)
        },
        Check("contents are kept under their digests") { journal in
            let run = record(1).id
            try await journal.create(record(1))
            let blobs = [Blob([]), Blob([0, 255, 10]), Blob((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })]
            var (first, second) = (event(1), event(2))
            first.blobs = blobs
            second.blobs = [blobs[1], blobs[1]]
            try await journal.append([first], observation: observation, to: run)
            try await journal.append([second], observation: observation, to: run)
            for blob in blobs { try expect(try await journal.blob(blob.digest), blob.bytes, "content \(blob.digest)") }
            let found = try await checkedChain(of: run, in: journal)
            try expect(found.map(\.blobs), [blobs.map(\.digest), [blobs[1].digest, blobs[1].digest]], "the digests")
            try expect(found.map(\.event.blobs), [[], []], "the bytes beside the events")
            let unknown = SHA256Digest(hashing: "unknown".utf8)
            try await expect(.missingBlob, "content that is not there") { _ = try await journal.blob(unknown) }
        },
    ]
}

/// Documents of every form, from a seed.
struct DocumentSource {
    private let stream: RandomStream
    private var position: UInt64 = 0

    init(seed: UInt64) { stream = RandomStream(seed: seed) }

    private mutating func pick(_ count: Int) -> Int {
        position += 1
        return stream.integer(at: position, below: count)
    }

    /// A document that differs from seed to seed.
    func document() -> JSONValue {
        var source = self
        return ["value": source.value(depth: 4)]
    }

    private mutating func value(depth: Int) -> JSONValue {
        switch pick(depth > 0 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(pick(2) == 0)
        case 2: return .integer([0, -1, .max, .min, 9_007_199_254_740_993, Int64(pick(1000))][pick(6)])
        case 3: return .number([0.5, -0.0, 1e300, 2.2250738585072014e-308, 1.0, 1e21, -123.456][pick(7)])
        case 4, 5: return .string(text())
        case 6: return .array((0..<pick(5)).map { _ in value(depth: depth - 1) })
        default:
            var members = JSONValue.Members()
            for _ in 0..<pick(5) { members[text()] = value(depth: depth - 1) }
            return .object(members)
        }
    }

    private mutating func text() -> String {
        let pieces = [
            "", "a", "Z9", "\"", "\\", "\n", "\u{0}", "\u{1F}", "é", "e\u{301}", "\u{FFFF}", "\u{1F600}", "/", "z",
        ]
        return (0..<pick(6)).map { _ in pieces[pick(pieces.count)] }.joined()
    }
}
