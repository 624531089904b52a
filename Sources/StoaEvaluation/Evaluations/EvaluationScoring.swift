internal import OrderedCollections
public import StoaCore

/// How answers are scored: what a playbook's `evaluate` says.
///
///     evaluate:
///       verifier: equivalent
///       confidence: verdict.score
public struct EvaluationScoring: Sendable, Hashable {
    /// The verifier where nobody names one.
    public static let defaultVerifier = "equivalent"

    /// The verifier that compares an answer with the right one.
    public var verifier: String
    /// Where a run says how sure it is: a step's id and a member of its value, as in `verdict.score`; nil for nowhere.
    public var confidence: [String]?

    /// Creates a scoring.
    ///
    /// - Parameters:
    ///   - verifier: the verifier that compares an answer with the right one.
    ///   - confidence: where a run says how sure it is.
    public init(verifier: String = defaultVerifier, confidence: [String]? = nil) {
        self.verifier = verifier
        self.confidence = confidence
    }

    /// Reads a playbook's `evaluate`.
    ///
    /// - Parameters:
    ///   - playbook: the resolved playbook.
    ///   - verifier: what replaces its verifier; nil leaves it.
    ///   - known: the verifiers there are.
    /// - Throws: `EvaluationError` for an unknown key or verifier.
    public init(of playbook: JSONValue, verifier: String?, known: [String]) throws(EvaluationError) {
        let members = playbook["evaluate"]?.objectValue ?? [:]
        let name = playbook["name"]?.stringValue ?? ""
        if let key = members.keys.first(where: { !["verifier", "confidence"].contains($0) }) {
            throw EvaluationError(
                .unsuitablePlaybook, "playbook '\(name)': 'evaluate' has no key '\(key)'",
                hint: "known keys: verifier, confidence")
        }
        let chosen = verifier ?? members["verifier"]?.stringValue ?? Self.defaultVerifier
        guard known.contains(chosen) else {
            throw EvaluationError(
                .unknownVerifier, kind: verifier == nil ? .badInput : .usage, "there is no verifier '\(chosen)'",
                hint: "there is \(known.joined(separator: ", "))")
        }
        self.verifier = chosen
        confidence = nil
        if let place = members["confidence"] {
            let path = place.stringValue?.split(separator: ".", omittingEmptySubsequences: false).map(String.init) ?? []
            guard path.count >= 2, !path.contains("") else {
                throw EvaluationError(
                    .unsuitablePlaybook,
                    "playbook '\(name)': 'evaluate.confidence' must be a step and a member of its value",
                    hint: "as in verdict.score")
            }
            confidence = path
        }
    }

    /// `{verifier, confidence}`.
    var document: JSONValue {
        [
            "verifier": .string(verifier),
            "confidence": confidence.map { .string($0.joined(separator: ".")) } ?? .null,
        ]
    }

    /// Reads the document.
    init(document: JSONValue?) {
        verifier = document?["verifier"]?.stringValue ?? Self.defaultVerifier
        confidence = document?["confidence"]?.stringValue?.split(separator: ".").map(String.init)
    }
}
