import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaSandbox

/// The container backend with a stand-in for the engine.
///
/// The stand-in takes the flags that matter and makes the namespaces with
/// bubblewrap. What a real engine makes of its own flags is its business; what runs in the container is tested here.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct ContainerTests {
    private let folder: StoaTestKit.TemporaryFolder
    private let engine: String

    init() throws {
        folder = try StoaTestKit.TemporaryFolder()
        engine = try folder.write(
            "engine",
            """
            #!/bin/sh
            [ "$1" = info ] && exit 0
            [ "$1" = run ] || exit 125
            shift
            user=; volumes=; memory=
            while [ $# -gt 0 ]; do
                case "$1" in
                    --interactive|--rm|--read-only) shift ;;
                    --user) user=${2%%:*}; shift 2 ;;
                    --volume) volumes="$volumes --ro-bind ${2%%:*} $(echo "$2" | cut -d: -f2)"; shift 2 ;;
                    --tmpfs) memory="$memory --tmpfs ${2%%:*}"; shift 2 ;;
                    --*) shift 2 ;;
                    *) break ;;
                esac
            done
            [ "$1" = python:test ] || exit 125
            shift
            exec /usr/bin/bwrap --unshare-user --unshare-pid --unshare-net --unshare-ipc --uid $user --gid $user --cap-drop ALL \\
                --die-with-parent --as-pid-1 --ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 \\
                --proc /proc --dev /dev $volumes $memory --remount-ro / --chdir /work /stoa-init "$@"
            """)
        chmod(engine, 0o755)
    }

    private func sandbox() async throws -> PythonSandbox {
        let backend = SandboxBackend.container(engine: engine, image: "python:test")
        let tools = try await SandboxTools.find(
            for: backend, environment: ["PATH": "/usr/bin:/bin"], programFolder: try TestSandbox.programFolder)
        #expect(tools.bubblewrap == nil)
        return try PythonSandbox(
            policy: SandboxPolicy(backend: backend), tools: tools, cache: folder.path, configuration: .init(ready: 0))
    }

    @Test func `the same supervisor, driver and filters run in a container`() async throws {
        let sandbox = try await sandbox()
        let session = try #require(try await sandbox.openSession())
        #expect(try await session.run("print('a'); 6 * 7").value == "42")
        let walls = try await session.run(
            """
            import os, socket
            found = []
            for name, action in {"fork": os.fork, "socket": socket.socket, "memory": lambda: open("/proc/1/mem", "r+b"),
                                 "environ": lambda: open("/proc/1/environ").read(), "root": lambda: open("/x", "w"),
                                 "kill": lambda: os.kill(1, 9)}.items():
                try: action(); found.append(name)
                except OSError: pass
            found
            """)
        // The signal is accepted and dropped.
        #expect(walls.value == "['kill']", "\(walls)")
        #expect(try await session.run("import os; os._exit(0)").status == .terminated)
        await session.close()
        await sandbox.close()
    }

    @Test func `the flags are those that hold`() async throws {
        let tools = try await TestSandbox.tools()
        let command = ContainerLaunch.command(
            SandboxPolicy(), tools, engine: "podman", image: "python:3.12", packages: "/p", slot: 3)
        let text = command.arguments.joined(separator: " ")
        for flags in [
            "--network none", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges", "--user 61003:61003",
            "--pids-limit 72", "--memory 576m --memory-swap 576m", "--cpus 1", "--ipc none",
            "--tmpfs /work:rw,size=32m,nr_inodes=4096,noexec", "--volume /p:/packages:ro",
            "python:3.12 contain strict 536870912 64 64 33554432",
        ] { #expect(text.contains(flags), "\(flags)") }
        #expect(command.environment.keys.elementsEqual(["PATH"]))
    }

    @Test func `an engine that does not run is refused with its own reason`() async throws {
        let broken = try folder.write("broken", "#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n")
        chmod(broken, 0o755)
        let error = await #expect(throws: SandboxError.self) {
            try await SandboxTools.find(
                for: .container(engine: broken, image: "x"), environment: ["PATH": "/usr/bin"],
                programFolder: try TestSandbox.programFolder)
        }
        #expect(error?.kind == .noSandbox && error?.message.hasSuffix("Cannot connect to the daemon") == true)
    }
}
