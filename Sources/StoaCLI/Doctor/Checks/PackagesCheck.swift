internal import StoaSandbox

/// The packages that code in the sandbox may import.
struct PackagesCheck: DoctorCheck {
    let name = "packages"

    func run(in context: CommandContext) async -> DoctorFinding {
        let access = SandboxAccess(context: context)
        do {
            let tools = try await access.tools()
            let missing = try PackageSet.all.filter { try !access.isInstalled($0, tools) }
            guard missing.isEmpty else {
                let names = missing.map { "\($0.name) for Python \(tools.python.version)" }.joined(separator: ", ")
                return .broken("not installed: \(names)", fix: "run: stoa sandbox packages")
            }
            return .fine(PackageSet.all.map { "\($0.name) for Python \(tools.python.version)" }.joined(separator: ", "))
        } catch let error as SandboxError {
            return .broken(SandboxCheck.detail(error), fix: error.hint ?? "run: stoa sandbox packages")
        } catch {
            return .broken("\(error)", fix: "set STOA_CACHE to a folder of yours")
        }
    }
}
