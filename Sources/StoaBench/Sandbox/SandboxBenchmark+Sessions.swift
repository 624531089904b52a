private import Glibc
internal import OrderedCollections
internal import StoaCore
internal import StoaSandbox

extension SandboxBenchmark {
    /// Sessions before the first look: what is made once has been made by then.
    private static let warmUp = 50

    /// Many sessions, one after the other, and what the process holds before and after them.
    func succession(_ policy: SandboxPolicy) async throws -> JSONValue {
        let sandbox = try make(policy, ready: 2)
        try await sandbox.warm()
        func round() async throws {
            let session = try await sandbox.openSession()
            _ = try await session?.run("6 * 7")
            await session?.close()
        }
        for _ in 0..<Self.warmUp { try await round() }
        let (memory, descriptors) = (Self.residentKilobytes, Self.openDescriptors)
        let begin = clock.now
        for _ in 0..<sessions {
            try Task.checkCancellation()
            try await round()
        }
        let seconds = (clock.now - begin) / .seconds(1)
        let (memoryAfter, descriptorsAfter) = (Self.residentKilobytes, Self.openDescriptors)
        await sandbox.close()
        return [
            "sessions": .integer(Int64(sessions)), "seconds": .number(seconds),
            "rss_kb": ["first": .integer(memory), "last": .integer(memoryAfter)],
            "descriptors": ["first": .integer(descriptors), "last": .integer(descriptorsAfter)],
        ]
    }

    /// Memory that this process has resident, in KiB.
    private static var residentKilobytes: Int64 {
        // The second number of the file: pages.
        let pages = text("/proc/self/statm").split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE))) / 1024
    }

    /// Descriptors that this process has open.
    private static var openDescriptors: Int64 {
        (0..<Int32(4096)).reduce(into: 0) { count, descriptor in
            if fcntl(descriptor, F_GETFD) >= 0 { count += 1 }
        }
    }

    private static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
