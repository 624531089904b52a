import CStoaKernels
import StoaCore
import StoaTensor
import Testing

@Suite(.serialized) struct OpenBLASTests {
    @Test func `products equal the definition`() throws {
        let blas = try OpenBLAS.open(threads: 2)
        let stream = (0..<400).map { Double(($0 * 7919) % 101) / 50 - 1 }
        let (m, n, k) = (5, 7, 9)
        let a = Array(stream[..<(m * k)])
        let b = Array(stream[100..<100 + k * n])
        var c = [Double](repeating: 0, count: m * n)
        blas.dgemm(101, 111, 111, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b, Int32(n), 0, &c, Int32(n))
        for row in 0..<m {
            for column in 0..<n {
                let expected = (0..<k).reduce(0.0) { $0 + a[row * k + $1] * b[$1 * n + column] }
                #expect(abs(c[row * n + column] - expected) < 1e-12)
            }
        }
    }

    @Test func `a positive definite system is solved`() throws {
        let blas = try OpenBLAS.open(threads: 2)
        var matrix: [Double] = [4, 1, 0, 1, 3, 1, 0, 1, 2]
        let solution: [Double] = [1, -2, 3]
        var right = (0..<3).map { row in (0..<3).reduce(0.0) { $0 + matrix[row * 3 + $1] * solution[$1] } }
        var (n, columns, info): (Int32, Int32, Int32) = (3, 1, -1)
        blas.dposv("L", &n, &columns, &matrix, &n, &right, &n, &info)
        #expect(info == 0)
        for (found, expected) in zip(right, solution) { #expect(abs(found - expected) < 1e-12) }
    }

    @Test func `the core type fits the processor`() throws {
        let blas = try OpenBLAS.open(threads: 2)
        #expect(!blas.configuration.isEmpty)
        #if arch(x86_64)
        let expected = stk_isa_available(STK_ISA_AVX512) != 0 ? "SkylakeX" : "Haswell"
        #expect(blas.core == expected)
        #endif
    }
}
