public import CStoaKernels
import StoaTestKit
public import Testing

/// All kernel suites.
///
/// Serialized, since the selected instruction set belongs to the process.
@Suite(.serialized) struct Kernels {}

extension stk_isa: @retroactive CustomTestStringConvertible {
    /// "scalar", "avx2", "avx512" or "neon".
    public var testDescription: String { String(cString: stk_isa_name(self)) }

    /// Those that this processor can run.
    static let available = [STK_ISA_SCALAR, STK_ISA_AVX2, STK_ISA_AVX512, STK_ISA_NEON].filter {
        stk_isa_available($0) != 0
    }

    /// Runs `body` on this path, and goes back to the one before.
    func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        let before = stk_isa_current()
        #expect(stk_isa_select(self) == 1)
        defer { _ = stk_isa_select(before) }
        return try body()
    }
}

/// Owns a team of workers.
final class Workers {
    let pool: OpaquePointer

    init(_ threads: Int32) throws { pool = try #require(stk_pool_create(threads)) }
    deinit { stk_pool_destroy(pool) }
}

/// Memory aligned as packed weights are.
final class AlignedBytes {
    let start: UnsafeMutableRawPointer
    let count: Int

    init(_ count: Int) {
        self.count = count
        start = .allocate(byteCount: max(count, 64), alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: 0xA5, count: max(count, 64))
    }
    deinit { start.deallocate() }
}

extension SplitMix {
    /// Roughly normal.
    mutating func float(scale: Float = 1) -> Float {
        var sum: Float = 0
        for _ in 0..<4 { sum += Float(next() >> 40) * 0x1p-24 - 0.5 }
        return sum * 1.7 * scale
    }

    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in float(scale: scale) } }

    /// Also what is hard: infinities, NaN, signed zeros, subnormals, large numbers.
    mutating func anyFloats(_ count: Int) -> [Float] {
        let hard: [Float] = [
            0, -0.0, .infinity, -.infinity, .nan, Float(bitPattern: 70_000), 3e38, -1e30, 65519, 65520, 88, -88, 104,
            0.625,
        ]
        return (0..<count).map { _ in next() % 3 == 0 ? hard[Int(next() % UInt64(hard.count))] : float(scale: 4) }
    }
}

/// The bits, all NaN being one.
func bits(_ floats: [Float]) -> [UInt32] { floats.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }

extension UnsafeBufferPointer {
    /// Of a buffer that is not empty.
    var start: UnsafePointer<Element> {
        guard let baseAddress else { preconditionFailure("an empty buffer has no start") }
        return baseAddress
    }
}

extension UnsafeMutableBufferPointer {
    /// Of a buffer that is not empty.
    var start: UnsafeMutablePointer<Element> {
        guard let baseAddress else { preconditionFailure("an empty buffer has no start") }
        return baseAddress
    }
}
