/// The bubblewrap of the machine.
public struct Bubblewrap: Sendable, Hashable {
    /// Where it is.
    public let path: String
    /// What it calls itself.
    public let version: String
    /// Whether it can forbid further user namespaces itself; the filter forbids them in any case.
    let disablesNamespaces: Bool

    /// Finds bubblewrap.
    ///
    /// - Parameter path: the folders of `PATH`.
    /// - Returns: what was found; whether it isolates is shown by the first sandbox alone.
    /// - Throws: `SandboxError` with the cure.
    static func find(in path: String) async throws(SandboxError) -> Bubblewrap {
        guard let program = Programs.find("bwrap", in: path) else {
            throw .unavailable("no bwrap in PATH", cure: "run: apt-get install bubblewrap")
        }
        guard let help = await Programs.run(program, ["--help"]),
            let version = await Programs.run(program, ["--version"]), version.succeeded
        else {
            throw .unavailable("\(program) does not start", cure: "run: apt-get install --reinstall bubblewrap")
        }
        let text = help.output + help.error
        let missing = ["--as-pid-1", "--cap-drop", "--seccomp", "--unshare-cgroup", "--clearenv"].filter {
            !text.contains($0)
        }
        guard missing.isEmpty else {
            throw .unavailable(
                "\(program) has no \(missing.joined(separator: ", "))", cure: "install bubblewrap 0.5 or newer")
        }
        return Bubblewrap(
            path: program, version: version.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? "bwrap",
            disablesNamespaces: text.contains("--disable-userns"))
    }
}
