internal import ArgumentParser

/// `stoa sandbox`: Python that nobody has read, kept from everything else.
struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run Python in the sandbox.",
        discussion: """
            Code runs without network, without the machine's files, without other processes, and within limits. There is no \
            way to run it without a sandbox: where none can be had, the exit code is 6 and 'stoa doctor' names the cure. \
            numpy, sympy and mpmath can be imported.
            """,
        subcommands: [
            SandboxRunCommand.self, SandboxExecCommand.self, SandboxSessionCommand.self, SandboxServeCommand.self,
            SandboxPackagesCommand.self,
        ])
}
