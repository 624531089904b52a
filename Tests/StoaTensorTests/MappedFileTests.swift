import Foundation
import StoaTensor
import StoaTestKit
import Testing

@Suite struct `Mapped files` {
    @Test
    func `what cannot be mapped says why`() throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write("empty", [])
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let cases = [
            ("\(folder.path)/none", "no such file"), (empty, "the file is empty"),
            (folder.path, "expected a file, found a folder"), (pipe, "expected a regular file, found a device or pipe"),
            ("\(empty)/below", "no such file"),
        ]
        for (path, problem) in cases {
            let error = try #require(thrown(WeightFileError.self) { _ = try MappedFile(path: path) })
            #expect(error.message == "weight file: \(problem) (\(path))")
            #expect(error.code == .unreadable)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a file without permission says so`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("secret", [1])
        chmod(path, 0)
        let error = try #require(thrown(WeightFileError.self) { _ = try MappedFile(path: path) })
        #expect(error.message == "weight file: not readable (\(path))")
    }

    @Test
    func `bytes outlive the name of the file and advice never changes them`() throws {
        let folder = try TemporaryFolder()
        let content = (0..<20000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let bytes = try MappedFile(path: try folder.write("data", content)).bytes(in: 5000..<15000)
        try FileManager.default.removeItem(atPath: "\(folder.path)/data")
        for advice in [MappedFile.Advice.willNeed, .sequential, .dontNeed] {
            bytes.advise(advice)
            #expect(bytes.array == Array(content[5000..<15000]))
        }
        #expect(bytes.slice(1..<3).array == Array(content[5001..<5003]))
        bytes.file.advise(.dontNeed, range: -5..<100_000)
        #expect(bytes.array == Array(content[5000..<15000]))
    }
}
