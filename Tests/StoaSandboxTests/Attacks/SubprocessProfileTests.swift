import StoaCore
import Testing

@testable import StoaSandbox

/// The profile that may start processes: what it allows, and what holds nonetheless.
@Suite(.needsSandbox, .timeLimit(.minutes(30)), .serialized) struct SubprocessProfileTests {
    private let mark = TestSandbox.mark()

    private func run(_ code: String, limits: SandboxLimits = .init(wall: .seconds(10))) async throws -> SandboxResult {
        try await TestSandbox.run(code, limits: limits, profile: .subprocess, mark: mark)
    }

    @Test func `processes can be started, and only of what is shown`() async throws {
        let result = try await run(
            """
            import subprocess, sys, os, multiprocessing
            out = subprocess.run([sys.executable, "-S", "-c", "print(6 * 7)"], capture_output=True, text=True).stdout
            def absent(name):
                try: subprocess.run([name]); return False
                except OSError: return True
            out, all(map(absent, ["/bin/sh", "/usr/bin/env", "bash", "/usr/bin/bwrap", "sudo"]))
            """)
        #expect(result.value == "('42\\n', True)", "\(result)")
    }

    @Test func `no network and no namespaces for anyone`() async throws {
        let result = try await run(
            """
            import socket, os, ctypes
            found = []
            for i in range(2):
                for family in (1, 2, 10, 16, 17, 40):
                    try: socket.socket(family, socket.SOCK_STREAM); found.append(family)
                    except OSError: pass
                libc = ctypes.CDLL(None)
                for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000):
                    if libc.unshare(flag) == 0: found.append(flag)
                if i == 0 and os.fork() != 0:
                    os.wait(); break
            else: os._exit(0)
            found
            """)
        #expect(result.value == "[]", "\(result)")
    }

    @Test(arguments: [
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True: pass\n    os._exit(0)\nos.wait(); time.sleep(100)",
        "import signal, os, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nfor i in range(10):\n    if os.fork() == 0: time.sleep(1000)\ntime.sleep(1000)",
        "import os\nif os.fork() == 0:\n    while True: pass\nos._exit(0)",
    ])
    func `forks, daemons and survivors end with the sandbox`(code: String) async throws {
        let result = try await run(code, limits: .init(wall: .milliseconds(1500)))
        #expect(!result.isOK, "\(result)")
        #expect(HostProcesses.marked(mark).isEmpty)
    }

    @Test func `memory of all processes together is bounded`() async throws {
        let result = try await run(
            """
            import os, time
            for i in range(8):
                if os.fork() == 0:
                    held = bytearray(100 << 20)
                    for j in range(0, len(held), 4096): held[j] = 1
                    time.sleep(100)
            time.sleep(100)
            """, limits: .init(wall: .seconds(20), memoryBytes: 256 << 20))
        #expect(result.status == .terminated && result.limit == .memory, "\(result)")
        #expect(result.timing.wall < .seconds(15))
        #expect(HostProcesses.marked(mark).isEmpty)
    }
}
