/// What texts there may be, as a network of places that bytes lead through.
///
/// A rule may go through another one, or through itself, and comes back afterwards: what makes a stack of the way there.
struct Grammar: Sendable {
    /// A place.
    enum Node: Sendable {
        /// A byte of a range leads on.
        case byte(UInt8, UInt8, Int32)
        /// Any of several places is as good as this one.
        case split([Int32])
        /// A rule comes first.
        case call(rule: Int32, next: Int32)
        /// A rule comes first, several times; `most` is negative for any number.
        case loop(rule: Int32, least: Int32, most: Int32, next: Int32)
        /// The rule ends.
        case end
    }

    /// The places; those that a place leads to within its rule come before it.
    private(set) var nodes: [Node] = [.end]
    /// Where each rule begins; the first is the whole text.
    private(set) var starts: [Int32]
    /// Whether a rule can contain itself.
    private(set) var isRecursive: [Bool] = []

    /// Builds a grammar.
    ///
    /// - Parameter rules: the rules that patterns refer to by their index; the first is the whole text.
    /// - Throws: `ConstraintError` for one that is too large.
    init(rules: [GrammarPattern]) throws(ConstraintError) {
        starts = Array(repeating: 0, count: rules.count)
        for (index, rule) in rules.enumerated() { starts[index] = try emit(rule, next: 0) }
        findRecursion()
    }

    private mutating func add(_ node: Node) throws(ConstraintError) -> Int32 {
        guard nodes.count < GrammarLimits.nodes else { throw ConstraintError.tooLarge }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    private mutating func emit(_ pattern: GrammarPattern, next: Int32) throws(ConstraintError) -> Int32 {
        switch pattern {
        case .byte(let low, let high): return try add(.byte(low, high, next))
        case .sequence(let parts):
            var place = next
            for part in parts.reversed() { place = try emit(part, next: place) }
            return place
        case .choice(let parts):
            var places: [Int32] = []
            for part in parts { places.append(try emit(part, next: next)) }
            return places.count == 1 ? places[0] : try add(.split(places))
        case .rule(let rule): return try add(.call(rule: Int32(rule), next: next))
        case .loop(let body, let least, let most):
            if let most, most < least { return try add(.split([])) }
            if most == 0 { return next }
            if (least, most) == (1, 1) { return try emit(body, next: next) }
            var rule: Int32
            if case .rule(let index) = body {
                rule = Int32(index)
            } else {
                let start = try emit(body, next: 0)
                rule = Int32(starts.count)
                starts.append(start)
            }
            let bounds = (Int32(clamping: least), most.map { Int32(clamping: $0) } ?? -1)
            return try add(.loop(rule: rule, least: bounds.0, most: bounds.1, next: next))
        }
    }

    /// Finds the rules that lead back to themselves.
    private mutating func findRecursion() {
        var targets = Array(repeating: Set<Int32>(), count: starts.count)
        for (rule, start) in starts.enumerated() {
            var (open, seen) = ([start], Set([start]))
            while let place = open.popLast() {
                let following: [Int32]
                switch nodes[Int(place)] {
                case .byte(_, _, let next): following = [next]
                case .split(let places): following = places
                case .call(let target, let next), .loop(let target, _, _, let next):
                    targets[rule].insert(target)
                    following = [next]
                case .end: following = []
                }
                for next in following where seen.insert(next).inserted { open.append(next) }
            }
        }
        isRecursive = starts.indices.map { rule in
            var (open, seen) = (Array(targets[rule]), targets[rule])
            while let other = open.popLast() {
                for next in targets[Int(other)] where seen.insert(next).inserted { open.append(next) }
            }
            return seen.contains(Int32(rule))
        }
    }

    /// The class of each byte: bytes of one class lead the same way everywhere.
    func byteClasses() -> (classes: [UInt8], representatives: [UInt8]) {
        var begins = Array(repeating: false, count: 257)
        begins[0] = true
        for case .byte(let low, let high, _) in nodes {
            begins[Int(low)] = true
            begins[Int(high) + 1] = true
        }
        var (classes, representatives): ([UInt8], [UInt8]) = ([], [])
        for byte in 0..<256 {
            if begins[byte] { representatives.append(UInt8(byte)) }
            classes.append(UInt8(representatives.count - 1))
        }
        return (classes, representatives)
    }
}
