import Foundation
import GRDB
import StoaCore
import StoaTestKit
import Testing

@testable import StoaJournal

/// A disk that fills up while events are appended.
struct FullDiskTests {
    private static func append(_ number: Int, to journal: SQLiteJournal) async throws {
        var event = Sample.event(number, payload: .string(String(repeating: "x", count: 2000)))
        event.blobs = [Blob(Array("content \(number)".utf8))]
        try await journal.append([event], observation: Sample.observation, to: RunID("aaaa"))
    }

    /// Appends from eight tasks until one is refused.
    ///
    /// - Returns: the numbers that were acknowledged, and the first error.
    private static func fill(_ journal: SQLiteJournal) async -> (acknowledged: [Int], error: (any Error)?) {
        await withTaskGroup(of: (Int, (any Error)?).self) { group in
            var (next, acknowledged, failure) = (1, [Int](), nil as (any Error)?)
            func add() {
                let number = next
                group.addTask {
                    do { try await append(number, to: journal) } catch { return (number, error) }
                    return (number, nil)
                }
                next += 1
            }
            for _ in 0..<8 { add() }
            for await (number, error) in group {
                if let error { failure = failure ?? error } else { acknowledged.append(number) }
                if failure == nil, next < 100_000 { add() }
            }
            return (acknowledged, failure)
        }
    }

    private static func check(_ journal: SQLiteJournal, has acknowledged: [Int]) async throws {
        #expect(try await journal.verify(RunID("aaaa")).isIntact)
        #expect(try await journal.lastSequence(in: RunID("aaaa")) == acknowledged.count)
        for number in acknowledged {
            #expect(try await journal.event(Sample.key(number), in: RunID("aaaa")) != nil, "event \(number) is lost")
        }
    }

    @Test
    func `a full database refuses what has no room and keeps what it has`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        try await Sample.run(events: 0, in: journal)
        try await journal.write { try $0.execute(sql: "PRAGMA max_page_count = 400") }
        let (acknowledged, failure) = await Self.fill(journal)
        let error = try #require(failure as? JournalError)
        #expect(
            error.description == """
                \(path): the disk is full
                hint: free some space and go on with stoa resume; what was journaled before is kept
                """)
        #expect(error.code == .unwritable && error.kind == .failure)
        #expect(acknowledged.count > 10)
        try await Self.check(journal, has: acknowledged)
        // Room again, and it goes on; a new process finds the same.
        try await journal.write { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        try await Self.append(100_000, to: journal)
        try await journal.close()
        try await Self.check(SQLiteJournal(path: path), has: acknowledged + [100_000])
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "only the system's administrator can make a small disk"))
    func `a full disk refuses what has no room and keeps what it has`() async throws {
        let disk = try SmallDisk(bytes: 3_000_000)
        let path = "\(disk.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        try await Sample.run(events: 0, in: journal)
        let ballast = "\(disk.path)/ballast"
        try Data(count: 500_000).write(to: URL(fileURLWithPath: ballast))
        let (acknowledged, failure) = await Self.fill(journal)
        #expect((failure as? JournalError)?.code == .unwritable, "\(String(describing: failure))")
        #expect(acknowledged.count > 10)
        try await Self.check(journal, has: acknowledged)
        try FileManager.default.removeItem(atPath: ballast)
        try await Self.append(100_000, to: journal)
        try await journal.close()
        try await Self.check(SQLiteJournal(path: path), has: acknowledged + [100_000])
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "only the system's administrator can make a disk read-only"))
    func `a disk that cannot be written any more keeps what it has`() async throws {
        let disk = try SmallDisk(bytes: 3_000_000)
        let path = "\(disk.path)/journal.sqlite"
        let journal = try SQLiteJournal(path: path)
        try await Sample.run(events: 3, in: journal)
        try await journal.close()
        try disk.makeReadOnly()
        let error = thrown(JournalError.self) { _ = try SQLiteJournal(path: path) }
        #expect(error?.code == .unwritable, "\(String(describing: error))")
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: path, toPath: "\(copy.path)/journal.sqlite")
        try await Self.check(SQLiteJournal(path: "\(copy.path)/journal.sqlite"), has: [1, 2, 3])
    }
}

/// A file system of its own, in memory, of a given size.
final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder

    /// Whether this process may mount one.
    static let isAvailable = (try? SmallDisk(bytes: 100_000)) != nil

    init(bytes: Int) throws {
        folder = try TemporaryFolder()
        path = "\(folder.path)/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw POSIXError(.EPERM) }
    }

    func makeReadOnly() throws {
        guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else { throw POSIXError(.EPERM) }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }
}
