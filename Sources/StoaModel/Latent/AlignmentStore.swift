internal import StoaCore
internal import StoaTensor

/// Alignment matrices on disk, by the weights that they were made of.
///
/// What is found is checked: that it is of these weights, this ridge and this shape, and that its numbers have the digest
/// which was written down with them. Anything else counts as not there. Files are replaced in one step; a folder that
/// cannot be written only costs the computing.
///
/// Layout: 16 bytes of magic, 32 of the key, the shape as two little-endian 32-bit integers, 32 of the matrix's digest,
/// the matrix as little-endian 32-bit floats, row by row.
struct AlignmentStore {
    private static let magic = Array("stoa alignment 1".utf8)

    /// Where the files stand, made when the first one is written; nil to keep nothing.
    let folder: String?

    /// What a matrix was made of.
    struct Key {
        /// The fingerprint of the weights.
        var weights: String
        /// The ridge.
        var lambda: Double
        /// Width of hidden states.
        var inputs: Int
        /// Width of embeddings.
        var outputs: Int

        fileprivate var digest: SHA256Digest {
            SHA256Digest(hashing: "alignment \(lambda.bitPattern) \(weights)".utf8)
        }

        /// How a file begins that holds the matrix, but for the matrix's digest.
        fileprivate var head: [UInt8] {
            magic + digest.bytes + [inputs, outputs].flatMap { size in (0..<4).map { UInt8(size >> (8 * $0) & 0xFF) } }
        }
    }

    /// The file of a matrix; nil where nothing is kept.
    func path(_ key: Key) -> String? { folder.map { "\($0)/alignment-\(key.digest).bin" } }

    /// The matrix; nil where it is not there, damaged, or of something else.
    func matrix(_ key: Key) -> AlignmentMatrix? {
        guard let path = path(key), let file = try? MappedFile(path: path) else { return nil }
        let head = key.head
        let start = head.count + 32
        guard file.count == start + key.inputs * key.outputs * 4 else { return nil }
        let bytes = file.bytes(in: 0..<file.count).array
        guard bytes.starts(with: head),
            let matrix = AlignmentMatrix(bytes: bytes[start...], inputs: key.inputs, outputs: key.outputs),
            matrix.digest.bytes == Array(bytes[head.count..<start])
        else { return nil }
        return matrix
    }

    /// Keeps a matrix.
    func keep(_ matrix: AlignmentMatrix, _ key: Key) {
        guard let folder, let path = path(key) else { return }
        FileWriting.makeFolder(folder)
        // Not to keep it is no failure: the next one computes again.
        try? FileWriting.write(to: path, [key.head, Array(matrix.digest.bytes), matrix.bytes])
    }
}
