internal import Glibc

/// The system-call filter: the library that compiles it and the kernel that enforces it.
struct SeccompCheck: DoctorCheck {
    let name = "seccomp"

    func run(in context: CommandContext) async -> DoctorFinding {
        guard SystemLibrary("libseccomp.so.2") != nil else {
            return .broken("libseccomp.so.2 cannot be opened", fix: "run: apt-get install libseccomp-dev")
        }
        guard access("/proc/sys/kernel/seccomp/actions_avail", R_OK) == 0 else {
            return .broken("this kernel has no system-call filter", fix: "use a kernel with CONFIG_SECCOMP_FILTER")
        }
        return .fine("libseccomp.so.2, the kernel filters system calls")
    }
}
