import Foundation
import StoaCore
import Testing

@testable import StoaSandbox

/// Processes, signals, system calls and networks; the judge listens and counts on the host.
@Suite(.needsSandbox, .timeLimit(.minutes(30)), .serialized) struct ProcessTests {
    private static func expectNothing(_ result: SandboxResult, _ location: SourceLocation = #_sourceLocation) {
        #expect(result.isOK && result.stdout.text.isEmpty, "\(result)", sourceLocation: location)
    }

    // Calls by number, past the C library. Each architecture has a table of its own; newer calls share their numbers.
    #if arch(x86_64)
    private static let forks = [57, 58]
    private static let clone = 56
    private static let kcmp = 312
    #else
    private static let forks: [Int] = []
    private static let clone = 220
    private static let kcmp = 272
    #endif

    @Test func `no process can be started`() async throws {
        Self.expectNothing(
            try await TestSandbox.run(
                """
                import os, subprocess, multiprocessing, ctypes, sys
                libc = ctypes.CDLL(None)
                def c_call(name, *arguments):
                    if getattr(libc, name)(*arguments) == -1: raise OSError
                def tries():
                    yield os.fork
                    yield os.forkpty
                    yield lambda: subprocess.run([sys.executable, "-c", "1"])
                    yield lambda: subprocess.run("true", shell=True, check=True)
                    yield lambda: multiprocessing.get_context("fork").Process(target=print).start()
                    yield lambda: multiprocessing.get_context("spawn").Process(target=print).start()
                    yield lambda: os.posix_spawn(sys.executable, ["python3"], {})
                    yield lambda: os.execv(sys.executable, ["python3"])
                    yield lambda: os.execv("/stoa/init", ["init"])
                    yield lambda: c_call("vfork")
                    for number in \(Self.forks):
                        yield lambda: c_call("syscall", number)
                    yield lambda: c_call("syscall", \(Self.clone), 17, 0, 0, 0, 0)
                    yield lambda: c_call("syscall", \(Self.clone), 0x10000000 | 17, 0, 0, 0, 0)
                    yield lambda: c_call("syscall", 435, ctypes.create_string_buffer(88), 88)
                for i, action in enumerate(tries()):
                    try:
                        if action() != 0: print(i, "STARTED")
                    except OSError: pass
                """))
    }

    @Test func `no socket of any family can be made or used`() async throws {
        // A listener that anyone on the host reaches: TCP on loopback, and a path socket that all may use.
        let listener = try HostListener()
        let result = try await TestSandbox.run(
            """
            import socket, os, ctypes
            libc = ctypes.CDLL(None)
            def tries():
                for family in range(46):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
                        yield lambda: socket.socket(family, kind)
                yield lambda: socket.create_connection(("127.0.0.1", \(listener.port)), 1)
                yield lambda: socket.getaddrinfo("localhost", 80)
                yield lambda: __import__("urllib.request").request.urlopen("http://127.0.0.1:\(listener.port)/", timeout=1)
                yield lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
                yield lambda: socket.socketpair(socket.AF_INET, socket.SOCK_STREAM)
                yield lambda: socket.socketpair()[0].sendmsg([b"x"])
                yield lambda: socket.socketpair()[0].sendto(b"x", "\\0abstract")
                yield lambda: socket.socketpair()[0].sendto(b"x", \(JSONValue.string(listener.path).text))
                yield lambda: socket.socketpair()[0].connect(\(JSONValue.string(listener.path).text))
                yield lambda: socket.socketpair()[0].bind("\\0x")
                yield lambda: socket.socketpair()[0].listen()
            for i, action in enumerate(tries()):
                try: action(); print(i, "REACHED")
                except (OSError, UnicodeError): pass
            """)
        Self.expectNothing(result)
        #expect(listener.connections() == 0, "somebody came")
    }

    @Test func `signals and traces reach nobody`() async throws {
        let witness = Process()
        witness.executableURL = URL(fileURLWithPath: "/bin/cat")
        witness.standardInput = Pipe()
        witness.standardOutput = FileHandle.nullDevice
        try witness.run()
        defer { witness.terminate() }
        let results = try await TestSandbox.cells([
            """
            import os, signal, ctypes
            libc = ctypes.CDLL(None)
            for target in (1, \(witness.processIdentifier), \(getpid())):
                for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV):
                    try: os.kill(target, number)
                    except OSError: pass
            for target in (1, \(witness.processIdentifier)):
                for request in (16, 0x4206):
                    if libc.ptrace(request, target, 0, 0) != -1: print("TRACED", target)
                if libc.process_vm_readv(target, 0, 0, 0, 0, 0) != -1: print("READ", target)
                for name, number in (("pidfd_open", 434), ("kcmp", \(Self.kcmp))):
                    if libc.syscall(number, target, 0) >= 0: print(name, target)
            os.getpid(), os.getppid()
            """, "1 + 1",
        ])
        #expect(results[0].isOK && results[0].stdout.text.isEmpty && results[0].value == "(2, 1)", "\(results[0])")
        #expect(results[1].value == "2", "the supervisor goes on")
        #expect(witness.isRunning)
    }

    @Test func `dangerous system calls are refused`() async throws {
        let calls = DangerousCalls.numbers
        #expect(calls.count > 60)
        let table = calls.map { "(\"\($0.name)\", \($0.number))" }.joined(separator: ", ")
        Self.expectNothing(
            try await TestSandbox.run(
                """
                import ctypes, errno
                libc = ctypes.CDLL(None, use_errno=True)
                for name, number in [\(table)]:
                    ctypes.set_errno(0)
                    if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                        print(name, ctypes.get_errno())
                for request in (1, 4, 8, 10, 22, 23, 24, 35, 38, 47, 53):
                    if libc.prctl(request, 1, 0, 0, 0) != -1: print("prctl", request)
                for request in (0x5412, 0x541C, 0x5410, 0x8933, 0x5423, (1 << 32) | 0x5412):
                    if libc.ioctl(0, ctypes.c_ulong(request), b"x") != -1: print("ioctl", request)
                if libc.fcntl(1, 1031, 1 << 20) != -1: print("F_SETPIPE_SZ")
                """))
    }

    #if arch(x86_64)
    @Test func `calls of other architectures kill`() async throws {
        // x32: the same table with a bit set. i386: the old interrupt, from memory that is made executable.
        let x32 = try await TestSandbox.run("import ctypes\nctypes.CDLL(None).syscall(0x40000000 + 39)\nprint('ALIVE')")
        #expect(x32.status == .terminated && x32.exit.signal == 31 && x32.stdout.text.isEmpty)
        let i386 = try await TestSandbox.run(
            """
            import ctypes, mmap
            memory = mmap.mmap(-1, 4096, prot=7)
            memory.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
            address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
            ctypes.CFUNCTYPE(ctypes.c_int)(address)()
            print("ALIVE", flush=True)
            """)
        #expect(i386.status == .terminated && i386.stdout.text.isEmpty, "\(i386)")
    }
    #endif

    @Test func `memory outside the address space is not to be had`() async throws {
        let result = try await TestSandbox.run(
            """
            import os, mmap, socket, threading
            sizes = []
            def grab(f):
                try:
                    return f()
                except (OSError, MemoryError, RuntimeError): return None
            held = []
            total = 0
            while total < 4096:
                block = grab(lambda: mmap.mmap(-1, 16 << 20))
                if block is None: break
                block.write(b"x" * (16 << 20)); held.append(block); total += 16
            del held
            pipes = 0
            ends = []
            while pipes < 1000:
                p = grab(os.pipe)
                if p is None: break
                ends += p; pipes += 1
            for fd in ends: os.close(fd)
            threads = 0
            gate = threading.Event()
            while threads < 1000:
                if grab(lambda: threading.Thread(target=gate.wait, daemon=True).start() or 1) is None: break
                threads += 1
            gate.set()
            total <= 512, pipes < 32, threads < 64
            """, limits: .init(wall: .seconds(30)))
        #expect(result.value == "(True, True, True)", "\(result)")
        #expect(result.peakResidentKilobytes < 600 << 10)
    }

    @Test func `the environment, the arguments and the descriptors hold nothing of the host's`() async throws {
        let secret = "canary-\(UUID().uuidString)"
        setenv("STOA_TEST_SECRET", secret, 1)
        defer { unsetenv("STOA_TEST_SECRET") }
        let result = try await TestSandbox.run(
            """
            import os, sys, ctypes
            names = []
            environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
            i = 0
            while environ[i]: names.append(environ[i].decode()); i += 1
            fds = []
            for fd in range(1024):
                try: os.fstat(fd); fds.append(fd)
                except OSError: pass
            print(names, sys.argv, sys.orig_argv, os.uname(), os.getcwd())
            fds
            """)
        #expect(result.value == "[0, 1, 2, 3, 4]", "\(result)")
        #expect(!result.stdout.text.contains(secret) && !result.stdout.text.contains("/root"))
        #expect(result.stdout.text.contains("nodename='sandbox'"))
    }

    @Test func `nothing is left of any sandbox`() async throws {
        let mark = TestSandbox.mark()
        for code in [
            "1", "import os; os._exit(0)", "import signal\nsignal.pause()",
            "import threading, time\nfor _ in range(20): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()",
        ] {
            _ = try await TestSandbox.run(code, limits: .init(wall: .milliseconds(700)), mark: mark)
            #expect(HostProcesses.marked(mark).isEmpty)
        }
    }
}
