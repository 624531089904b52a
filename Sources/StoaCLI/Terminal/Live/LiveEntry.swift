internal import StoaCore
internal import StoaRuntime

/// Something that is over and is told once, above what is under way.
enum LiveEntry: Sendable {
    /// A run begins.
    case title(playbook: String, seed: UInt64, run: RunID, resumed: Bool)
    /// What the run was given.
    case parameter(name: String, value: String)
    /// A piece of work ended.
    case work(LiveActivity, usage: Usage, duration: Duration, isRecorded: Bool)
    /// A piece of work was given up by whoever did it.
    case restart(EffectKey?, reason: String, attempt: Int)
    /// A choice, a condition or the end of a loop.
    case decision(EffectKey?, String)
    /// A limit was reached.
    case limit(LimitReached)
    /// The run stopped before its end, or failed.
    case end(RunStatus)
}

extension LiveEntry {
    /// What became of a piece of work, besides what was said: a verdict or a tool's result; nil for words.
    static func result(_ message: Message?) -> (text: String, isGood: Bool)? {
        guard let message else { return nil }
        let payload = message.payload
        switch message.kind {
        case .verdict:
            let passed = payload["passed"]?.boolValue ?? false
            let answer = payload["answer"]?.stringValue.map { " \($0)" } ?? ""
            let evidence = payload["evidence"]?.stringValue.map { ": \($0)" } ?? ""
            let refusal = payload["decided"] == false ? "cannot judge" : "rejects"
            return ((passed ? "accepts" : refusal) + answer + evidence, passed)
        case .toolResult:
            let name = payload["tool"]?.stringValue ?? payload["name"]?.stringValue
            let prefix = name.map { "\($0) " } ?? ""
            let status = payload["status"]?.stringValue ?? "ok"
            let value = payload["value"].flatMap { $0 == .null ? nil : $0.plainText }
            let output = payload["output"]?.stringValue ?? ""
            guard status == "ok" else { return ("\(prefix)\(status)\(output.isEmpty ? "" : ": \(output)")", false) }
            return ("\(prefix)→ \(value ?? output)", true)
        case .text, .latent, .toolCall, .problem, .reward, .control: return nil
        }
    }
}

extension JSONValue {
    /// A string as it is, anything else as JSON.
    var plainText: String { stringValue ?? text }
}
