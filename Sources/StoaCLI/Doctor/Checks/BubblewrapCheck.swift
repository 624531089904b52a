internal import StoaSandbox

/// Bubblewrap: that it is there and knows what the sandbox asks of it.
///
/// Whether it isolates is the sandbox check's finding.
struct BubblewrapCheck: DoctorCheck {
    let name = "bubblewrap"

    func run(in context: CommandContext) async -> DoctorFinding {
        if case .container(let engine, _)? = try? context.sandboxBackend {
            return .fine("not needed: code is kept in containers of \(engine)")
        }
        do {
            let path = context.environment["PATH"] ?? ""
            return .fine(try await SandboxDiagnosis.bubblewrap(path: path))
        } catch {
            return .broken(SandboxCheck.detail(error), fix: error.hint ?? "run: apt-get install bubblewrap")
        }
    }
}
