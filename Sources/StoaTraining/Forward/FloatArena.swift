internal import StoaTensor

/// One run of memory that many buffers share: large buffers are mapped in whole pages of two megabytes, and a pass needs
/// hundreds that are a little larger or smaller than one.
final class FloatArena {
    private let memory: AlignedBuffer<Float>
    private var used = 0

    /// A part of an arena, valid as long as its owner holds the arena.
    struct Slice {
        let base: UnsafeMutablePointer<Float>
    }

    /// Makes room for buffers of the given sizes.
    init(_ counts: [Int]) { memory = AlignedBuffer(count: counts.reduce(0) { $0 + Self.rounded($1) }) }

    /// The next buffer, 64-byte aligned.
    func take(_ count: Int) -> Slice {
        defer { used += Self.rounded(count) }
        precondition(used + Self.rounded(count) <= memory.count, "an arena gives what it was made for")
        return Slice(base: memory.base + used)
    }

    private static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
