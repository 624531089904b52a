import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// The alignment matrix W_a against the specification and numpy: acceptance test L4.
@Suite struct AlignmentTests {
    private static let outputs: [[Double]] = [[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 1], [0, 2, 1], [1, -1, 0]]
    private static let inputs: [[Double]] = [
        [0.5, 0.1, -0.2], [0.3, -0.4, 0.2], [-0.1, 0.6, 0.3], [0.2, 0.2, 0.2], [-0.3, 0.1, 0.5], [0.4, -0.5, 0.1],
    ]

    @Test(arguments: [1, 2, 4, 6, 1000])
    func `six rows give the matrix of the specification, to the last printed digit`(_ blocks: Int) throws {
        let matrix = try RidgeSystem(Self.outputs, Self.inputs, blocks: blocks).solution()
        let expected = [
            [0.0789473982, 0.1587715589, 0.0736840383], [-0.2289467008, 0.1745609631, 0.2263153126],
            [0.2684202749, -0.1535081420, -0.0894732101],
        ]
        #expect(largestDifference(matrix, expected) < 0.6e-10)
        let tau = Self.inputs.reduce(0) { $0 + norm($1) } / 6
        #expect(abs(tau - 0.5584273744) < 0.6e-10)
        let mapped = product([1, -2, 0.5], matrix)
        #expect(largestDifference([mapped], [[0.6710509373, -0.2671044383, -0.4236831918]]) < 0.6e-10)
        let vector = mapped.map { $0 * tau / norm(mapped) }
        #expect(largestDifference([vector], [[0.4475207003, -0.1781306882, -0.2825523193]]) < 0.6e-10)
    }

    @Test func `single precision maps as double precision does`() throws {
        let system = try RidgeSystem(Self.outputs, Self.inputs)
        let matrix = try AlignmentMatrix(solving: system)
        #expect(matrix.rows == (try system.solution()).joined().map { Float($0) })
        let mapped = [1, -2, 0.5].withUnsafeBufferPointer { matrix($0) }
        let vector = NormRescale(targetNorm: 0.5584273744)(mapped)
        #expect(largestDifference([doubles(mapped)], [[0.6710509373, -0.2671044383, -0.4236831918]]) < 1e-7)
        #expect(largestDifference([doubles(vector)], [[0.4475207003, -0.1781306882, -0.2825523193]]) < 1e-7)
        let bytes = matrix.rows.flatMap { float in (0..<4).map { UInt8(float.bitPattern >> (8 * $0) & 0xFF) } }
        #expect(matrix.digest == SHA256Digest(hashing: bytes))
    }

    @Test func `tied rows give the identity to within the ridge`() throws {
        let apart = try RidgeSystem(Self.outputs, Self.outputs).solution()
        var together = try RidgeSystem(width: 3, targets: .scaledPredictors(1))
        together.add(rows: 6, predictors: Array(Self.outputs.joined()), targets: nil)
        var scaled = try RidgeSystem(width: 3, targets: .scaledPredictors(25.25))
        scaled.add(rows: 6, predictors: Array(Self.outputs.joined()), targets: nil)
        let identity = (0..<3).map { row in (0..<3).map { row == $0 ? 1.0 : 0 } }
        let distance = largestDifference(apart, identity)
        #expect(abs(distance - 2.281e-6) < 0.6e-9)
        #expect(distance < 3.207e-6)
        #expect(largestDifference(try together.solution(), apart) < 1e-14)
        #expect(largestDifference(try scaled.solution(), apart.map { $0.map { $0 * 25.25 } }) < 1e-13)
    }

    @Test(arguments: [7, 64, 1000])
    func `random rows give numpy's least squares`(_ blocks: Int) throws {
        let goldens = try LatentGoldens()
        let system = try RidgeSystem(
            goldens.table("made_up", "outputs"), goldens.table("made_up", "inputs"), blocks: blocks)
        #expect(largestDifference(try system.solution(), try goldens.table("made_up", "solution")) < 1e-8)
        let lambda = AlignmentMatrix.usualLambda
        let solution = try system.solved(lambda: lambda)
        #expect(system.gradientResidual(of: solution, lambda: lambda) < 1e-10)
        var wrong = solution
        wrong[5] += 1e-6
        #expect(system.gradientResidual(of: wrong, lambda: lambda) > 1e-10)
    }

    @Test func `a map may lead to a space of another width`() throws {
        let targets = Self.inputs.map { [$0[0] + $0[1], $0[2], -$0[0], 2 * $0[1]] }
        let wide = try RidgeSystem(Self.outputs, targets)
        let matrix = try AlignmentMatrix(solving: wide)
        #expect((matrix.inputs, matrix.outputs) == (3, 4))
        let square = try RidgeSystem(Self.outputs, Self.inputs).solution()
        let expected = square.map { [$0[0] + $0[1], $0[2], -$0[0], 2 * $0[1]] }
        #expect(largestDifference(try wide.solution(), expected) < 1e-14)
        let mapped = [1, -2, 0.5].withUnsafeBufferPointer { matrix($0) }
        #expect(largestDifference([doubles(mapped)], [product([1, -2, 0.5], expected)]) < 1e-6)
    }

    @Test func `equations without a solution are an error that says why`() throws {
        let flat = Self.outputs.map { [$0[0], $0[1], 0] }
        let singular = #expect(throws: ModelError.self) { try RidgeSystem(flat, Self.inputs).solved(lambda: 0) }
        #expect(singular?.code == .unsolvableAlignment)
        #expect(
            singular?.message
                == "alignment matrix: the equations cannot be solved: the matrix is not positive definite at row 3")
        for value in [Double.nan, .infinity] {
            var broken = Self.outputs
            broken[2][1] = value
            let error = #expect(throws: ModelError.self) { try RidgeSystem(broken, Self.inputs).solved(lambda: 1e-5) }
            #expect(error?.code == .unsolvableAlignment)
        }
        var targets = Self.inputs
        targets[0][0] = .infinity
        let error = #expect(throws: ModelError.self) { try RidgeSystem(Self.outputs, targets).solved(lambda: 1e-5) }
        #expect(error?.message == "alignment matrix: the equations cannot be solved: the solution is not finite")
    }

    @Test func `an untied model's matrix is numpy's, in either file format`() async throws {
        let goldens = try LatentGoldens()
        for usesGGUF in [false, true] {
            let model = try await TinyModel(name: "llama3-rope", usesGGUF: usesGGUF).load()
            let expected = try goldens.table("untied", "solution")
            #expect(largestDifference(try await model.alignmentSystem().solution(), expected) < 1e-8)
            #expect(try await model.alignment().rows == expected.joined().map { Float($0) })
            #expect(abs(Double(await model.meanEmbeddingNorm) - (try goldens.number("untied", "tau"))) < 1e-6)
        }
    }

    @Test(arguments: ["llama", "gemma3", "gemma3-scaled"])
    func `a tied model's matrix is the scaled identity to within the ridge`(_ name: String) async throws {
        let tiny = TinyModel(name: name, usesGGUF: false)
        let system = try await tiny.load().alignmentSystem()
        let scale = Double(try ModelWeights(path: tiny.path).configuration.embeddingScale)
        let rows = try effectiveEmbedding(tiny.path).map { $0.map { $0 / scale } }
        let apart = try RidgeSystem(rows, rows.map { $0.map { $0 * scale } }).solution()
        #expect(largestDifference(try system.solution(), apart) < 1e-9)
        for (row, found) in try system.solution().enumerated() { #expect(abs(found[row] / scale - 1) < 1e-2) }
    }

    @Test func `the bits do not depend on threads`() async throws {
        let tiny = TinyModel(name: "qwen2", usesGGUF: false)
        let one = try await tiny.load { $0.threads = 1 }.alignment()
        let three = try await tiny.load { $0.threads = 3 }.alignment()
        #expect(one == three)
    }
}
