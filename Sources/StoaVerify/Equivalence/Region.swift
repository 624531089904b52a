/// A set of real numbers, as a union of intervals in ascending order that do not touch.
struct Region: Sendable {
    /// An end of an interval; nil bounds are infinite.
    struct Interval: Sendable {
        var low: Quotient?
        var high: Quotient?
        var includesLow: Bool
        var includesHigh: Bool
    }

    private(set) var intervals: [Interval]

    static let empty = Region(sorted: [])
    static let everything = Region(sorted: [
        Interval(low: nil, high: nil, includesLow: false, includesHigh: false)
    ])

    private init(sorted intervals: [Interval]) { self.intervals = intervals }

    /// One interval; nil where its ends are not numbers in order, or hold the same number but not both include it.
    init?(_ interval: Interval, in algebra: inout Algebra) throws(AlgebraError) {
        if let low = interval.low, let high = interval.high {
            guard let order = try Self.compare(low, high, in: &algebra), order <= 0,
                order < 0 || (interval.includesLow && interval.includesHigh)
            else { return nil }
        } else {
            for end in [interval.low, interval.high] {
                guard let end else { continue }
                guard algebra.isNumeric(end) else { return nil }
            }
            guard interval.low != nil || !interval.includesLow, interval.high != nil || !interval.includesHigh else {
                return nil
            }
        }
        intervals = [interval]
    }

    /// -1, 0 or 1; nil where it is not known which of two numbers is larger.
    static func compare(_ left: Quotient, _ right: Quotient, in algebra: inout Algebra) throws(AlgebraError) -> Int? {
        if let one = left.constant, let other = right.constant { return one < other ? -1 : one == other ? 0 : 1 }
        if try algebra.areEqual(left, right) { return 0 }
        guard algebra.isNumeric(left), algebra.isNumeric(right) else { return nil }
        return try algebra.order(left, right)
    }

    // MARK: - Operations

    /// The numbers in either; nil where ends cannot be compared.
    func union(_ other: Region, in algebra: inout Algebra) throws(AlgebraError) -> Region? {
        var sorted: [Interval] = []
        for interval in intervals + other.intervals {
            var place = sorted.count
            while place > 0 {
                guard let order = try Self.compareLow(interval, sorted[place - 1], in: &algebra) else { return nil }
                if order >= 0 { break }
                place -= 1
            }
            sorted.insert(interval, at: place)
        }
        var result: [Interval] = []
        for interval in sorted {
            guard var last = result.last else {
                result.append(interval)
                continue
            }
            guard let touches = try Self.touches(last, interval, in: &algebra) else { return nil }
            guard touches else {
                result.append(interval)
                continue
            }
            guard let order = try Self.compareHigh(interval, last, in: &algebra) else { return nil }
            if order > 0 { (last.high, last.includesHigh) = (interval.high, interval.includesHigh) }
            result[result.count - 1] = last
        }
        return Region(sorted: result)
    }

    /// The numbers that are not in it.
    var complement: Region {
        var result: [Interval] = []
        var (low, includesLow): (Quotient?, Bool) = (nil, false)
        var isOpen = true
        for interval in intervals {
            if let end = interval.low {
                result.append(
                    Interval(low: low, high: end, includesLow: includesLow, includesHigh: !interval.includesLow))
            }
            (low, includesLow) = (interval.high, !interval.includesHigh)
            isOpen = interval.high != nil
        }
        if isOpen { result.append(Interval(low: low, high: nil, includesLow: includesLow, includesHigh: false)) }
        return Region(sorted: result)
    }

    /// The numbers in both.
    func intersection(_ other: Region, in algebra: inout Algebra) throws(AlgebraError) -> Region? {
        try complement.union(other.complement, in: &algebra)?.complement
    }

    func isEqual(_ other: Region, in algebra: inout Algebra) throws(AlgebraError) -> Bool {
        guard intervals.count == other.intervals.count else { return false }
        for (one, two) in zip(intervals, other.intervals) {
            guard one.includesLow == two.includesLow, one.includesHigh == two.includesHigh else { return false }
            for (left, right) in [(one.low, two.low), (one.high, two.high)] {
                switch (left, right) {
                case (nil, nil): break
                case (let left?, let right?): if try !algebra.areEqual(left, right) { return false }
                default: return false
                }
            }
        }
        return true
    }

    // MARK: - Ends

    private static func compareLow(_ left: Interval, _ right: Interval, in algebra: inout Algebra)
        throws(AlgebraError) -> Int?
    {
        switch (left.low, right.low) {
        case (nil, nil): return 0
        case (nil, _): return -1
        case (_, nil): return 1
        case (let one?, let other?):
            guard let order = try compare(one, other, in: &algebra) else { return nil }
            if order != 0 || left.includesLow == right.includesLow { return order }
            return left.includesLow ? -1 : 1
        }
    }

    private static func compareHigh(_ left: Interval, _ right: Interval, in algebra: inout Algebra)
        throws(AlgebraError) -> Int?
    {
        switch (left.high, right.high) {
        case (nil, nil): return 0
        case (nil, _): return 1
        case (_, nil): return -1
        case (let one?, let other?):
            guard let order = try compare(one, other, in: &algebra) else { return nil }
            if order != 0 || left.includesHigh == right.includesHigh { return order }
            return left.includesHigh ? 1 : -1
        }
    }

    /// Whether nothing lies between an interval and one that begins no earlier.
    private static func touches(_ first: Interval, _ second: Interval, in algebra: inout Algebra)
        throws(AlgebraError) -> Bool?
    {
        guard let end = first.high, let start = second.low else { return true }
        guard let order = try compare(start, end, in: &algebra) else { return nil }
        return order < 0 || (order == 0 && (first.includesHigh || second.includesLow))
    }
}
