import StoaCore
import StoaHub
import Testing

@Suite struct FileWriterTests {
    @Test func `a full disk is a precise error`() throws {
        let writer = try FileWriter(path: "/dev/full", .replace)
        let error = #expect(throws: HubError.self) { try writer.write([1, 2, 3]) }
        #expect(error?.code == .diskFull)
        #expect(
            error?.description
                == """
                the disk is full while writing /dev/full
                hint: free some space, or set STOA_CACHE to a folder on another disk; finished parts are kept
                """)
    }

    @Test func `a folder that is not there is named`() {
        let error = #expect(throws: HubError.self) { try FileWriter(path: "/nowhere/at/all", .replace) }
        #expect(error?.message == "cannot open /nowhere/at/all: No such file or directory")
    }

    @Test func `what is written is counted and hashed`() throws {
        let test = try TestStore()
        let bytes = sampleBytes(3_000_000)
        let writer = try FileWriter(path: test.path("file"), .replace)
        for start in stride(from: 0, to: bytes.count, by: 999_983) {
            try writer.write(Array(bytes[start..<min(start + 999_983, bytes.count)]))
        }
        try writer.finish()
        #expect(writer.count == Int64(bytes.count) && writer.digest == SHA256Digest(hashing: bytes))
        #expect(test.bytes(test.path("file")) == bytes)
    }
}
