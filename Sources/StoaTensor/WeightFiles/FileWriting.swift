internal import Glibc

/// Writes whole files so that a reader sees either the old file or the complete new one.
package enum FileWriting {
    /// Writes the chunks, one behind the other, to a file beside the target and renames it into place.
    ///
    /// - Parameters:
    ///   - path: the target; its folder must exist.
    ///   - chunks: the content.
    /// - Throws: `WeightFileError` with the system's reason; nothing is left behind.
    package static func write(to path: String, _ chunks: some Sequence<[UInt8]>) throws(WeightFileError) {
        let partial = "\(path).partial-\(getpid())"
        func failure(_ step: String) -> WeightFileError {
            let reason = systemMessage(errno)
            unlink(partial)
            return WeightFileError(
                .unreadable, path: path, subject: "weight file", problem: "cannot be \(step): \(reason)")
        }
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("created") }
        for chunk in chunks {
            guard writeAll(chunk, to: descriptor) else {
                defer { close(descriptor) }
                throw failure("written")
            }
        }
        guard fsync(descriptor) == 0 else {
            defer { close(descriptor) }
            throw failure("written")
        }
        guard close(descriptor) == 0, rename(partial, path) == 0 else { throw failure("written") }
    }

    /// Makes a folder and those above it; that it is there already is no failure, and neither is any other.
    ///
    /// - Parameter path: the folder.
    package static func makeFolder(_ path: String) {
        guard mkdir(path, 0o755) != 0, errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex
        else { return }
        makeFolder(String(path[..<slash]))
        mkdir(path, 0o755)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let written = Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return false }
                offset += written
            }
            return true
        }
    }
}

extension [UInt8] {
    /// Appends an integer, little-endian.
    mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends floats as their little-endian bytes.
    mutating func append(floats: [Float]) {
        reserveCapacity(count + floats.count * 4)
        #if _endian(little)
        floats.withUnsafeBytes { append(contentsOf: $0) }
        #else
        for float in floats { append(littleEndian: float.bitPattern) }
        #endif
    }
}

/// A tensor that waits to be written.
struct PendingTensor {
    let name: String
    let type: ElementType
    let shape: [Int]
    let bytes: [UInt8]

    /// Checks that the bytes are what the shape needs.
    init(
        name: String, type: ElementType, shape: [Int], bytes: [UInt8], format: String
    ) throws(WeightFileError) {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            count = overflow || dimension < 0 ? -1 : product
            if count < 0 { break }
        }
        let needed = (shape.last ?? 1).isMultiple(of: type.blockElements) ? type.byteCount(elements: count) : nil
        guard let needed, needed == bytes.count else {
            throw WeightFileError(
                .mismatch, path: "in memory", subject: "\(format) tensor \(name.quoted)",
                problem:
                    "shape \(shape) of \(type.name) needs \(needed.map(String.init) ?? "whole blocks in each row"), "
                    + "got \(bytes.count) bytes")
        }
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }
}
