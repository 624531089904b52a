import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaSandbox

/// Files in and out, and the tricks that code plays with those that are fetched.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct FileTests {
    private func run(_ program: SandboxProgram) async throws -> SandboxResult {
        let sandbox = try await TestSandbox.make()
        let result = try await sandbox.run(once: program)
        await sandbox.close()
        return result
    }

    @Test func `a program finds its files and its input, and what it writes can be had`() async throws {
        let large = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let code = """
            import os, sys
            here = os.path.dirname(__file__)
            data = open(here + "/large.bin", "rb").read()
            os.mkdir("out")
            open("out/copy", "wb").write(data)
            open("out/empty", "wb").close()
            print(sorted(os.listdir(".")), open("in/a.txt").read(), sys.stdin.read())
            sorted(globals().keys() & {"path", "base64", "file"})
            """
        let result = try await run(
            SandboxProgram(
                code: code, standardInput: Array("typed".utf8),
                files: ["in/a.txt": Array("grüße".utf8), "large.bin": large],
                fetches: ["out/copy", "out/empty", "in/a.txt", "absent"]))
        #expect(result.isOK && result.stdout.text == "['in', 'large.bin', 'out'] grüße typed\n", "\(result)")
        #expect(result.value == "[]", "the files' own cells leave no names behind")
        #expect(
            result.files == ["out/copy": large, "out/empty": [], "in/a.txt": Array("grüße".utf8)],
            "\(result.files.mapValues(\.count))")
        #expect(result.session.cell == 1 && result.timing.start > .zero)
    }

    @Test func `files are fetched after a failure too, and never from a process that is gone`() async throws {
        let failed = try await run(SandboxProgram(code: "open('a', 'w').write('x')\n1 / 0", fetches: ["a"]))
        #expect(failed.status == .exception && failed.files == ["a": [0x78]])
        let gone = try await run(
            SandboxProgram(code: "open('a', 'w').write('x')\nimport os; os._exit(0)", fetches: ["a"]))
        #expect(gone.status == .terminated && gone.files.isEmpty)
    }

    @Test(arguments: ["/etc/passwd", "../a", "a/../../b", "", "a//b", ".", "a\0b", String(repeating: "a", count: 256)])
    func `a name that is no path below the working folder is refused`(name: String) async throws {
        await #expect(throws: SandboxError.self) { try await run(SandboxProgram(code: "1", files: [name: []])) }
        let error = await #expect(throws: SandboxError.self) {
            try await run(SandboxProgram(code: "1", fetches: [name]))
        }
        #expect(error?.kind == .badInput && error?.message.contains("below the working folder") == true)
    }

    @Test func `what lies under a wanted name is a plain file of the sandbox or nothing`() async throws {
        let folder = try StoaTestKit.TemporaryFolder()
        let secret = try folder.write("secret.txt", "canary")
        chmod(folder.path, 0o777)
        chmod(secret, 0o666)
        let code = """
            import os
            def attempt(action):
                try: action()
                except OSError: pass
            secret = \(JSONValue.string(secret).text)
            attempt(lambda: os.symlink(secret, "link"))
            attempt(lambda: os.symlink("/etc/passwd", "passwd"))
            attempt(lambda: os.symlink("loop", "loop"))
            attempt(lambda: os.link(secret, "hard"))
            attempt(lambda: os.mkfifo("fifo"))
            attempt(lambda: os.symlink("/dev/zero", "zero"))
            attempt(lambda: os.mkdir("folder"))
            open("long", "wb").truncate(30 << 20)
            open("sparse", "wb").truncate(6 << 20)
            deep = "/".join(["d"] * 100)
            os.makedirs(deep)
            open(deep + "/f", "w").write("deep")
            open("-rf \\x1b[2J\\n$(id)", "w").write("odd")
            """
        let odd = "-rf \u{1B}[2J\n$(id)"
        let deep = String(repeating: "d/", count: 100) + "f"
        let names = [
            "link", "passwd", "loop", "hard", "fifo", "zero", "folder", "long", "sparse", deep, odd, "link/x",
        ]
        let result = try await run(SandboxProgram(code: code, fetches: names))
        #expect(result.isOK, "\(result)")
        #expect(Set(result.files.keys) == ["sparse", deep, odd])
        #expect(result.files["sparse"]?.count == 6 << 20 && result.files["sparse"]?.allSatisfy { $0 == 0 } == true)
        #expect(result.files[deep] == Array("deep".utf8) && result.files[odd] == Array("odd".utf8))
        #expect(try String(contentsOfFile: secret, encoding: .utf8) == "canary")
    }

    @Test func `pickles and archives come out byte for byte, and nothing on the host reads them`() async throws {
        let folder = try StoaTestKit.TemporaryFolder()
        chmod(folder.path, 0o777)
        let trap = folder.path + "/sprung"
        let code = """
            import pickle, os, io, tarfile, zipfile
            class Trap:
                def __reduce__(self): return (os.system, ("touch " + \(JSONValue.string(trap).text),))
            open("trap.pickle", "wb").write(pickle.dumps(Trap()))
            with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as z:
                z.writestr("../../../../tmp/escaped", "x")
                z.writestr("zeros", bytes(20 << 20))
            with tarfile.open("link.tar", "w") as t:
                entry = tarfile.TarInfo("link"); entry.type = tarfile.SYMTYPE; entry.linkname = "/etc/passwd"
                t.addfile(entry)
            import hashlib
            print([hashlib.sha256(open(n, "rb").read()).hexdigest() for n in ("trap.pickle", "bomb.zip", "link.tar")])
            Trap()
            """
        let names = ["trap.pickle", "bomb.zip", "link.tar"]
        let result = try await run(SandboxProgram(code: code, fetches: names))
        #expect(result.isOK && result.files.count == 3, "\(result)")
        let digests = try names.map { "'\(SHA256Digest(hashing: try #require(result.files[$0])))'" }
        #expect(result.stdout.text == "[\(digests.joined(separator: ", "))]\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `a damaged interpreter gives nothing or its own lie, in time`() async throws {
        let damages = [
            "import os\nos.write = None", "import builtins\nbuiltins.exec = None", "import os\nos.close(1)",
            "import sys\nsys.modules['base64'] = None", "import os\nos.fstat = os._exit",
            "import threading\ndef f():\n    while True: print('noise')\nthreading.Thread(target=f, daemon=True).start()",
        ]
        for damage in damages {
            let result = try await run(SandboxProgram(code: "open('a', 'w').write('x')\n" + damage, fetches: ["a"]))
            #expect(result.files.isEmpty || result.files == ["a": [0x78]], "\(damage)")
        }
    }

    @Test func `a working folder that is full is told`() async throws {
        let sandbox = try await TestSandbox.make()
        let session = try #require(try await sandbox.openSession())
        _ = try await session.run("open('big', 'wb').write(bytes(40 << 20))")
        let failure = try #require(try await session.put(["a": Array(repeating: 1, count: 100_000)]))
        #expect(failure.status == .exception && failure.limit == .files, "\(failure)")
        await session.close()
        await sandbox.close()
    }

    @Test func `a session keeps its files`() async throws {
        let sandbox = try await TestSandbox.make()
        let session = try #require(try await sandbox.openSession())
        #expect(try await session.put(["a/b": [1, 2, 3]]) == nil)
        #expect(try await session.run("open('a/b', 'rb').read()").value == #"b'\x01\x02\x03'"#)
        #expect(try await session.fetch(["a/b", "c"]) == ["a/b": [1, 2, 3]])
        await session.close()
        #expect(try await session.fetch(["a/b"]).isEmpty)
        await sandbox.close()
    }
}
