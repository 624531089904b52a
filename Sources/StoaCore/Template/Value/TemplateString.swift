/// Text that knows where each part of it came from.
///
/// Indices and lengths that templates see count Unicode scalars, as Python's do. Provenance takes no part in equality.
public struct TemplateString: Sendable {
    /// A stretch of one provenance, by its end in bytes.
    package struct Run: Sendable {
        var end: Int
        var isTrusted: Bool
    }

    /// The text as UTF-8; always valid.
    package private(set) var utf8: [UInt8]
    /// The provenance of the whole where `runs` is empty.
    private var isUniformlyTrusted: Bool
    /// The stretches, where provenance is mixed.
    private var runs: [Run]
    /// Whether the text was marked as already escaped (`|safe`), which makes `+` escape what joins it.
    package var isMarkup = false

    /// Creates a text of one provenance.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - isTrusted: whether control tokens may be read in it.
    public init(_ text: String, isTrusted: Bool = false) {
        utf8 = Array(text.utf8)
        isUniformlyTrusted = isTrusted
        runs = []
    }

    /// Creates an empty text.
    package init() {
        utf8 = []
        isUniformlyTrusted = true
        runs = []
    }

    /// Creates a text from valid UTF-8.
    package init(utf8: [UInt8], isTrusted: Bool) {
        self.utf8 = utf8
        isUniformlyTrusted = isTrusted
        runs = []
    }

    /// The text without its provenance.
    public var text: String { String(decoding: utf8, as: UTF8.self) }
    /// Whether there is no text.
    public var isEmpty: Bool { utf8.isEmpty }
    /// Whether all of the text is trusted.
    public var isTrusted: Bool { runs.isEmpty ? isUniformlyTrusted : runs.allSatisfy(\.isTrusted) }

    /// The text in stretches of one provenance.
    public var segments: [TemplateSegment] {
        var start = 0
        var result: [TemplateSegment] = []
        for run in stretches where run.end > start {
            result.append(
                TemplateSegment(
                    text: String(decoding: utf8[start..<run.end], as: UTF8.self), isTrusted: run.isTrusted))
            start = run.end
        }
        return result
    }

    /// The stretches of provenance, in order, covering the text.
    package var stretches: [Run] { runs.isEmpty ? [Run(end: utf8.count, isTrusted: isUniformlyTrusted)] : runs }

    /// The provenance of the byte at `offset`.
    package func isTrusted(at offset: Int) -> Bool {
        if runs.isEmpty { return isUniformlyTrusted }
        var low = 0
        var high = runs.count - 1
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end > offset { high = middle } else { low = middle + 1 }
        }
        return runs[low].isTrusted
    }

    /// Adds bytes of one provenance at the end.
    package mutating func append(_ bytes: some Collection<UInt8>, isTrusted: Bool) {
        guard !bytes.isEmpty else { return }
        if utf8.isEmpty {
            isUniformlyTrusted = isTrusted
            runs = []
        } else if runs.isEmpty {
            if isUniformlyTrusted != isTrusted {
                runs = [
                    Run(end: utf8.count, isTrusted: isUniformlyTrusted),
                    Run(end: utf8.count + bytes.count, isTrusted: isTrusted),
                ]
            }
        } else if runs[runs.count - 1].isTrusted == isTrusted {
            runs[runs.count - 1].end += bytes.count
        } else {
            runs.append(Run(end: utf8.count + bytes.count, isTrusted: isTrusted))
        }
        utf8.append(contentsOf: bytes)
    }

    /// Adds another text, provenance kept.
    package mutating func append(_ other: TemplateString) {
        guard !other.runs.isEmpty else { return append(other.utf8, isTrusted: other.isUniformlyTrusted) }
        append(other, range: 0..<other.utf8.count)
    }

    /// Adds a part of another text, given in bytes, provenance kept.
    package mutating func append(_ other: TemplateString, range: Range<Int>) {
        if other.runs.isEmpty { return append(other.utf8[range], isTrusted: other.isUniformlyTrusted) }
        var start = range.lowerBound
        for run in other.runs where run.end > start {
            let end = min(run.end, range.upperBound)
            if end > start { append(other.utf8[start..<end], isTrusted: run.isTrusted) }
            start = end
            if start >= range.upperBound { break }
        }
    }

    /// Adds one scalar.
    package mutating func append(_ scalar: Unicode.Scalar, isTrusted: Bool) {
        append(Array(String(scalar).utf8), isTrusted: isTrusted)
    }

    /// Adds text made by the evaluator itself.
    package mutating func append(_ text: String, isTrusted: Bool) {
        append(text.utf8, isTrusted: isTrusted)
    }

    /// The part in a range of bytes, whose bounds lie between scalars.
    package func slice(_ range: Range<Int>) -> TemplateString {
        var result = TemplateString()
        if range.isEmpty { result.isUniformlyTrusted = isUniformlyTrusted }
        result.append(self, range: range)
        result.isMarkup = isMarkup
        return result
    }

    /// The same text, all of it untrusted.
    package var untrusted: TemplateString {
        var result = TemplateString(utf8: utf8, isTrusted: false)
        result.isMarkup = isMarkup
        return result
    }

    /// The same text, flagged as markup or not.
    package func markup(_ flag: Bool) -> TemplateString {
        var result = self
        result.isMarkup = flag
        return result
    }
}

extension TemplateString: Hashable {
    /// Whether both are the same scalars.
    public static func == (left: TemplateString, right: TemplateString) -> Bool { left.utf8 == right.utf8 }
    /// Feeds the scalars.
    public func hash(into hasher: inout Hasher) { hasher.combine(utf8) }
}
