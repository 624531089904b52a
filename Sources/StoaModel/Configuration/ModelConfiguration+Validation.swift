extension ModelConfiguration {
    /// Checks every value by itself and against the others, so that no later arithmetic on them can overflow and no
    /// later division is by zero.
    ///
    /// - Parameter path: where the configuration came from, for messages.
    /// - Returns: self.
    /// - Throws: `ModelConfigurationError` for the first value that makes no sense.
    package func validated(path: String) throws(ModelConfigurationError) -> ModelConfiguration {
        func check(_ holds: Bool, _ field: String, _ problem: @autoclosure () -> String) throws(ModelConfigurationError)
        {
            guard holds else { throw ModelConfigurationError(path: path, field: field, problem: problem()) }
        }
        func range(_ value: Int, _ limits: ClosedRange<Int>, _ field: String) throws(ModelConfigurationError) {
            try check(
                limits.contains(value), field, "expected \(limits.lowerBound) to \(limits.upperBound), found \(value)")
        }
        try range(layers, 1...4096, "layers")
        try range(width, 1...1 << 20, "width")
        try range(heads, 1...1 << 14, "attention heads")
        try range(keyValueHeads, 1...heads, "key-value heads")
        try check(
            heads.isMultiple(of: keyValueHeads), "attention heads",
            "\(heads) are no multiple of \(keyValueHeads) key-value heads")
        try range(headWidth, 2...1 << 14, "head width")
        try check(headWidth.isMultiple(of: 2), "head width", "expected an even number, found \(headWidth)")
        try range(feedForwardWidth, 1...1 << 24, "feed-forward width")
        try range(vocabularySize, 1...1 << 28, "vocabulary size")
        try range(contextLength, 1...1 << 30, "context length")
        try check(
            rmsEpsilon.isFinite && rmsEpsilon > 0 && rmsEpsilon < 1, "norm epsilon",
            "expected a number between 0 and 1, found \(rmsEpsilon)")
        try check(
            attentionScale.isFinite && attentionScale > 0, "attention scale",
            "expected a positive number, found \(attentionScale)")
        for cap in [finalSoftCap, attentionSoftCap] {
            try check(
                cap.map { $0.isFinite && $0 > 0 } ?? true, "soft cap",
                "expected a positive number, found \(cap ?? 0)")
        }
        if let slidingWindow {
            try range(slidingWindow.size, 1...1 << 30, "sliding window")
            try check(
                slidingWindow.isLocal.count == layers, "layer types",
                "expected one for each of \(layers) layers, found \(slidingWindow.isLocal.count)")
        }
        try rope.validate(headWidth: headWidth, path: path)
        return self
    }
}

extension Rope {
    fileprivate func validate(headWidth: Int, path: String) throws(ModelConfigurationError) {
        func check(_ holds: Bool, _ field: String, _ problem: @autoclosure () -> String) throws(ModelConfigurationError)
        {
            guard holds else { throw ModelConfigurationError(path: path, field: field, problem: problem()) }
        }
        try check(
            dimensions >= 0 && dimensions <= headWidth && dimensions.isMultiple(of: 2), "rotary dimensions",
            "expected an even number up to the head width \(headWidth), found \(dimensions)")
        for base in [base, localBase ?? base] {
            try check(base.isFinite && base >= 1, "rotary base", "expected a number from 1 on, found \(base)")
        }
        switch scaling {
        case .none: break
        case .linear(let factor):
            try check(
                factor.isFinite && factor > 0, "rotary scaling factor", "expected a positive number, found \(factor)")
        case .llama3(let factor, let low, let high, let original):
            try check(
                factor.isFinite && factor > 0, "rotary scaling factor", "expected a positive number, found \(factor)")
            try check(
                low.isFinite && high.isFinite && low > 0 && high > low, "rotary scaling",
                "expected 0 < low frequency factor < high frequency factor, found \(low) and \(high)")
            try check(
                (1...1 << 30).contains(original), "rotary scaling",
                "expected a positive original context length, found \(original)")
        case .factors(let factors):
            try check(
                factors.count == dimensions / 2, "rotary factors",
                "expected \(dimensions / 2), found \(factors.count)")
            try check(
                factors.allSatisfy { $0.isFinite && $0 > 0 }, "rotary factors",
                "expected positive numbers, found another")
        }
    }
}
