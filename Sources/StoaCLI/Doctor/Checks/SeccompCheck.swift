internal import Glibc
internal import StoaSandbox

/// The system-call filters: that the launcher makes them and the kernel enforces such.
struct SeccompCheck: DoctorCheck {
    let name = "seccomp"

    func run(in context: CommandContext) async -> DoctorFinding {
        guard access("/proc/sys/kernel/seccomp/actions_avail", R_OK) == 0 else {
            return .broken("this kernel has no system-call filter", fix: "use a kernel with CONFIG_SECCOMP_FILTER")
        }
        do {
            let filters = try await SandboxDiagnosis.filters(
                environment: context.environment.variables, programFolder: CommandContext.programFolder)
            return .fine("\(filters), and the kernel enforces such")
        } catch {
            return .broken(
                SandboxCheck.detail(error), fix: error.hint ?? "run: apt-get install libseccomp-dev; make build")
        }
    }
}
