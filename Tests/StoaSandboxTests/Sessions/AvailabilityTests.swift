import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaSandbox

/// Where there is no sandbox, nothing is run.
@Suite(.timeLimit(.minutes(30))) struct AvailabilityTests {
    private let folder: StoaTestKit.TemporaryFolder

    init() throws { folder = try StoaTestKit.TemporaryFolder() }

    /// A program that stands in for bubblewrap: it knows every option, and does what the script says in place of isolating.
    private func fake(_ script: String) throws -> String {
        let help = "--as-pid-1 --cap-drop --seccomp --unshare-cgroup --clearenv --disable-userns"
        let path = try folder.write(
            "bwrap",
            """
            #!/bin/sh
            case "$1" in --help) echo "\(help)"; exit 0;; --version) echo "bubblewrap 9.9"; exit 0;; esac
            \(script)
            """)
        chmod(folder.path, 0o755)
        chmod(path, 0o755)
        return folder.path
    }

    private func refusal(path: String, variables: [String: String] = [:]) async throws -> SandboxError? {
        let environment = ["PATH": path].merging(variables) { $1 }
        return await #expect(throws: SandboxError.self) {
            let tools = try await SandboxTools.find(
                environment: environment, programFolder: try TestSandbox.programFolder)
            let sandbox = try PythonSandbox(
                policy: SandboxPolicy(), tools: tools, cache: folder.path, configuration: .init(ready: 0))
            _ = try await sandbox.run(once: SandboxProgram(code: "print('ran')"))
        }
    }

    @Test func `no bubblewrap is told with the cure`() async throws {
        let error = try await refusal(path: "/nowhere")
        #expect(error?.kind == .noSandbox && error?.message == "no usable sandbox: no bwrap in PATH")
        #expect(error?.hint == "run: apt-get install bubblewrap")
    }

    @Test func `no launcher is told with the cure`() async throws {
        let error = try await refusal(path: "/usr/bin", variables: ["STOA_SANDBOX_INIT": "/nowhere/init"])
        #expect(error?.message == "no usable sandbox: no launcher at /nowhere/init")
        #expect(error?.hint?.contains("STOA_SANDBOX_INIT") == true)
    }

    @Test(arguments: [
        ("exit 1", "it ended without a word"), ("echo 'bwrap: no permission' >&2; exit 1", "bwrap: no permission"),
        // Isolates nothing and runs the command: there is no such file outside.
        (#"while [ "$1" != -- ]; do shift; done; shift; exec "$@""#, "stoa"),
        // Runs the real launcher as the supervisor, without any namespace: it refuses to be anything but process 1.
        (#"exec "$STOA_FAKE" supervise strict 536870912 64 64 33554432 /usr/bin/python3 "" /x """#, ""),
        ("echo not a frame at all, and long enough to be read as one; exit 0", ""),
    ])
    func `a bubblewrap that does not isolate runs nothing`(script: String, reason: String) async throws {
        let launcher = try TestSandbox.launcher
        let error = try await refusal(
            path: try fake(script.replacingOccurrences(of: "$STOA_FAKE", with: launcher)) + ":/usr/bin:/bin")
        #expect(error?.kind == .noSandbox && error?.hint?.isEmpty == false, "\(String(describing: error))")
        if !reason.isEmpty { #expect(error?.message.contains(reason) == true, "\(String(describing: error))") }
    }

    @Test(.needsSandbox) func `a sandbox that lets something through is refused`() async throws {
        // The real bubblewrap, with the host's files shown and the network kept.
        let script = #"""
            first=1
            for word in "$@"; do
                [ $first = 1 ] && set -- && first=0
                case "$word" in
                    --unshare-net) ;;
                    --remount-ro) set -- "$@" --ro-bind /etc /etc --remount-ro ;;
                    *) set -- "$@" "$word" ;;
                esac
            done
            exec /usr/bin/bwrap "$@"
            """#
        let error = try await refusal(path: try fake(script) + ":/usr/bin:/bin")
        #expect(error?.message == "no usable sandbox: it does not hold: the probes host_files found a way out")
    }

    @Test(.needsSandbox) func `a bubblewrap without its filter is refused`() async throws {
        let script = #"""
            first=1; skip=0
            for word in "$@"; do
                [ $first = 1 ] && set -- && first=0
                if [ $skip = 1 ]; then skip=0; continue; fi
                case "$word" in --seccomp) skip=1 ;; *) set -- "$@" "$word" ;; esac
            done
            exec /usr/bin/bwrap "$@"
            """#
        let error = try await refusal(path: try fake(script) + ":/usr/bin:/bin")
        #expect(
            error?.message == "no usable sandbox: no system-call filter is in force", "\(String(describing: error))")
    }

    @Test func `a bubblewrap that is too old is told`() async throws {
        let path = try folder.write("bwrap", "#!/bin/sh\necho '--cap-drop --seccomp --clearenv'\n")
        chmod(path, 0o755)
        let error = try await refusal(path: folder.path)
        #expect(error?.message == "no usable sandbox: \(path) has no --as-pid-1, --unshare-cgroup")
    }

    @Test func `missing packages are told with the cure`() async throws {
        let tools = try await TestSandbox.tools()
        let error = #expect(throws: SandboxError.self) {
            try PythonSandbox(
                policy: SandboxPolicy(packages: .mathematics), tools: tools, cache: folder.path)
        }
        #expect(error?.kind == .noSandbox && error?.hint == "run: stoa sandbox packages")
        #expect(error?.message == "package set mathematics: not installed for Python \(tools.python.version)")
    }

    @Test func `a container engine that is not there is refused`() async throws {
        let error = await #expect(throws: SandboxError.self) {
            try await SandboxTools.find(
                for: .container(engine: "no-such-engine", image: "python:3"), environment: ["PATH": "/usr/bin"],
                programFolder: try TestSandbox.programFolder)
        }
        #expect(error?.message == "no usable sandbox: no no-such-engine in PATH")
    }
}
