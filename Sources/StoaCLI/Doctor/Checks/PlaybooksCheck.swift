internal import StoaPlaybook

/// The playbooks that can be run by name from here.
struct PlaybooksCheck: DoctorCheck {
    let name = "playbooks"

    func run(in context: CommandContext) async -> DoctorFinding {
        do {
            let loader = try context.playbooks()
            let playbooks = loader.list()
            guard !playbooks.isEmpty else {
                return .fine("none in this folder, those above it and the user's data")
            }
            let broken = playbooks.filter { !((try? loader.validate($0.path))?.isEmpty ?? false) }.map(\.name)
            guard broken.isEmpty else {
                return .broken(
                    "\(broken.joined(separator: ", ")) cannot be run", fix: "run: stoa playbook validate \(broken[0])")
            }
            return .fine(playbooks.map(\.name).joined(separator: ", "))
        } catch {
            return .broken("\(error)", fix: "set STOA_HOME to a folder of yours")
        }
    }
}
