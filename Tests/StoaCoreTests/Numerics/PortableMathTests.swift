import Foundation
import StoaCore
import Testing

@Suite struct PortableMathTests {
    /// The distance of two numbers in units of the last place of the second.
    func ulps(_ value: Double, _ reference: Double) -> Double { abs(value - reference) / reference.ulp }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `the exponential is within two units in the last place of the C library's`(_ seed: UInt64) {
        let stream = RandomStream(seed: seed).child("exp")
        for position in 0..<1000 as Range<UInt64> {
            let x = (stream.uniform(at: position) - 0.5) * (position % 2 == 0 ? 1416 : 20)
            #expect(ulps(PortableMath.exp(x), Foundation.exp(x)) <= 2, "x = \(x)")
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `the logarithm is within two units in the last place of the C library's`(_ seed: UInt64) {
        let stream = RandomStream(seed: seed).child("log")
        for position in 0..<1000 as Range<UInt64> {
            let u = stream.uniform(at: position)
            let x = position % 2 == 0 ? u * 2 : Foundation.exp((u - 0.5) * 1400)
            #expect(ulps(PortableMath.log(x), Foundation.log(x)) <= 2, "x = \(x)")
        }
    }

    @Test func `the ends of the range behave as those of the C library`() {
        #expect(PortableMath.exp(0) == 1)
        #expect(PortableMath.exp(-.infinity) == 0)
        #expect(PortableMath.exp(.infinity) == .infinity)
        #expect(PortableMath.exp(710) == .infinity)
        #expect(PortableMath.exp(-746) == 0)
        #expect(PortableMath.exp(-740) > 0)
        #expect(PortableMath.exp(.nan).isNaN)
        #expect(PortableMath.log(1) == 0)
        #expect(PortableMath.log(0) == -.infinity)
        #expect(PortableMath.log(.infinity) == .infinity)
        #expect(PortableMath.log(-1).isNaN)
        #expect(PortableMath.log(.nan).isNaN)
        #expect(ulps(PortableMath.log(.leastNonzeroMagnitude), Foundation.log(.leastNonzeroMagnitude)) <= 2)
    }

    // sqrt(2) erfinv(2p - 1), computed with 40 digits.
    @Test(arguments: [
        (1e-16, -8.222082216130435), (1e-09, -5.9978070150076865), (0.001, -3.0902323061678136),
        (0.02425, -1.972961051311885), (0.074, -1.4466320671589785), (0.076, -1.4325027208258116),
        (0.1, -1.2815515655446004), (0.25, -0.6744897501960817), (0.4999, -0.00025066283008800747),
        (0.7, 0.5244005127080407), (0.925, 1.4395314709384561), (0.975, 1.9599639845400538),
        (0.999999, 4.753424308817087),
    ])
    func `normal quantiles equal the published values`(_ p: Double, _ quantile: Double) {
        #expect(abs(NormalDistribution.quantile(p) - quantile) <= 4e-15 * max(1, abs(quantile)))
        #expect(NormalDistribution.quantile(0.5) == 0)
        #expect(NormalDistribution.quantile(0) == -.infinity)
        #expect(NormalDistribution.quantile(1) == .infinity)
        #expect(NormalDistribution.quantile(-1).isNaN)
    }
}
