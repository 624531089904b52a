/// What bounds the texts that are compared; `AlgebraLimits` bounds the work on them.
enum EquivalenceLimits {
    /// The longest answer that is read as a formula, in bytes: a large matrix.
    static let textBytes = 4000
    /// The most entries of a list, a tuple, a set or a matrix, and the most sides of a relation.
    static let items = 400
    /// The most signs ± in one answer, each of which doubles it.
    static let alternatives = 4
}
