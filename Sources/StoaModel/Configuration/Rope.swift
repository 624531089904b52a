internal import Glibc

/// Rotary positions: which angles a head turns by.
package struct Rope: Sendable, Hashable {
    /// Elements of a head that are rotated, from the first on; even, 0 for none.
    package var dimensions: Int
    /// Base of the angles (theta).
    package var base: Double
    /// Base of local layers, where it differs (gemma3).
    ///
    /// Local layers are never scaled.
    package var localBase: Double?
    package var scaling: Scaling

    /// How positions were stretched beyond what the model first learnt.
    package enum Scaling: Sendable, Hashable {
        case none
        /// Every frequency divided by `factor`.
        case linear(factor: Double)
        /// Low frequencies divided by `factor`, high ones kept, a ramp between.
        case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Int)
        /// Frequency i divided by `factors[i]`: what GGUF files carry as `rope_freqs.weight`.
        case factors([Float])
    }

    package init(dimensions: Int, base: Double, localBase: Double? = nil, scaling: Scaling = .none) {
        self.dimensions = dimensions
        self.base = base
        self.localBase = localBase
        self.scaling = scaling
    }

    /// The angle in radians that each pair turns by per position.
    ///
    /// Shape: `[dimensions / 2]`. Computed in double precision.
    /// Source: arXiv:2104.09864 §3.4.2; the llama3 ramp as in the configuration of Llama 3.1.
    ///
    /// - Parameter isLocal: whether for a layer with a sliding window.
    /// - Returns: one angle for each pair.
    package func inverseFrequencies(isLocal: Bool) -> [Double] {
        let base = isLocal ? localBase ?? base : base
        let plain = (0..<dimensions / 2).map { pow(base, -2 * Double($0) / Double(dimensions)) }
        if isLocal, localBase != nil { return plain }
        switch scaling {
        case .none: return plain
        case .linear(let factor): return plain.map { $0 / factor }
        case .factors(let factors): return zip(plain, factors).map { $0 / Double($1) }
        case .llama3(let factor, let low, let high, let original):
            return plain.map { frequency in
                let turns = Double(original) * frequency / (2 * .pi)
                if turns < low { return frequency / factor }
                if turns > high { return frequency }
                let blend = (turns - low) / (high - low)
                return (1 - blend) * frequency / factor + blend * frequency
            }
        }
    }
}
