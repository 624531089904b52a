internal import OrderedCollections
internal import StoaCore

/// A Python of the machine, and the files that it needs to run.
public struct PythonInterpreter: Sendable, Hashable {
    /// Something that is shown inside, read-only, at a path of its own.
    struct Bind: Sendable, Hashable {
        let source: String
        let destination: String
    }

    /// The interpreter's own file.
    public let executable: String
    /// Its version, as in `3.11.2`.
    public let version: String
    /// Files and folders it needs, those above before those below.
    let binds: [Bind]
    /// Symbolic links it needs: what they say, and where they are.
    let links: [Bind]

    /// The version without its last part, which decides what packages fit: `cp311`.
    public var tag: String {
        "cp" + version.split(separator: ".").prefix(2).joined()
    }

    /// Asks the interpreter for its files.
    ///
    /// What is shown is what it maps: its own file, the standard library, the folders of its shared libraries and the loader.
    /// Nothing of `site-packages` is.
    private static let inquiry = #"""
        import json, os, re, sys, sysconfig
        for name in ("bz2", "ctypes", "decimal", "hashlib", "lzma", "readline", "sqlite3", "ssl", "uuid", "zlib"):
            try: __import__(name)
            except ImportError: pass
        real = os.path.realpath
        executable = real(sys.executable)
        binds = {executable: executable}
        folders = {real(sysconfig.get_path("stdlib")), real(sysconfig.get_path("platstdlib"))}
        for line in open("/proc/self/maps"):
            fields = line.split(None, 5)
            if len(fields) == 6 and fields[5].startswith("/") and ".so" in fields[5]:
                folders.add(real(os.path.dirname(fields[5].strip())))
        folders = {f for f in folders if not any(f != g and f.startswith(g + "/") for g in folders)}
        binds.update({f: f for f in folders})
        with open(executable, "rb") as file: start = file.read(8192)
        found = re.search(rb"(/[ -~]*/ld-[ -~]*)\0", start)
        if found:
            loader = found.group(1).decode()
            place = os.path.join(real(os.path.dirname(loader)), os.path.basename(loader))
            if not any(place.startswith(f + "/") for f in folders): binds[place] = real(loader)
        links = {}
        for name in ("/lib", "/lib32", "/lib64"):
            if os.path.islink(name): links[name] = os.readlink(name)
        if os.path.isdir("/usr/share/zoneinfo"): binds["/usr/share/zoneinfo"] = "/usr/share/zoneinfo"
        print(json.dumps({"executable": executable, "version": sys.version.split()[0], "old": sys.version_info < (3, 9),
                          "binds": sorted(binds.items()), "links": sorted(links.items())}))
        """#

    /// The oldest version that the driver runs on.
    static let oldest = "3.9"

    /// Finds an interpreter: the system's own before those of `PATH`, which may lie in a private folder.
    ///
    /// - Parameter path: the folders of `PATH`.
    /// - Returns: the first that works.
    /// - Throws: `SandboxError` where none does.
    static func find(in path: String) async throws(SandboxError) -> PythonInterpreter {
        var candidates = ["/usr/bin/python3", "/usr/local/bin/python3"]
        candidates += path.split(separator: ":").map { "\($0)/python3" }
        var problem = "there is no python3 in /usr/bin or PATH"
        for candidate in candidates where Programs.isFile(candidate) {
            // No environment: a variable that changes what Python loads has no say here.
            guard let answer = await Programs.run(candidate, ["-I", "-S", "-c", inquiry], ["PATH": path]) else {
                continue
            }
            guard answer.succeeded, let document = try? JSONParser.parse(answer.output),
                let interpreter = PythonInterpreter(document)
            else {
                problem = "\(candidate): \(answer.lastLine)"
                continue
            }
            guard document["old"] == false else {
                problem = "\(candidate): expected Python \(oldest) or newer, found \(interpreter.version)"
                continue
            }
            return interpreter
        }
        throw .unavailable(problem, cure: "run: apt-get install python3")
    }

    private init?(_ document: JSONValue) {
        func pairs(_ name: String) -> [Bind]? {
            document[name]?.arrayValue?.compactMap { pair in
                guard let parts = pair.arrayValue, parts.count == 2, let destination = parts[0].stringValue,
                    let source = parts[1].stringValue
                else { return nil }
                return Bind(source: source, destination: destination)
            }
        }
        guard let executable = document["executable"]?.stringValue, let version = document["version"]?.stringValue,
            let binds = pairs("binds"), let links = pairs("links")
        else { return nil }
        self.executable = executable
        self.version = version
        self.binds = binds
        self.links = links
    }
}
