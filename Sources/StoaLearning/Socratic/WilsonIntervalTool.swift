internal import OrderedCollections
internal import StoaCore

/// `wilson-interval`: an accuracy with its 95 % interval.
struct WilsonIntervalTool: CurriculumTool {
    static let name = "wilson-interval"
    static let summary = "Computes an accuracy and its 95 % interval, by Wilson's score."
    static let required = ["right", "total"]
    static let arguments: JSONValue.Members = [
        "right": ToolSchema.integer("how many were right"), "total": ToolSchema.integer("how many there were"),
    ]

    func value(of arguments: ToolArguments) throws(LearningError) -> JSONValue {
        let total = try arguments.integer("total", in: 0...Int(Int32.max)) ?? 0
        let right = try arguments.integer("right", in: 0...total) ?? 0
        guard total > 0 else { return ["accuracy": .null, "low": 0, "high": 1, "text": "nothing was tried"] }
        let p = Double(right) / Double(total)
        let (low, high) = WilsonScore.interval(share: p, size: Double(total))
        func percent(_ value: Double) -> String {
            let tenths = Int((value * 1000).rounded())
            return "\(tenths / 10).\(tenths % 10)"
        }
        return [
            "accuracy": .number(p), "low": .number(low), "high": .number(high),
            "text": .string("\(percent(p)) % [\(percent(low)), \(percent(high))]"),
        ]
    }

    func line(for value: JSONValue) -> String { value["text"]?.stringValue ?? "" }
}
