internal import Glibc

/// A regular file, mapped read-only for as long as this object lives.
///
/// The length is what `fstat` said at opening. A file that another process truncates afterwards makes the kernel raise
/// SIGBUS on the missing pages; no reader of mapped files can turn that into an error, so weight files must be replaced
/// by renaming, never shortened in place.
package final class MappedFile: @unchecked Sendable {  // The mapping is never written and only unmapped by deinit.
    /// What the file was when it was opened: equal identities mean that a cached fingerprint still holds.
    package struct Identity: Sendable, Hashable {
        package let size: Int
        package let modifiedSeconds: Int
        package let modifiedNanoseconds: Int
        package let device: UInt64
        package let inode: UInt64
    }

    /// How a range is about to be used.
    package enum Advice: Sendable {
        /// Read it ahead.
        case willNeed
        /// It will be read once, in order.
        case sequential
        /// Its pages may leave this process's resident memory; reading them again brings them back.
        case dontNeed
    }

    /// The path as it was given.
    package let path: String
    package let identity: Identity
    private let base: UnsafeRawPointer

    /// Length in bytes, at least 1.
    package var count: Int { identity.size }

    /// Maps a file.
    ///
    /// - Parameter path: a regular, non-empty file.
    /// - Throws: `WeightFileError` that says whether the file is missing, unreadable, empty or not a file.
    package init(path: String) throws(WeightFileError) {
        func failure(_ problem: String, hint: String? = nil) -> WeightFileError {
            WeightFileError(.unreadable, path: path, subject: "weight file", problem: problem, hint: hint)
        }
        // Without O_NONBLOCK, opening a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw failure("no such file")
            case EACCES, EPERM: throw failure("not readable", hint: "check the permissions of the file and its folders")
            default: throw failure("cannot be opened: \(systemMessage(errno))")
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("cannot be examined: \(systemMessage(errno))") }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw failure("expected a file, found a folder")
        default: throw failure("expected a regular file, found a device or pipe")
        }
        guard status.st_size > 0 else { throw failure("the file is empty") }
        guard let pointer = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), pointer != MAP_FAILED
        else { throw failure("cannot be mapped: \(systemMessage(errno))") }
        self.path = path
        self.base = UnsafeRawPointer(pointer)
        self.identity = Identity(
            size: Int(status.st_size), modifiedSeconds: Int(status.st_mtim.tv_sec),
            modifiedNanoseconds: Int(status.st_mtim.tv_nsec), device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino))
    }

    /// Whether a path leads to a folder.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: base), identity.size) }

    /// Calls `body` with the bytes of a range, which stay valid during the call.
    ///
    /// - Parameters:
    ///   - range: inside `0..<count`; anything else is a programmer's error, since readers check before.
    ///   - body: reads the bytes and lets no pointer escape.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    package func withBytes<Result, Failure: Error>(
        in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the mapped file")
        defer { withExtendedLifetime(self) {} }
        return try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    /// The bytes of a range as a value that keeps the mapping alive.
    package func bytes(in range: Range<Int>) -> FileBytes { FileBytes(file: self, range: range) }

    /// Tells the kernel how the pages that touch `range` will be used.
    ///
    /// A hint: failure changes nothing but speed.
    package func advise(_ advice: Advice, range: Range<Int>) {
        let clamped = range.clamped(to: 0..<count)
        guard !clamped.isEmpty else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = clamped.lowerBound / page * page
        let code =
            switch advice {
            case .willNeed: MADV_WILLNEED
            case .sequential: MADV_SEQUENTIAL
            case .dontNeed: MADV_DONTNEED
            }
        // Whole pages are dropped even where a neighbour shares them: the mapping is clean, so it is read again.
        madvise(UnsafeMutableRawPointer(mutating: base + start), clamped.upperBound - start, code)
    }
}

/// A range of a mapped file, as a value that keeps the mapping alive.
package struct FileBytes: Sendable {
    /// The file that the bytes lie in.
    package let file: MappedFile
    /// Where they lie in it.
    package let range: Range<Int>

    init(file: MappedFile, range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= file.count, "range outside the mapped file")
        self.file = file
        self.range = range
    }

    /// Number of bytes.
    package var count: Int { range.count }

    /// Calls `body` with the bytes, which stay valid during the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes(in: range, body)
    }

    /// A part of these bytes, counted from their start.
    package func slice(_ part: Range<Int>) -> FileBytes {
        precondition(part.lowerBound >= 0 && part.upperBound <= count, "range outside the bytes")
        return FileBytes(file: file, range: range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }

    /// A copy.
    package var array: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Tells the kernel how these bytes will be used.
    package func advise(_ advice: MappedFile.Advice) { file.advise(advice, range: range) }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
