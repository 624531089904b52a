public import StoaCore

/// An effect that failed, as it stands in the journal: the same error live and replayed.
public struct EffectFailure: StoaError, Hashable {
    /// The class of the failure.
    public var kind: FailureKind
    /// What failed, on what, expected and found.
    public var message: String
    /// What to do next.
    public var hint: String?

    init(kind: FailureKind, message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    /// The journal's form of any error.
    init(_ error: any Error) {
        if let error = error as? any StoaError {
            self.init(kind: error.kind, message: error.message, hint: error.hint)
        } else {
            self.init(kind: .failure, message: "\(error)")
        }
    }

    /// Whether starting the agent again may help: not where what it was given is wrong.
    var isTransient: Bool {
        switch kind {
        case .failure, .unreachable, .timeout: true
        case .usage, .badInput, .budget, .divergence, .noSandbox: false
        }
    }

    var document: JSONValue {
        var content = Content()
        content.set("kind", .string(kind.rawValue))
        content.set("message", .string(message))
        content.set("hint", hint.map { .string($0) })
        return .object(content.document)
    }

    init?(document: JSONValue?) {
        guard let kind = document?["kind"]?.stringValue.flatMap(FailureKind.init(rawValue:)),
            let message = document?["message"]?.stringValue
        else { return nil }
        self.init(kind: kind, message: message, hint: document?["hint"]?.stringValue)
    }
}

/// How an effect ended.
///
/// All of these are values that the journal keeps.
enum EffectOutcome<Value: Sendable>: Sendable {
    case value(Value)
    case failed(EffectFailure)
    /// A budget of time was used up, so that the effect was not begun.
    case limit(LimitReached)
}

extension LimitReached {
    init?(document: JSONValue?) {
        guard let document, let limit = document["limit"]?.stringValue, let scope = document["scope"]?.stringValue,
            let allowed = document["allowed"]?.doubleValue, let spent = document["spent"]?.doubleValue
        else { return nil }
        self.init(limit: limit, allowed: allowed, spent: spent, scope: scope)
    }
}
