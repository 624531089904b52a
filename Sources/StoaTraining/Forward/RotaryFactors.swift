internal import Glibc
internal import StoaModel
internal import StoaTensor

/// Cosines and sines by position for one rotary base: row p holds dims/2 cosines, then dims/2 sines.
///
/// Determinism: as the engine's own table: angles in double precision, rounded once.
final class RotaryFactors {
    private let frequencies: [Double]
    private(set) var factors = AlignedBuffer<Float>(count: 0)
    private var positions = 0

    init(frequencies: [Double]) { self.frequencies = frequencies }

    var dimensions: Int { frequencies.count * 2 }

    /// Makes rows for positions below `end`.
    func extend(to end: Int) {
        guard end > positions else { return }
        let half = frequencies.count
        let table = AlignedBuffer<Float>(count: end * half * 2)
        for position in 0..<end {
            let row = table.base + position * half * 2
            for (pair, frequency) in frequencies.enumerated() {
                let angle = Double(position) * frequency
                row[pair] = Float(cos(angle))
                row[half + pair] = Float(sin(angle))
            }
        }
        factors = table
        positions = end
    }
}
