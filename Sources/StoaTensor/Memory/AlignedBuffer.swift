internal import Glibc

/// A fixed run of trivial elements, 64-byte aligned, freed with its last reference.
///
/// `@unchecked Sendable`: plain memory; whoever shares it says who may write (in the engine: the lane alone, or
/// nobody once it is filled).
package final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The elements.
    package let elements: UnsafeMutableBufferPointer<Element>
    private let mappedBytes: Int

    /// Allocates `count` zeroed elements.
    ///
    /// Large buffers are mapped directly, in huge pages where the system has them, and given back whole.
    package init(count: Int) {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        if bytes >= 1 << 21 {
            let page = 1 << 21
            let rounded = (bytes + page - 1) / page * page
            let address = mmap(nil, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let address, address != MAP_FAILED else {
                preconditionFailure("out of memory: cannot map \(rounded) bytes")
            }
            madvise(address, rounded, MADV_HUGEPAGE)
            mappedBytes = rounded
            elements = UnsafeMutableBufferPointer(
                start: address.bindMemory(to: Element.self, capacity: count), count: count)
        } else {
            let address = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            memset(address, 0, bytes)
            mappedBytes = 0
            elements = UnsafeMutableBufferPointer(
                start: address.bindMemory(to: Element.self, capacity: count), count: count)
        }
    }

    deinit {
        guard let base = elements.baseAddress else { return }
        if mappedBytes > 0 {
            munmap(UnsafeMutableRawPointer(base), mappedBytes)
        } else {
            UnsafeMutableRawPointer(base).deallocate()
        }
    }

    /// The address of the first element.
    package var base: UnsafeMutablePointer<Element> {
        guard let base = elements.baseAddress else { preconditionFailure("an aligned buffer always has storage") }
        return base
    }

    /// Elements.
    package var count: Int { elements.count }
}
