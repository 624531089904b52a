#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif

extension ProcessIdentity {
    /// The process that asks; nil where the system does not tell.
    ///
    /// Read from `/proc`, so only Linux tells.
    public static var current: ProcessIdentity? { ProcessIdentity(running: Int(getpid())) }

    /// Looks up a process that runs now; nil where there is none.
    ///
    /// - Parameter process: its number.
    public init?(running process: Int) {
        guard let boot = Self.currentBoot, let stat = ProcessStat(of: process), !stat.hasEnded else { return nil }
        self.init(process: process, startTicks: stat.startTicks, boot: boot)
    }

    /// Whether the process still runs on this machine.
    ///
    /// A process of an earlier boot, one whose number now belongs to another, and one that has ended and waits for its
    /// parent to notice are dead. Where several containers share a journal, each sees only its own processes alive.
    public var isAlive: Bool {
        guard boot == Self.currentBoot, let stat = ProcessStat(of: process) else { return false }
        return stat.startTicks == startTicks && !stat.hasEnded
    }

    private static var currentBoot: String? {
        ProcessStat.contents(of: "/proc/sys/kernel/random/boot_id").map { String($0.prefix { !$0.isWhitespace }) }
    }
}

/// What `/proc/<process>/stat` says of a process.
struct ProcessStat {
    /// When it was started, in ticks since boot.
    let startTicks: UInt64
    /// Whether only its exit status is left.
    let hasEnded: Bool

    /// Reads the line of a process; nil where there is none.
    init?(of process: Int) {
        guard let line = Self.contents(of: "/proc/\(process)/stat") else { return nil }
        self.init(line: line)
    }

    /// Reads a line in the form of proc(5).
    init?(line: String) {
        // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
        guard let close = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard fields.count >= 20, let ticks = UInt64(fields[19]) else { return nil }
        startTicks = ticks
        hasEnded = ["Z", "X", "x"].contains(fields[0])
    }

    /// A small file of the system as text.
    static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
