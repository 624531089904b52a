import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Alignment matrices on disk: found again, and never trusted.
@Suite struct AlignmentStoreTests {
    private static let tiny = TinyModel(name: "llama3-rope", usesGGUF: false)
    /// Magic, key and shape, before the digest.
    private static let head = 16 + 32 + 8

    private static func load(_ folder: String, _ tiny: TinyModel = tiny) async throws -> LocalModel {
        try await tiny.load(.fast) { $0.derivedFolder = folder }
    }

    private static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    @Test func `a second load finds what the first one computed`() async throws {
        let folder = try TemporaryFolder()
        let derived = folder.path + "/deep/derived"
        let first = try await Self.load(derived).alignment()
        let name = try #require(try Self.files(derived).first)
        #expect(try Self.files(derived) == [name])
        #expect(name.hasPrefix("alignment-") && name.hasSuffix(".bin"))
        #expect(try await Self.load(derived).alignment() == first)

        // A file that says something else, and says so properly, is believed: so it is read.
        let path = "\(derived)/\(name)"
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        bytes[Self.head + 32] ^= 1
        let digest = SHA256Digest(hashing: bytes[(Self.head + 32)...])
        bytes.replaceSubrange(Self.head..<Self.head + 32, with: digest.bytes)
        try Data(bytes).write(to: URL(filePath: path))
        let other = try await Self.load(derived).alignment()
        #expect(other.digest == digest)
        #expect(other != first)
        #expect(Array(other.rows[1...]) == Array(first.rows[1...]))
    }

    @Test func `a damaged file is computed again and put right`() async throws {
        let folder = try TemporaryFolder()
        let first = try await Self.load(folder.path).alignment()
        let path = "\(folder.path)/\(try #require(try Self.files(folder.path).first))"
        let whole = Array(try Data(contentsOf: URL(filePath: path)))
        #expect(whole.count == Self.head + 32 + 32 * 32 * 4)
        let changes: [@Sendable (inout [UInt8]) -> Void] =
            [0, 15, 16, 47, 48, 52, 56, 87, 88, 2000, whole.count - 1].map { place in { $0[place] ^= 0x10 } } + [
                { $0.removeLast() }, { $0.append(0) }, { $0 = [] }, { $0 = [1] },
                { $0 = [UInt8](repeating: 0, count: $0.count) }, { $0.removeLast($0.count / 2) },
            ]
        for (index, change) in changes.enumerated() {
            var bytes = whole
            change(&bytes)
            try Data(bytes).write(to: URL(filePath: path))
            #expect(try await Self.load(folder.path).alignment() == first, "change \(index)")
            #expect(Array(try Data(contentsOf: URL(filePath: path))) == whole, "change \(index)")
        }
        #expect(try Self.files(folder.path).count == 1)
    }

    @Test func `another model's file is not taken for this one's`() async throws {
        let folder = try TemporaryFolder()
        let first = try await Self.load(folder.path).alignment()
        let name = try #require(try Self.files(folder.path).first)
        let other = try await Self.load(folder.path, TinyModel(name: "qwen2", usesGGUF: false)).alignment()
        let otherName = try #require(try Self.files(folder.path).first { $0 != name })
        #expect(first != other)
        let foreign = try Data(contentsOf: URL(filePath: "\(folder.path)/\(otherName)"))
        try foreign.write(to: URL(filePath: "\(folder.path)/\(name)"))
        #expect(try await Self.load(folder.path).alignment() == first)
    }

    @Test func `a folder that cannot be written only costs the computing`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("occupied", "a file where the folder would be")
        let kept = try await Self.load(folder.path).alignment()
        #expect(try await Self.load("\(file)/derived").alignment() == kept)
        #expect(try await Self.tiny.load(.fast).alignment() == kept)
    }
}
