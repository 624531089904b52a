internal import CStoaKernels
internal import Glibc
public import StoaCore
internal import StoaTensor

/// The machine and the kernel path that figures were measured on.
public struct MachineDescription: Sendable, Hashable {
    /// The processor's name.
    public let cpu: String
    /// The kernels' instruction set.
    public let isa: String
    /// Kernel threads.
    public let threads: Int
    /// Memory of the machine, in GiB.
    public let memoryGB: Double
    /// OpenBLAS, as it describes itself; nil where it is not installed.
    public let blas: String?

    /// Looks at this machine.
    ///
    /// - Parameter threads: kernel threads in use.
    public init(threads: Int) {
        cpu = Self.processor ?? "unknown"
        isa = String(cString: stk_isa_name(stk_isa_current()))
        self.threads = threads
        let kilobytes = Self.field("MemTotal", of: "/proc/meminfo")?.split(separator: " ").first.flatMap { Double($0) }
        memoryGB = ((kilobytes ?? 0) / 1_048_576 * 10).rounded() / 10
        blas = (try? OpenBLAS.open(threads: threads))?.configuration
    }

    /// The `machine` object of benchmark documents.
    public var document: JSONValue {
        [
            "cpu": .string(cpu), "isa": .string(isa), "threads": .integer(Int64(threads)),
            "memory_gb": .number(memoryGB),
            "blas": blas.map { .string($0) } ?? .null,
        ]
    }

    /// The processor's name as the system has it; nil where it names none.
    public static var processor: String? { field("model name", of: "/proc/cpuinfo") }

    /// The most memory that this process has had resident so far, in MiB.
    public static var peakResidentMB: Double { mebibytes("VmHWM") }

    /// The memory that this process has resident now, in MiB.
    public static var residentMB: Double { mebibytes("VmRSS") }

    private static func mebibytes(_ name: String) -> Double {
        let kilobytes = field(name, of: "/proc/self/status")?.split(separator: " ").first.flatMap { Double($0) }
        return (kilobytes ?? 0) / 1024
    }

    /// The value of a `name: value` line of a system file.
    private static func field(_ name: String, of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].trimmed == name { return parts[1].trimmed }
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
