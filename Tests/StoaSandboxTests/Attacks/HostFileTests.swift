import Foundation
import StoaCore
import StoaTestKit
import Testing

@testable import StoaSandbox

/// What code inside can do to files of the host; the judge looks at the host.
@Suite(.needsSandbox, .timeLimit(.minutes(30))) struct HostFileTests {
    /// A secret in every place where one could be looked for.
    private struct Canary {
        let secret = "canary-\(UUID().uuidString)"
        let folder: StoaTestKit.TemporaryFolder
        let path: String

        init() throws {
            folder = try StoaTestKit.TemporaryFolder()
            path = try folder.write("secret.txt", secret)
            // Everybody may read and write it: only the sandbox stands between.
            chmod(folder.path, 0o777)
            chmod(path, 0o666)
        }
    }

    @Test func `no way of opening a file reaches one of the host`() async throws {
        let canary = try Canary()
        let result = try await TestSandbox.run(
            """
            import os, ctypes, io, mmap
            path = \(JSONValue.string(canary.path).text)
            libc = ctypes.CDLL(None, use_errno=True)
            def tries():
                yield lambda: open(path).read()
                yield lambda: open("/work/../.." + path).read()
                yield lambda: os.read(os.open(path, os.O_RDONLY), 100)
                yield lambda: os.read(os.open(path, os.O_PATH), 100)
                yield lambda: os.listdir(os.path.dirname(path))
                yield lambda: (os.symlink(path, "/work/link"), open("/work/link").read())[1]
                yield lambda: (os.link(path, "/work/hard"), open("/work/hard").read())[1]
                yield lambda: (os.rename(path, "/work/moved"), open("/work/moved").read())[1]
                yield lambda: open("/proc/self/root" + path).read()
                yield lambda: open("/proc/1/root" + path).read()
                yield lambda: open("/dev/fd/0").read()
                yield lambda: (os.chroot("/work"), open(path).read())[1]
                yield lambda: open("/etc/passwd").read()
                yield lambda: open("/etc/shadow").read()
                yield lambda: os.listdir("/root")
                yield lambda: os.listdir("/home")
                for fd in range(5, 64):
                    yield lambda fd=fd: os.read(os.open("../../../../../../" + path, os.O_RDONLY, dir_fd=fd), 100)
                    yield lambda fd=fd: os.fstat(fd)
            for i, action in enumerate(tries()):
                try: print(i, "REACHED", action())
                except (OSError, AttributeError): pass
            for name in ("open", "openat"):
                fd = getattr(libc, name)(*((path.encode(), 0) if name == "open" else (-100, path.encode(), 0)))
                if fd >= 0: print(name, "REACHED")
            """)
        #expect(result.isOK && result.stdout.text.isEmpty, "\(result)")
        #expect(!result.document.text.contains(canary.secret))
    }

    @Test func `nothing of the host is changed`() async throws {
        let canary = try Canary()
        let before = try FileManager.default.attributesOfItem(atPath: canary.path)[.modificationDate] as? Date
        let result = try await TestSandbox.run(
            """
            import os, shutil
            path = \(JSONValue.string(canary.path).text)
            def tries():
                yield lambda: open(path, "w").write("x")
                yield lambda: open(path, "a").write("x")
                yield lambda: os.truncate(path, 0)
                yield lambda: os.remove(path)
                yield lambda: os.chmod(path, 0)
                yield lambda: os.utime(path, (0, 0))
                yield lambda: os.rename(path, path + "2")
                yield lambda: shutil.rmtree(os.path.dirname(path))
                yield lambda: open(os.path.dirname(path) + "/new", "w")
                for folder in ("/", "/usr", "/usr/lib", "/usr/bin", "/stoa", "/dev", "/lib", os.path.dirname(os.__file__)):
                    yield lambda folder=folder: open(folder + "/new", "w")
                    yield lambda folder=folder: os.mkdir(folder + "/newdir")
                    yield lambda folder=folder: os.chmod(folder, 0o777)
                yield lambda: open(os.__file__, "a")
                yield lambda: open("/stoa/driver.py", "a")
                yield lambda: open("/stoa/init", "r+b")
                yield lambda: os.remove("/stoa/filter")
            for i, action in enumerate(tries()):
                try: action(); print(i, "CHANGED")
                except OSError: pass
            """)
        #expect(result.isOK && result.stdout.text.isEmpty, "\(result)")
        #expect(try String(contentsOfFile: canary.path, encoding: .utf8) == canary.secret)
        #expect(try FileManager.default.contentsOfDirectory(atPath: canary.folder.path) == ["secret.txt"])
        #expect(try FileManager.default.attributesOfItem(atPath: canary.path)[.modificationDate] as? Date == before)
    }

    @Test func `there is no proc, no sys, and three devices`() async throws {
        let result = try await TestSandbox.run(
            """
            import os
            sorted(os.listdir("/")), sorted(os.listdir("/dev")), os.path.exists("/proc"), os.path.exists("/sys")
            """)
        let value = try #require(result.value)
        #expect(value.hasSuffix("['null', 'urandom', 'zero'], False, False)"))
        for name in ["etc", "root", "home", "var", "run", "proc", "sys", "boot", "mnt"] {
            #expect(!value.contains("'\(name)'"), "\(name) is shown")
        }
    }

    @Test func `disk, inodes, depth and sizes are bounded, and gone afterwards`() async throws {
        let result = try await TestSandbox.run(
            """
            import os
            def full(folder, size):
                written = 0
                try:
                    with open(folder + "/big", "wb", buffering=0) as file:
                        while written < 1 << 31: written += file.write(b"x" * size)
                except OSError: pass
                os.remove(folder + "/big")
                return written
            def inodes(folder):
                n = 0
                try:
                    while n < 100000:
                        open(f"{folder}/{n}", "w").close(); n += 1
                except OSError: pass
                for i in range(n): os.remove(f"{folder}/{i}")
                return n
            def sparse():
                try:
                    with open("/work/sparse", "wb") as file: file.truncate(1 << 40)
                    return "SPARSE"
                except OSError: return "no"
            def deep():
                os.chdir("/work"); n = 0
                try:
                    while n < 100000: os.mkdir("d"); os.chdir("d"); n += 1
                except OSError: pass
                return n
            def descriptors():
                held = []
                try:
                    while len(held) < 100000: held.append(os.open("/dev/null", 0))
                except OSError: pass
                n = len(held)
                for fd in held: os.close(fd)
                return n
            full("/work", 1 << 20) <= 32 << 20, full("/tmp", 1 << 20) <= 16 << 20, inodes("/work") < 4096, inodes("/tmp") < 1024, sparse(), deep() < 4096, descriptors() < 64
            """, limits: .init(wall: .seconds(20)))
        #expect(result.value == "(True, True, True, True, 'no', True, True)", "\(result)")
    }

    @Test func `special files cannot be made, and nothing in a writable place is executed`() async throws {
        let result = try await TestSandbox.run(
            """
            import os, stat, ctypes, shutil, glob
            library = (glob.glob("/usr/lib/*/libm.so.6") + glob.glob("/lib/*/libm.so.6"))[0]
            def tries():
                yield lambda: os.mkfifo("/work/fifo")
                yield lambda: os.mknod("/work/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
                yield lambda: os.mknod("/work/disk", 0o666 | stat.S_IFBLK, os.makedev(254, 0))
                yield lambda: os.setxattr("/work", "user.a", b"b")
                yield lambda: (shutil.copy(library, "/work/l.so"), ctypes.CDLL("/work/l.so"))
                yield lambda: os.chown("/work", 0, 0)
            for i, action in enumerate(tries()):
                try: action(); print(i, "DONE")
                except OSError: pass
            """)
        #expect(result.isOK && result.stdout.text.isEmpty, "\(result)")
    }
}
