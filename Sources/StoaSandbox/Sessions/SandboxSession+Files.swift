internal import StoaCore

/// Files of a session's working folder, in and out.
///
/// They travel as code and as what it prints, so nothing of the host's ever walks a folder that the code controls, and a
/// name, a link or a size that is a trick is one inside the sandbox. What comes out is what the code says it is.
extension SandboxSession {
    /// The longest file that is fetched: as Base64 it fits what a stream may hold.
    public static let maximumFetchedBytes = 6 << 20
    /// How much of a file travels in one piece of code.
    private static let pieceBytes = 2 << 20

    /// Writes files below the working folder, `/work`.
    ///
    /// - Parameter files: names, relative to the working folder, and contents.
    /// - Returns: nil when all are written; else what came of writing, of the limit `files` where the folder is full.
    /// - Throws: `SandboxError` for a name that is no relative path; `CancellationError`, which ends the session.
    public func put(_ files: [String: [UInt8]]) async throws -> SandboxResult? {
        try await put(files, beginning: "", input: nil).failure
    }

    /// Reads files below the working folder.
    ///
    /// - Parameter names: names, relative to the working folder.
    /// - Returns: the contents of those that are there, are plain files and are not longer than `maximumFetchedBytes`.
    /// - Throws: `SandboxError` for a name that is no relative path; `CancellationError`, which ends the session.
    public func fetch(_ names: [String]) async throws -> [String: [UInt8]] {
        for name in names { try SandboxProgram.validate(name) }
        var limits = SandboxLimits(wall: .seconds(20), outputBytes: Self.maximumFetchedBytes / 3 * 4)
        limits.outputKillBytes = 2 * limits.outputBytes
        var files: [String: [UInt8]] = [:]
        for name in names where isAlive && files[name] == nil {
            let code = """
                import base64, os, stat
                file = os.open(\(Self.literal("/work/" + name)), os.O_RDONLY | os.O_NONBLOCK)
                status = os.fstat(file)
                if not stat.S_ISREG(status.st_mode) or status.st_size > \(Self.maximumFetchedBytes):
                    raise OSError
                with open(file, "rb") as file:
                    text = memoryview(base64.b64encode(file.read()))
                while text:
                    text = text[os.write(1, text):]
                """
            let result = try await run(Self.aside(code), limits: limits, isProgram: false)
            // A thread that printed at the same time spoils it; nothing else is a text that decodes.
            guard result.isOK, !result.stdout.isTruncated, let bytes = Base64.decode(result.stdout.text) else {
                continue
            }
            files[name] = bytes
        }
        return files
    }

    /// Runs a whole program with the files that it needs, and takes those that it was asked for.
    func run(once program: SandboxProgram) async throws -> SandboxResult {
        for name in program.fetches { try SandboxProgram.validate(name) }
        guard !program.files.isEmpty else {
            var result = try await run(program, limits: nil, isProgram: true)
            if !program.fetches.isEmpty { result.files = try await fetch(program.fetches) }
            return result
        }
        let named = "import sys\nsys.modules['__main__'].__file__ = \(Self.literal("/work/" + program.name))\n"
        let (failure, start) = try await put(program.files, beginning: named, input: program.standardInput)
        var rest = program
        (rest.files, rest.standardInput) = ([:], nil)
        var result: SandboxResult
        if let failure { result = failure } else { result = try await run(once: rest) }
        result.timing.start = start
        result.session.cell = 1
        return result
    }

    /// Writes files; the input of the whole session comes with the first piece.
    private func put(
        _ files: [String: [UInt8]], beginning: String, input: [UInt8]?
    ) async throws -> (failure: SandboxResult?, start: Duration) {
        for name in files.keys { try SandboxProgram.validate(name) }
        var input = input
        var beginning = beginning
        var start = Duration.zero
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            var position = 0
            repeat {
                let piece = Array(bytes[position..<min(position + Self.pieceBytes, bytes.count)])
                let code = """
                    \(beginning)import base64, os
                    path = \(Self.literal("/work/" + name))
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "\(position == 0 ? "wb" : "ab")") as file:
                        file.write(base64.b64decode(\(Self.literal(Base64.encode(piece)))))
                    """
                var program = Self.aside(code)
                program.standardInput = input
                (input, beginning) = (nil, "")
                let result = try await run(program, limits: SandboxLimits(wall: .seconds(20)), isProgram: false)
                start += result.timing.start
                if !result.isOK { return (result, start) }
                position += Self.pieceBytes
            } while position < bytes.count
        }
        return (nil, start)
    }

    /// A cell that leaves no name behind.
    private static func aside(_ code: String) -> SandboxProgram {
        SandboxProgram(code: "exec(\(literal(code)), {})", name: "<files>")
    }

    /// A text as Python writes one: JSON's way is also Python's.
    private static func literal(_ text: String) -> String { JSONValue.string(text).text }
}

extension SandboxProgram {
    /// Refuses names that are no paths below the working folder.
    static func validate(_ name: String) throws(SandboxError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        guard isPlain, name.utf8.count <= 255, !name.unicodeScalars.contains("\0") else { throw .invalidFileName(name) }
    }
}
