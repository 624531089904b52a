internal import StoaCore
internal import StoaSandbox

/// A real sandbox, started and probed for ways out.
struct SandboxCheck: DoctorCheck {
    let name = "sandbox"

    func run(in context: CommandContext) async -> DoctorFinding {
        do {
            let report = try await SandboxDiagnosis.sandbox(
                backend: context.sandboxBackend, environment: context.environment.variables,
                programFolder: CommandContext.programFolder)
            return .fine(report)
        } catch let error as SandboxError {
            return .broken(Self.detail(error), fix: error.hint ?? "run: make build")
        } catch let error as CLIError {
            return .broken(error.message, fix: error.hint ?? "correct the setting")
        } catch {
            return .broken("\(error)", fix: "run: make build")
        }
    }

    /// An error without what every one of them begins with.
    static func detail(_ error: SandboxError) -> String {
        let prefix = "no usable sandbox: "
        return error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
    }
}
