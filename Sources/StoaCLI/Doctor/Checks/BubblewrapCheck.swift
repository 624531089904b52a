/// Bubblewrap, and whether this kernel and this user may make the namespaces that it isolates with.
struct BubblewrapCheck: DoctorCheck {
    let name = "bubblewrap"

    func run(in context: CommandContext) async -> DoctorFinding {
        guard let version = await Probe.run("bwrap", ["--version"], context.environment) else {
            return .broken("no bwrap in PATH", fix: "run: apt-get install bubblewrap")
        }
        let isolated = ["--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"]
        let trial = await Probe.run("bwrap", isolated, context.environment)
        guard let trial, trial.succeeded else {
            let reason = trial?.lastLine ?? "it does not start"
            return .broken(
                "\(version.text) cannot isolate: \(reason)",
                fix: "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1), or run as root")
        }
        return .fine("\(version.text), namespaces work")
    }
}
