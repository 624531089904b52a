/// A formula as a tree: what was written, before anything is computed.
indirect enum MathNode: Hashable, Sendable {
    // Numbers and what is computed with them.
    case number(Rational)
    case symbol(String)
    case pi, euler, imaginary
    case infinity
    case negated(MathNode)
    case sum(MathNode, MathNode)
    case product(MathNode, MathNode)
    case quotient(MathNode, MathNode)
    case power(MathNode, MathNode)
    case root(MathNode, degree: MathNode?)
    case function(MathFunction, MathNode)
    case logarithm(MathNode, base: MathNode)
    /// A function without a meaning, as f(x).
    case call(String, [MathNode])
    case factorial(MathNode)
    case binomial(MathNode, MathNode)
    case percent(MathNode)
    case degrees(MathNode)
    /// ± or ∓ before something.
    case plusMinus(MathNode, isInverted: Bool)

    // What is made of numbers.
    case quantity(MathNode, unit: String)
    case group(open: MathMark, [MathNode], close: MathMark)
    case set([MathNode])
    /// { x | condition }
    case builder(MathNode, MathNode)
    case reals
    case union(MathNode, MathNode)
    case intersection(MathNode, MathNode)
    case without(MathNode, MathNode)
    case matrix([[MathNode]], isDeterminant: Bool)
    case ratio([MathNode])
    case relation([MathNode], [MathMark])
    /// Several answers, and what joins them: a comma, `and` or `or`.
    case list([MathNode], MathMark)
}

extension MathNode {
    /// Several parts as a tree that is no deeper than it has to be: long sums must not take the stack.
    static func joined(_ parts: [MathNode], _ join: (MathNode, MathNode) -> MathNode) -> MathNode {
        var level = parts
        while level.count > 8 {
            level = stride(from: 0, to: level.count, by: 2).map { index in
                index + 1 < level.count ? join(level[index], level[index + 1]) : level[index]
            }
        }
        return level.dropFirst().reduce(level[0], join)
    }

    /// A product by a product.
    static func quotient(of factors: [MathNode], by divisors: [MathNode]) -> MathNode {
        let above = joined(factors) { .product($0, $1) }
        return divisors.isEmpty ? above : .quotient(above, joined(divisors) { .product($0, $1) })
    }
}
