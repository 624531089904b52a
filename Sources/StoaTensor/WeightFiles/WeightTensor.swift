internal import CStoaKernels

/// One tensor of a weight file: a name, a shape, and bytes that stay in the mapping.
package struct WeightTensor: Sendable {
    /// The file's own name for it.
    package let name: String
    package let elementType: ElementType
    /// The shape, row-major.
    ///
    /// `shape[0]` is rows (outputs), the last entry is contiguous; GGUF's reversed dimensions are turned.
    package let shape: [Int]
    /// The stored bytes.
    package let bytes: FileBytes
    /// `GGUF` or `safetensors`, for messages.
    package let format: String

    init(name: String, elementType: ElementType, shape: [Int], bytes: FileBytes, format: String) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.bytes = bytes
        self.format = format
    }

    /// Number of elements.
    ///
    /// The product was checked against the file when the tensor was found.
    package var elementCount: Int { shape.reduce(1, *) }
    /// Width of a row: the contiguous dimension; 1 for a scalar.
    package var columns: Int { shape.last ?? 1 }
    /// Number of rows; 1 for a vector.
    package var rows: Int { columns == 0 ? 0 : elementCount / columns }
    /// Bytes of a row.
    ///
    /// Rows are whole numbers of blocks.
    package var rowBytes: Int { rows == 0 ? 0 : bytes.count / rows }

    /// Expands the whole tensor.
    ///
    /// Shape: `shape`, row-major f32. Equal bit for bit to the reference dequantisation of each block.
    ///
    /// - Returns: all elements as floats.
    package func dequantised() -> [Float] {
        Array(unsafeUninitializedCapacity: elementCount) { buffer, count in
            dequantiseRows(0..<rows, into: buffer)
            count = elementCount
        }
    }

    /// Expands some rows.
    ///
    /// - Parameters:
    ///   - range: rows, inside `0..<rows`.
    ///   - output: at least `range.count * columns` floats; `[range.count, columns]` row-major is written.
    package func dequantiseRows(_ range: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the tensor")
        precondition(output.count >= range.count * columns, "output shorter than the rows")
        guard !range.isEmpty, let target = output.baseAddress else { return }
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            stk_dequantise(
                elementType.kernelType, start + range.lowerBound * rowBytes, target, range.count * columns)
        }
    }

    /// Checks the shape.
    ///
    /// - Parameter expected: rows first.
    /// - Throws: `WeightFileError` that names the tensor, the expected and the found shape.
    package func requireShape(_ expected: [Int]) throws(WeightFileError) {
        guard shape == expected else {
            throw WeightFileError(
                .mismatch, path: bytes.file.path, subject: "\(format) tensor \(name.quoted)",
                problem: "expected shape \(expected), file has \(shape)")
        }
    }
}
