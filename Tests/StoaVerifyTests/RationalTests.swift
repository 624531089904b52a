import BigInt
import StoaTestKit
import StoaVerify
import Testing

/// Exact numbers: the laws of a field, and decimal expansions that are theirs.
@Suite struct RationalTests {
    static func random(_ generator: inout SplitMix) -> Rational {
        let size = [10, 1000, Int.max / 2].randomElement(using: &generator) ?? 10
        let above = BigInt(Int.random(in: -size...size, using: &generator))
        return Rational(above, over: BigInt(Int.random(in: 1...size, using: &generator))) ?? 0
    }

    @Test(arguments: 0..<100) func `sums and products follow the laws of arithmetic`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let (a, b, c) = (
            Self.random(&generator), Self.random(&generator), Self.random(&generator)
        )
        #expect(a + b == b + a)
        #expect((a + b) + c == a + (b + c))
        #expect(a * (b + c) == a * b + a * c)
        #expect(a - a == 0)
        #expect(b.isZero || (a * b).divided(by: b) == a)
        #expect(a.divided(by: 0) == nil)
        #expect((a < b) == ((b - a).isNegative == false && a != b))
        #expect(a.magnitude.isNegative == false)
        #expect(a.denominator.sign == .plus)
        #expect(a.numerator.greatestCommonDivisor(with: a.denominator) == 1)
        #expect(a.isZero || a.raised(to: -3) == Rational(1).divided(by: a * a * a))
    }

    @Test(arguments: 0..<200) func `a decimal expansion is the number to its last digit`(_ seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let value = Self.random(&generator)
        for digits in [1, 2, 15, 40] {
            let text = value.decimal(significant: digits)
            let read = try #require(NumericAnswer(text)).value
            #expect(text.filter(\.isNumber).count <= 60)
            #expect((read - value).magnitude * 2 * Rational.powerOfTen(digits - 1) <= value.magnitude)
        }
        if let exact = value.exactDecimal(places: 30) {
            #expect(NumericAnswer(exact)?.value == value)
        }
    }

    @Test(
        arguments: [
            (1, 3, "0.33333", nil), (2, 3, "0.66667", nil), (1, 8, "0.125", "0.125"), (-5, 2, "-2.5", "-2.5"),
            (999_999, 1, "1000000", "999999"), (1, 1_000_000_000, "1e-9", "0.000000001"), (0, 1, "0", "0"),
            (123_456_789, 1, "123460000", "123456789"), (99_999_500, 100, "1000000", "999995"), (1, 20, "0.05", "0.05"),
            (100, 1, "100", "100"), (999_995, 1_000_000_000_000, "0.000001", "0.000000999995"),
        ] as [(Int, Int, String, String?)])
    func `decimals are written as people write them`(_ above: Int, _ below: Int, _ rounded: String, _ exact: String?)
        throws
    {
        let value = try #require(Rational(BigInt(above), over: BigInt(below)))
        #expect(value.decimal(significant: 5) == rounded)
        #expect(value.exactDecimal(places: 12) == exact)
    }

    @Test func `very large and very small numbers have a nearest double or none`() throws {
        #expect(Rational.powerOfTen(300).doubleValue == 1e300)
        #expect(Rational.powerOfTen(-300).doubleValue == 1e-300)
        #expect(Rational.powerOfTen(400).doubleValue == nil)
        #expect(Rational.powerOfTen(-400).doubleValue == 0)
        #expect(Rational(1).divided(by: 3)?.doubleValue == 1.0 / 3)
        #expect(Rational.powerOfTen(30).decimal(significant: 3) == "1e30")
        #expect((Rational.powerOfTen(30) * 123).decimal(significant: 2) == "1.2e32")
    }
}
