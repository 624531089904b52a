internal import OrderedCollections

extension TemplateEvaluator {
    /// Not inlined, like the other leaves of the recursion: their frames would add to every level of it.
    @inline(never)
    func compare(
        _ operation: ExpressionNode.Comparison, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch operation {
        case .equal: try areEqual(left, right)
        case .notEqual: !(try areEqual(left, right))
        case .isIn: try contains(right, left)
        case .isNotIn: !(try contains(right, left))
        case .less: try isOrdered(left, right, "<")
        case .greater: try isOrdered(right, left, ">")
        case .lessOrEqual: try isOrdered(left, right, "<=", orEqual: true)
        case .greaterOrEqual: try isOrdered(right, left, ">=", orEqual: true)
        }
    }

    /// Python's `left == right`.
    func areEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        try charge()
        if let first = left.number, let second = right.number {
            return first.isEqual(to: second)
        }
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.string(let first), .string(let second)):
            try charge(min(first.utf8.count, second.utf8.count) / 32)
            return first == second
        case (.object(let first), .object(let second)): return first == second
        case (.dictionary(let first), .dictionary(let second)):
            guard first.count == second.count else { return false }
            for (key, value) in first.members {
                guard let other = second[key], try areEqual(value, other) else { return false }
            }
            return true
        case (.sequence(let first), .sequence(let second)): return try areEqual(first, second)
        default: return false
        }
    }

    private func areEqual(_ first: TemplateSequence, _ second: TemplateSequence) throws(TemplateError) -> Bool {
        switch (first.kind, second.kind) {
        case (.list, .list), (.range, .range): break
        case (.keys, .keys), (.items, .items): return try areSameSet(first.elements, second.elements)
        default: guard first.kind.isTuple && second.kind.isTuple else { return false }
        }
        guard first.elements.count == second.elements.count else { return false }
        for (one, other) in zip(first.elements, second.elements) where !(try areEqual(one, other)) { return false }
        return true
    }

    private func areSameSet(_ first: [TemplateValue], _ second: [TemplateValue]) throws(TemplateError) -> Bool {
        guard first.count == second.count else { return false }
        for element in first where !(try contains(second, element)) { return false }
        return true
    }

    /// Python's `left < right`, or `<=`; `symbol` is the operator as written, for the message.
    private func isOrdered(
        _ left: TemplateValue, _ right: TemplateValue, _ symbol: String, orEqual: Bool = false
    ) throws(TemplateError) -> Bool {
        try charge()
        if let first = left.number, let second = right.number {
            return first.isLess(than: second) || orEqual && first.isEqual(to: second)
        }
        switch (left, right) {
        case (.undefined(let undefined), _), (_, .undefined(let undefined)): throw failure(undefined)
        case (.string(let first), .string(let second)):
            try charge(min(first.utf8.count, second.utf8.count) / 32)
            // UTF-8 orders as code points do.
            if first == second { return orEqual }
            return first.utf8.lexicographicallyPrecedes(second.utf8)
        case (.sequence(let first), .sequence(let second))
        where first.kind.isList && second.kind.isList || first.kind.isTuple && second.kind.isTuple:
            for (one, other) in zip(first.elements, second.elements) where !(try areEqual(one, other)) {
                return try isOrdered(one, other, symbol, orEqual: orEqual)
            }
            let (count, other) = (first.elements.count, second.elements.count)
            return orEqual ? count <= other : count < other
        default:
            let isReversed = symbol.hasPrefix(">")
            let (first, second) = isReversed ? (right, left) : (left, right)
            throw failure("'\(symbol)' not supported between '\(first.typeName)' and '\(second.typeName)'")
        }
    }

    func isLess(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        try isOrdered(left, right, "<")
    }

    private func contains(_ elements: [TemplateValue], _ value: TemplateValue) throws(TemplateError) -> Bool {
        for element in elements where try areEqual(element, value) { return true }
        return false
    }

    /// Python's `value in container`.
    func contains(_ container: TemplateValue, _ value: TemplateValue) throws(TemplateError) -> Bool {
        switch container {
        case .undefined: return false
        case .string(let text):
            guard case .string(let needle) = value else {
                throw failure("'in <string>' requires string as left operand, not \(value.typeName)")
            }
            try charge(bytes: text.utf8.count)
            return text.firstOffset(of: needle, in: 0..<text.utf8.count) != nil
        case .dictionary(let dictionary):
            return dictionary[try key(of: value)] != nil
        case .sequence(let sequence): return try contains(sequence.elements, value)
        default: throw failure("argument of type '\(container.typeName)' is not iterable")
        }
    }

    /// The elements in ascending order of their keys; equal ones keep their order.
    func sorted(
        _ elements: [TemplateValue], keys: [TemplateValue], isReversed: Bool
    ) throws(TemplateError) -> [TemplateValue] {
        var order = Array(elements.indices)
        var scratch = order
        var width = 1
        while width < order.count {
            var start = 0
            while start < order.count {
                let middle = min(start + width, order.count)
                let end = min(start + 2 * width, order.count)
                var left = start
                var right = middle
                for position in start..<end {
                    var takesRight = left == middle
                    if !takesRight, right < end {
                        let (first, second) = (keys[order[left]], keys[order[right]])
                        takesRight = isReversed ? try isLess(first, second) : try isLess(second, first)
                    }
                    scratch[position] = order[takesRight ? right : left]
                    if takesRight { right += 1 } else { left += 1 }
                }
                start = end
            }
            swap(&order, &scratch)
            width *= 2
        }
        return order.map { elements[$0] }
    }
}
