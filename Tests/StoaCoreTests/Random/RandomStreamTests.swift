import Foundation
import StoaCore
import Testing

@Suite struct RandomStreamTests {
    @Test func `streams keep their values for ever`() {
        // Computed once by an independent program (hashlib and the paper's rounds): a change here breaks the replay of every journal.
        let stream = RandomStream(seed: 7).child("solver-2").child(3)
        #expect(stream.description == "29e180ea3ad4332a40cd4fcadc7c4980")
        #expect(
            (0..<3).map { stream.word(at: $0) }
                == [0x45e7dee07d03b912, 0xa680c797309d12f7, 0x600ebb38a6a4c8c7])
    }

    @Test func `paths that differ name streams that differ`() {
        let root = RandomStream(seed: 7)
        let streams = [
            root, RandomStream(seed: 8), root.child("a"), root.child("b"), root.child("a").child("b"),
            root.child("ab"), root.child("b").child("a"), root.child(""), root.child(3), root.child("3"),
            root.child(-3), root.child("a\u{0}"), root.child("\u{e9}"), root.child("e\u{301}"),
        ]
        #expect(Set(streams).count == streams.count)
        #expect(Set(streams.map { $0.word(at: 0) }).count == streams.count)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `reading is free of order and of history`(_ seed: UInt64) {
        let stream = RandomStream(seed: seed)
        let forward = (0..<50).map { stream.word(at: $0) }
        let backward = (0..<50).reversed().map { RandomStream(seed: seed).word(at: $0) }
        #expect(forward == backward.reversed())
        #expect(Set(forward).count == 50)
    }

    @Test func `far positions are reached at once and differ from near ones`() {
        let stream = RandomStream(seed: 1)
        let positions: [UInt64] = [0, 1, 1 << 31, 1 << 32, 1 << 33, 1 << 63, .max]
        #expect(Set(positions.map { stream.word(at: $0) }).count == positions.count)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `uniform numbers fill the interval evenly`(_ seed: UInt64) {
        let stream = RandomStream(seed: seed).child("uniform")
        let draws = (0..<20_000).map { stream.uniform(at: $0) }
        #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
        var cells = [Int](repeating: 0, count: 100)
        for draw in draws { cells[Int(draw * 100)] += 1 }
        // 99 degrees of freedom: 173 is exceeded once in 200,000 times.
        #expect(chiSquare(cells, expected: [Double](repeating: 200, count: 100)) < 173)
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `integers below a bound are even and never reach it`(_ bound: Int) {
        let stream = RandomStream(seed: 5).child(bound)
        var cells = [Int](repeating: 0, count: bound)
        for position in 0..<UInt64(bound * 200) { cells[stream.integer(at: position, below: bound)] += 1 }
        #expect(chiSquare(cells, expected: [Double](repeating: 200, count: bound)) < 173)
    }

    @Test func `normal deviates have the moments of the normal distribution`() {
        let stream = RandomStream(seed: 11).child("normal")
        let draws = (0..<100_000).map { stream.normal(at: $0) }
        let moments = (1...4).map { power in
            draws.reduce(0) { sum, draw in sum + (0..<power).reduce(1) { product, _ in product * draw } } / 100_000
        }
        // Five standard errors each.
        #expect(abs(moments[0]) < 5 * 0.0032)
        #expect(abs(moments[1] - 1) < 5 * 0.0045)
        #expect(abs(moments[2]) < 5 * 0.0123)
        #expect(abs(moments[3] - 3) < 5 * 0.031)
    }

    @Test func `Gumbel deviates have the mean and the variance of the Gumbel distribution`() {
        let stream = RandomStream(seed: 12).child("gumbel")
        let draws = (0..<100_000).map { stream.gumbel(at: $0) }
        let mean = draws.reduce(0, +) / 100_000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
        #expect(abs(mean - 0.5772156649015329) < 0.021)
        #expect(abs(variance - 1.6449340668482264) < 0.06)
    }

    @Test func `a stream survives its text and its coded form`() throws {
        let stream = RandomStream(seed: .max).child("x").child(9)
        #expect(RandomStream(stream.description) == stream)
        #expect(RandomStream("12") == nil)
        #expect(RandomStream(String(repeating: "G", count: 32)) == nil)
        #expect(RandomStream("+" + String(repeating: "0", count: 31)) == nil)
        let data = try JSONEncoder().encode([stream])
        #expect(try JSONDecoder().decode([RandomStream].self, from: data) == [stream])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([RandomStream].self, from: Data("[\"0\"]".utf8))
        }
    }
}

@Suite struct SeedPathTests {
    let path = SeedPath(seed: .max).child("solver-2").child(3)

    @Test func `a path names the stream of its steps`() {
        #expect(path.stream == RandomStream(seed: .max).child("solver-2").child(3))
        #expect(path.description == "18446744073709551615/solver-2/3")
    }

    @Test func `the coded form keeps large seeds and tells names from numbers`() throws {
        let data = try JSONEncoder().encode(path)
        #expect(String(decoding: data, as: UTF8.self) == #"["18446744073709551615","solver-2",3]"#)
        #expect(try JSONDecoder().decode(SeedPath.self, from: data) == path)
        let digits = SeedPath(seed: 1).child("3")
        let again = try JSONDecoder().decode(SeedPath.self, from: JSONEncoder().encode(digits))
        #expect(again == digits)
        #expect(again != SeedPath(seed: 1).child(3))
    }
}

/// Pearson's statistic of observed counts.
func chiSquare(_ observed: [Int], expected: [Double]) -> Double {
    zip(observed, expected).reduce(0) { $0 + ($1.1 > 0 ? (Double($1.0) - $1.1) * (Double($1.0) - $1.1) / $1.1 : 0) }
}
