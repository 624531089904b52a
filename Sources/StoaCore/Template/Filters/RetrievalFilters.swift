internal import OrderedCollections

/// Filters that find what is like something: our own, not Jinja's.
enum RetrievalFilters {
    static let all: [String: TemplateFilters.Filter] = ["nearest": nearest]

    /// The elements of a list that share most words with a text, the nearest first: `exemplars|nearest(question, 2)`.
    ///
    /// `attribute` names what is compared of each element; without it, it is the element's text. Words are runs of letters and
    /// digits, whatever their case. A word counts the more the fewer elements have it, each once, and shared words are
    /// weighed against the words of both sides: the cosine of two sets with weights. Of equals the earlier comes first, so
    /// a list in which nothing is like the text keeps its order.
    ///
    /// Complexity: linear in the texts, and n log n in the elements.
    @Sendable static func nearest(
        _ evaluator: TemplateEvaluator, _ value: TemplateValue, _ arguments: TemplateArguments
    ) throws(TemplateError) -> TemplateValue {
        let values = try evaluator.bind(arguments, to: "nearest", ["text", "count", "attribute"], required: 1)
        let count = try evaluator.integer(values[1] ?? .integer(1), "the count of nearest")
        guard count >= 0 else { throw evaluator.failure("the count of nearest must not be negative, got \(count)") }
        let path = try TemplatePath(values[2], evaluator)
        let elements = try evaluator.elements(of: value)
        let wanted = try words(of: values[0] ?? .null, evaluator)
        var sets: [OrderedSet<String>] = []
        var elementsWith: [String: Int] = [:]
        for element in elements {
            let set = try words(of: try path.value(in: element, evaluator), evaluator)
            for word in set { elementsWith[word, default: 0] += 1 }
            sets.append(set)
        }
        func weight(_ word: String) -> Double {
            let ratio = (Double(elements.count) + 1) / (Double(elementsWith[word] ?? 0) + 0.5)
            return PortableMath.log(1 + ratio)
        }
        func squares(_ set: OrderedSet<String>) -> Double {
            set.reduce(0) { sum, word in
                let weight = weight(word)
                return sum + weight * weight
            }
        }
        let whole = squares(wanted)
        let scores = sets.map { set in
            let shared = squares(wanted.filter { set.contains($0) })
            return shared == 0 ? 0 : shared / (whole * squares(set)).squareRoot()
        }
        try evaluator.charge(elements: elements.count)
        let order = elements.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
        return try evaluator.list(order.prefix(count).map { elements[$0] })
    }

    private static func words(
        of value: TemplateValue, _ evaluator: TemplateEvaluator
    ) throws(TemplateError) -> OrderedSet<String> {
        let text = try TextFilters.paidText(evaluator, value).text
        // Every character is looked up, which is dearer than passing over it.
        try evaluator.charge(text.utf8.count / 2)
        var words: OrderedSet<String> = []
        var word = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if PythonText.isLetter(scalar) || scalar.properties.numericType != nil {
                word.append(scalar)
            } else if !word.isEmpty {
                words.append(String(word).lowercased())
                word = String.UnicodeScalarView()
            }
        }
        if !word.isEmpty { words.append(String(word).lowercased()) }
        return words
    }
}
