/// Exponential and logarithm in plain IEEE 754 arithmetic.
///
/// The C library's versions differ in the last bit between machines and versions (it picks other code where the CPU
/// has fused multiply-adds). These use additions, multiplications and divisions in one written order, which the
/// compiler neither fuses nor reorders, so a token drawn on one machine is the token drawn on any other.
package enum PortableMath {
    // ln 2 in two parts; the upper one has 21 trailing zero bits, so that its product with an exponent is exact.
    private static let ln2High = 0x1.62e42feep-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// e to the power of x.
    ///
    /// Determinism: the same bits on every machine; within 1 unit in the last place of the exact value for normal
    /// results.
    ///
    /// - Parameter x: any number.
    /// - Returns: 0 for -inf and below the range, infinity above it, NaN for NaN.
    @inlinable
    package static func exp(_ x: Double) -> Double {
        if x.isNaN { return x }
        if x > 709.782712893384 { return .infinity }
        if x < -745.1332191019412 { return 0 }
        // Adding and subtracting 1.5 · 2⁵² rounds to the nearest integer, without a call on processors that lack the
        // instruction.
        let n = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52
        let r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33
        // Taylor to degree 13: the next term is below 2⁻⁵⁷ for |r| <= ln 2 / 2.
        var p = 1.0 / 6_227_020_800
        p = p * r + 1.0 / 479_001_600
        p = p * r + 1.0 / 39_916_800
        p = p * r + 1.0 / 3_628_800
        p = p * r + 1.0 / 362_880
        p = p * r + 1.0 / 40_320
        p = p * r + 1.0 / 5_040
        p = p * r + 1.0 / 720
        p = p * r + 1.0 / 120
        p = p * r + 1.0 / 24
        p = p * r + 1.0 / 6
        p = p * r + 0.5
        p = p * r * r + r + 1
        let exponent = Int(n)
        if exponent >= -1021 && exponent <= 1023 {
            return p * Double(bitPattern: UInt64(bitPattern: Int64(exponent + 1023)) << 52)
        }
        // At the ends of the range the scale itself is no normal number: scale in two steps.
        let half = exponent / 2
        return p * Double(bitPattern: UInt64(bitPattern: Int64(half + 1023)) << 52)
            * Double(bitPattern: UInt64(bitPattern: Int64(exponent - half + 1023)) << 52)
    }

    /// The natural logarithm of x.
    ///
    /// Determinism: the same bits on every machine; within 2 units in the last place of the exact value.
    ///
    /// - Parameter x: any number.
    /// - Returns: -infinity for 0, NaN below 0 and for NaN.
    package static func log(_ x: Double) -> Double {
        if x == 0 { return -.infinity }
        if x == .infinity { return x }
        guard x > 0 else { return .nan }
        var exponent = Double(x.exponent)
        var m = x.significand
        if m > 1.4142135623730951 {
            m *= 0.5
            exponent += 1
        }
        // log m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172: the series to s²¹ ends below 2⁻⁵⁸ of its value.
        let s = (m - 1) / (m + 1)
        let z = s * s
        var p = 2.0 / 21
        p = p * z + 2.0 / 19
        p = p * z + 2.0 / 17
        p = p * z + 2.0 / 15
        p = p * z + 2.0 / 13
        p = p * z + 2.0 / 11
        p = p * z + 2.0 / 9
        p = p * z + 2.0 / 7
        p = p * z + 2.0 / 5
        p = p * z + 2.0 / 3
        return exponent * ln2High + (2 * s + (s * z * p + exponent * ln2Low))
    }
}
