/// How the cached keys and values of a model lie in memory.
///
/// A page holds `pageRows` rows of every program slot. Within a slot, the keys of all heads come first, then the
/// values; a head's rows are contiguous. Keys are stored *before* rotation, so that a row can be moved to another
/// position, exactly and at no cost, by changing its position alone.
package struct KVLayout: Sendable, Hashable {
    /// How one number is kept.
    package enum Element: String, Sendable, Hashable {
        /// 32-bit, of the `exact` precision.
        case float32
        /// 16-bit, of the `fast` precision.
        case float16

        /// Bytes of one number.
        package var bytes: Int { self == .float32 ? 4 : 2 }
    }

    /// Rows of a page.
    package static let pageRows = 32

    /// Steps of the layer program: one per visit of a layer (E4), so a looped layer has one slot per visit.
    package let slots: Int
    /// Key and value heads of a layer.
    package let kvHeads: Int
    /// Width of a head.
    package let headDim: Int
    /// How one number is kept.
    package let element: Element

    /// Bytes between consecutive rows of one head.
    package var rowStride: Int { headDim * element.bytes }
    /// Bytes between heads.
    package var headStride: Int { rowStride * Self.pageRows }
    /// Bytes of the keys, and of the values, of one slot.
    private var planeBytes: Int { headStride * kvHeads }
    /// Bytes of a page.
    package var pageBytes: Int { planeBytes * 2 * slots }
    /// Bytes of one cached position.
    package var bytesPerRow: Int { rowStride * kvHeads * 2 * slots }

    /// Where the keys of a slot begin in a page, in bytes.
    package func keyOffset(slot: Int) -> Int { planeBytes * 2 * slot }
    /// Where the values of a slot begin in a page, in bytes.
    package func valueOffset(slot: Int) -> Int { planeBytes * (2 * slot + 1) }
}
