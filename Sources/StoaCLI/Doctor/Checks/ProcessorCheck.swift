internal import Glibc
internal import StoaBench

/// The CPU, and which kernels it runs.
struct ProcessorCheck: DoctorCheck {
    let name = "cpu"

    func run(in context: CommandContext) async -> DoctorFinding {
        let available = KernelPath.available.map(\.rawValue).joined(separator: ", ")
        do {
            try context.selectKernelPath()
        } catch {
            return .broken("\(error)", fix: "unset STOA_ISA, or set it to one of \(available)")
        }
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let processor = MachineDescription.processor ?? "unknown CPU"
        let threads = "\(cores) \(cores == 1 ? "thread" : "threads")"
        return .fine("\(processor), \(threads), kernels \(KernelPath.current.rawValue) of \(available)")
    }
}
