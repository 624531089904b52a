package import CStoaKernels

/// How the numbers of a tensor are stored.
///
/// Raw values are GGUF's type numbers.
package enum ElementType: UInt32, Sendable, Hashable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2K = 10
    case q3K = 11
    case q4K = 12
    case q5K = 13
    case q6K = 14
    case bf16 = 30

    /// The usual spelling, for example `Q4_K`.
    package var name: String { Self.name(ofNumber: rawValue) }
    /// The kernels' name for it.
    package var kernelType: stk_type { stk_type(rawValue: rawValue) }
    /// Elements that share a block: 1, 32 or 256.
    package var blockElements: Int { stk_type_block_elements(Int32(rawValue)) }
    /// Bytes of a block.
    package var blockBytes: Int { stk_type_block_bytes(Int32(rawValue)) }
    /// Average bits of an element, scales included.
    package var bitsPerElement: Double { Double(blockBytes * 8) / Double(blockElements) }
    /// Whether elements are plain numbers without blocks.
    package var isFloat: Bool { blockElements == 1 }

    /// Bytes of `elements` elements; nil where they are no whole number of blocks or do not fit an integer.
    package func byteCount(elements: Int) -> Int? {
        guard elements >= 0, elements.isMultiple(of: blockElements) else { return nil }
        let (bytes, overflow) = (elements / blockElements).multipliedReportingOverflow(by: blockBytes)
        return overflow ? nil : bytes
    }

    /// The name of a GGUF type number, also of those that are not supported.
    package static func name(ofNumber number: UInt32) -> String {
        switch number {
        case 0: "F32"
        case 1: "F16"
        case 2: "Q4_0"
        case 3: "Q4_1"
        case 6: "Q5_0"
        case 7: "Q5_1"
        case 8: "Q8_0"
        case 9: "Q8_1"
        case 10: "Q2_K"
        case 11: "Q3_K"
        case 12: "Q4_K"
        case 13: "Q5_K"
        case 14: "Q6_K"
        case 15: "Q8_K"
        case 16: "IQ2_XXS"
        case 17: "IQ2_XS"
        case 18: "IQ3_XXS"
        case 19: "IQ1_S"
        case 20: "IQ4_NL"
        case 21: "IQ3_S"
        case 22: "IQ2_S"
        case 23: "IQ4_XS"
        case 24: "I8"
        case 25: "I16"
        case 26: "I32"
        case 27: "I64"
        case 28: "F64"
        case 29: "IQ1_M"
        case 30: "BF16"
        case 34: "TQ1_0"
        case 35: "TQ2_0"
        case 39: "MXFP4"
        default: "number \(number)"
        }
    }
}
