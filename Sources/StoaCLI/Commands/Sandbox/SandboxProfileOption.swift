public import ArgumentParser
public import StoaSandbox

/// How strictly the code of a command is kept.
struct SandboxProfileOption: ParsableArguments {
    @Option(
        name: .long,
        help: "How strictly code is kept: strict (one process) or subprocess (it may start Python). Default: strict.")
    var profile: SandboxProfile = .strict
}

// The conformance is public because the type is; nobody but the commands sees this module.
extension SandboxProfile: ExpressibleByArgument {}
