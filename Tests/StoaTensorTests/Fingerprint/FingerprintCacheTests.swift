import Foundation
import StoaCore
import StoaTensor
import Testing

@Suite struct FingerprintCacheTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "stoa-fingerprint-" + UUID().uuidString

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        var weights: String { path + "/weights.gguf" }
        var entries: [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: path + "/cache/fingerprints")) ?? []
        }
        var cache: FingerprintCache { FingerprintCache(folder: path + "/cache/fingerprints") }

        func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: weights)) }
    }

    private let folder: Folder
    /// More than one piece of what is hashed at a time.
    private static let sample = [UInt8](
        [[UInt8]](repeating: (0..<4099).map { UInt8(truncatingIfNeeded: $0 &* 131) }, count: 2500).joined())

    private var bytes: [UInt8] { Self.sample }

    init() throws {
        folder = try Folder()
        try folder.write(bytes)
    }

    /// The digest, and whether the bytes were read for it.
    private func digest() throws -> (SHA256Digest, wasHashed: Bool) {
        var hashed: [Int] = []
        let digest = try folder.cache.digest(of: MappedFile(path: folder.weights)) { hashed.append($0) }
        #expect(hashed == hashed.sorted() && (hashed.isEmpty || hashed.last == bytes.count))
        return (digest, !hashed.isEmpty)
    }

    @Test func `a file is hashed once`() throws {
        let first = try digest()
        #expect(first == (SHA256Digest(hashing: bytes), wasHashed: true))
        let second = try digest()
        #expect(second == (first.0, wasHashed: false))
        #expect(folder.entries.count == 1)
    }

    @Test func `a file that was replaced is hashed again, even by one of the same size`() throws {
        _ = try digest()
        var other = bytes
        other[17] ^= 1
        try folder.write(other)
        #expect(try digest() == (SHA256Digest(hashing: other), wasHashed: true))
    }

    @Test func `a file that was touched is hashed again`() throws {
        let first = try digest()
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: folder.weights)
        #expect(try digest() == (first.0, wasHashed: true))
    }

    @Test(arguments: ["", "{", "null", "{\"file\": 3}", "\u{0}\u{0}\u{0}"])
    func `a damaged entry is ignored and mended`(_ text: String) throws {
        let first = try digest()
        let entry = try folder.path + "/cache/fingerprints/" + #require(folder.entries.first)
        try text.write(toFile: entry, atomically: false, encoding: .utf8)
        #expect(try digest() == (first.0, wasHashed: true))
        #expect(try digest() == (first.0, wasHashed: false))
    }

    @Test func `an entry with a digest that is none is ignored`() throws {
        let first = try digest()
        let entry = try folder.path + "/cache/fingerprints/" + #require(folder.entries.first)
        let text = try String(contentsOfFile: entry, encoding: .utf8)
        try text.replacing(first.0.description, with: "abc").write(toFile: entry, atomically: false, encoding: .utf8)
        #expect(try digest() == (first.0, wasHashed: true))
    }

    @Test func `a digest that is known is not computed`() throws {
        let known = SHA256Digest(hashing: "known".utf8)
        folder.cache.record(known, of: try MappedFile(path: folder.weights))
        #expect(try digest() == (known, wasHashed: false))
    }

    @Test func `a folder that cannot be written costs only the hashing`() throws {
        let cache = FingerprintCache(folder: "/dev/null/nowhere")
        let file = try MappedFile(path: folder.weights)
        #expect(try cache.digest(of: file) == SHA256Digest(hashing: bytes))
        #expect(cache.lookUp(file) == nil)
    }

    @Test func `hashing can be cancelled`() async throws {
        let file = try MappedFile(path: folder.weights)
        let cache = folder.cache
        let hashing = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try cache.digest(of: file)
        }
        await #expect(throws: CancellationError.self) { try await hashing.value }
        #expect(cache.lookUp(file) == nil)
    }
}
