/// What all gradients are multiplied by so that their norm stays below a bound.
///
/// Source: `clip_grad_norm_` of torch: bound / (norm + 1e-6), at most 1.
struct GradientClipping {
    /// The bound; nil for none.
    let maximumNorm: Double?

    func factor(norm: Double) -> Double {
        guard let maximumNorm else { return 1 }
        return min(1, maximumNorm / (norm + 1e-6))
    }
}
