extension TemplateString {
    /// The number of Unicode scalars.
    package var scalarCount: Int {
        var count = 0
        for byte in utf8 where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The scalars with the provenance of each.
    package var scalars: [(scalar: Unicode.Scalar, isTrusted: Bool)] {
        var result: [(scalar: Unicode.Scalar, isTrusted: Bool)] = []
        result.reserveCapacity(utf8.count)
        var start = 0
        for run in stretches {
            for scalar in String(decoding: utf8[start..<run.end], as: UTF8.self).unicodeScalars {
                result.append((scalar, run.isTrusted))
            }
            start = run.end
        }
        return result
    }

    /// The offset in bytes of the scalar numbered `index`; the end for any index past it.
    package func offset(ofScalar index: Int) -> Int {
        var remaining = index
        var offset = 0
        while offset < utf8.count {
            if utf8[offset] & 0xC0 != 0x80 {
                if remaining == 0 { return offset }
                remaining -= 1
            }
            offset += 1
        }
        return offset
    }

    /// The number of scalars before the byte at `offset`.
    package func scalarIndex(ofByte offset: Int) -> Int {
        var count = 0
        for byte in utf8[..<offset] where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The offsets at which scalars start, and the end.
    package var scalarOffsets: [Int] {
        var offsets: [Int] = []
        offsets.reserveCapacity(utf8.count + 1)
        for (offset, byte) in utf8.enumerated() where byte & 0xC0 != 0x80 { offsets.append(offset) }
        offsets.append(utf8.count)
        return offsets
    }

    /// The scalar that starts at `offset`, and the offset after it.
    package func scalar(at offset: Int) -> (scalar: Unicode.Scalar, next: Int) {
        var end = offset + 1
        while end < utf8.count, utf8[end] & 0xC0 == 0x80 { end += 1 }
        let scalar = String(decoding: utf8[offset..<end], as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
        return (scalar, end)
    }

    /// The scalar that ends before `offset`, and its start.
    package func scalar(before offset: Int) -> (scalar: Unicode.Scalar, start: Int) {
        var start = offset - 1
        while start > 0, utf8[start] & 0xC0 == 0x80 { start -= 1 }
        return (scalar(at: start).scalar, start)
    }

    /// The text without the scalars that satisfy `isDropped` at its ends.
    package func trimmed(
        leading: Bool, trailing: Bool, _ isDropped: (Unicode.Scalar) -> Bool
    ) -> TemplateString {
        var start = 0
        var end = utf8.count
        while leading, start < end {
            let (scalar, next) = scalar(at: start)
            guard isDropped(scalar) else { break }
            start = next
        }
        while trailing, end > start {
            let (scalar, before) = scalar(before: end)
            guard isDropped(scalar) else { break }
            end = before
        }
        return start == 0 && end == utf8.count ? self : slice(start..<end)
    }

    /// The text with every scalar replaced by its mapping, provenance kept scalar by scalar.
    package func mapped(_ transform: (Unicode.Scalar) -> String) -> TemplateString {
        var result = TemplateString()
        for (scalar, isTrusted) in scalars { result.append(transform(scalar), isTrusted: isTrusted) }
        result.isMarkup = isMarkup
        return result
    }

    /// The offset in bytes of the first occurrence of `needle` that lies within `range`, or nil.
    ///
    /// Complexity: linear in both (Knuth, Morris, Pratt), so hostile texts cannot make it quadratic.
    package func firstOffset(of needle: TemplateString, in range: Range<Int>) -> Int? {
        let pattern = needle.utf8
        if pattern.isEmpty { return range.lowerBound }
        guard pattern.count <= range.count else { return nil }
        var searcher = SubstringSearch(pattern)
        return searcher.next(in: utf8, range: range)
    }

    /// The offsets in bytes of all occurrences that do not overlap, at most `limit`.
    package func offsets(of needle: TemplateString, limit: Int) -> [Int] {
        guard !needle.isEmpty, limit > 0, needle.utf8.count <= utf8.count else { return [] }
        var searcher = SubstringSearch(needle.utf8)
        var start = 0
        var found: [Int] = []
        while found.count < limit, let offset = searcher.next(in: utf8, range: start..<utf8.count) {
            found.append(offset)
            start = offset + needle.utf8.count
        }
        return found
    }

    /// The offset in bytes of the last occurrence of `needle` within `range`, or nil.
    package func lastOffset(of needle: TemplateString, in range: Range<Int>) -> Int? {
        if needle.isEmpty { return range.upperBound }
        var reversed = SubstringSearch(needle.utf8.reversed())
        guard needle.utf8.count <= range.count else { return nil }
        let bytes = Array(utf8[range].reversed())
        guard let offset = reversed.next(in: bytes, range: 0..<bytes.count) else { return nil }
        return range.upperBound - offset - needle.utf8.count
    }
}

/// A search for one pattern, with its failure table made once.
package struct SubstringSearch {
    private let pattern: [UInt8]
    private let failure: [Int]

    package init(_ pattern: some Sequence<UInt8>) {
        let pattern = Array(pattern)
        var failure = [Int](repeating: 0, count: pattern.count)
        var length = 0
        var index = 1
        while index < pattern.count {
            while length > 0, pattern[index] != pattern[length] { length = failure[length - 1] }
            if pattern[index] == pattern[length] { length += 1 }
            failure[index] = length
            index += 1
        }
        self.pattern = pattern
        self.failure = failure
    }

    package mutating func next(in bytes: [UInt8], range: Range<Int>) -> Int? {
        var matched = 0
        var index = range.lowerBound
        while index < range.upperBound {
            while matched > 0, bytes[index] != pattern[matched] { matched = failure[matched - 1] }
            if bytes[index] == pattern[matched] { matched += 1 }
            index += 1
            if matched == pattern.count { return index - matched }
        }
        return nil
    }
}
