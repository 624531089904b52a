internal import Glibc

/// The same supervisor and driver in a container, for machines where users may not make namespaces.
///
/// The engine makes the namespaces; the launcher's static file is process 1 in the container, whatever the image holds, and
/// installs both filters itself. The image must have Python at `/usr/local/bin/python3` or `/usr/bin/python3`.
enum ContainerLaunch {
    /// Looks whether an engine answers.
    ///
    /// - Parameters:
    ///   - engine: its name or path: podman or docker.
    ///   - path: the folders of `PATH`.
    /// - Throws: `SandboxError` with the engine's own reason.
    static func probe(_ engine: String, path: String) async throws(SandboxError) {
        guard let program = Programs.find(engine, in: path) else {
            throw .unavailable("no \(engine) in PATH", cure: "run: apt-get install podman, or use bubblewrap")
        }
        let answer = await Programs.run(program, ["info"], ["PATH": searchPath])
        guard let answer, answer.succeeded else {
            let reason = answer?.lastLine ?? "it does not start"
            throw .unavailable(
                "\(engine) has no engine to run containers: \(reason)", cure: "start the engine, or use bubblewrap")
        }
    }

    /// The command that starts one container.
    ///
    /// - Parameters:
    ///   - policy: what it is to be like.
    ///   - tools: what the machine has.
    ///   - engine: podman or docker.
    ///   - image: an image with Python.
    ///   - packages: the folder of the package set; nil for none.
    ///   - slot: a number that differs between containers that run at the same time.
    /// - Returns: the command.
    static func command(
        _ policy: SandboxPolicy, _ tools: SandboxTools, engine: String, image: String, packages: String?, slot: Int
    ) -> LaunchCommand {
        let limits = policy.limits
        let processes = policy.profile == .strict ? 64 : 48
        // The address space is the bound of one process; the container's is for all of them, with what is kept in memory.
        let memory = (limits.memoryBytes >> 20) + 64
        let user = LaunchCommand.users.lowerBound + slot % LaunchCommand.users.count
        let owner = "uid=\(user),gid=\(user),mode=0700,nosuid,nodev"
        var words = [
            engine, "run", "--interactive", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges", "--user", "\(user):\(user)", "--pids-limit", String(processes + 8),
            "--memory", "\(memory)m", "--memory-swap", "\(memory)m", "--cpus", "1", "--ipc", "none",
            "--hostname", "sandbox", "--workdir", "/work", "--tmpfs",
            "/work:rw,size=32m,nr_inodes=4096,noexec,\(owner)", "--tmpfs",
            "/tmp:rw,size=16m,nr_inodes=1024,noexec,\(owner)", "--tmpfs",
            "/stoa:rw,size=1m,nr_inodes=16,noexec,\(owner)",
            "--volume", "\(tools.launcher):/stoa-init:ro", "--entrypoint", "/stoa-init",
        ]
        if let packages { words += ["--volume", "\(packages):/packages:ro"] }
        words += [
            image, "contain", policy.profile.rawValue, String(limits.memoryBytes), String(processes), "64", "33554432",
            "python3", policy.preload.joined(separator: ","),
            // Files that the host is known to have, and no image.
            ([tools.launcher] + (packages.map { [$0] } ?? [])).joined(separator: ":"),
        ]
        return LaunchCommand(program: "/usr/bin/env", arguments: words, environment: ["PATH": searchPath])
    }

    /// The engine runs with no other variable than this one: it hands its own on to nobody.
    static let searchPath = "/usr/local/bin:/usr/bin:/bin"
}
