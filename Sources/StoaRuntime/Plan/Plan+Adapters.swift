internal import OrderedCollections
public import StoaCore

extension Plan {
    /// The adapters that the playbook names by something else than a digest, such as a path, each once.
    ///
    /// A run needs digests: whoever begins one looks these up and calls `replacingAdapters`.
    public var namedAdapters: [String] {
        var names: OrderedSet<String> = []
        _ = AdapterNames.replacing(in: document) { name in
            names.append(name)
            return nil
        }
        return Array(names)
    }

    /// The plan with adapters named by their digests.
    ///
    /// - Parameters:
    ///   - adapters: the adapters by what the playbook calls them; others stay as they are.
    ///   - environment: the names that the playbook can use without defining them.
    /// - Returns: the plan, its document changed as well.
    /// - Throws: every problem that was found, as `init(document:environment:)` does.
    public func replacingAdapters(
        _ adapters: [String: AdapterReference], environment: PlanEnvironment
    ) throws(PlanProblems) -> Plan {
        let replaced = AdapterNames.replacing(in: document) { adapters[$0]?.description }
        return try Plan(document: replaced, environment: environment)
    }
}

/// The places of a playbook's document that name adapters.
enum AdapterNames {
    /// The keys of steps that hold steps.
    private static let blocks = ["parallel", "do", "repeat", "then", "else"]

    /// The document with names replaced.
    ///
    /// - Parameters:
    ///   - document: a playbook's document.
    ///   - replacement: given each name that is written down and is no digest; nil to leave it as it is.
    /// - Returns: the document.
    static func replacing(in document: JSONValue, _ replacement: (String) -> String?) -> JSONValue {
        guard case .object(var members) = document else { return document }
        if case .object(let agents)? = members["agents"] {
            members["agents"] = .object(agents.mapValues { replaced($0, ["adapter"], replacement) })
        }
        members["steps"] = members["steps"].map { steps($0, replacement) }
        return .object(members)
    }

    private static func steps(_ value: JSONValue, _ replacement: (String) -> String?) -> JSONValue {
        switch value {
        // Branches are lists of lists.
        case .array(let elements): return .array(elements.map { steps($0, replacement) })
        case .object(let step):
            let keys = step[TrainVerb.keyword] == nil ? ["adapter"] : TrainVerb.adapterKeys
            guard case .object(var members) = replaced(value, keys, replacement) else { return value }
            for key in blocks where members[key] != nil {
                members[key] = members[key].map { steps($0, replacement) }
            }
            return .object(members)
        default: return value
        }
    }

    private static func replaced(
        _ value: JSONValue, _ keys: [String], _ replacement: (String) -> String?
    ) -> JSONValue {
        guard case .object(var members) = value else { return value }
        for key in keys {
            guard let name = members[key]?.stringValue, isName(name), let digest = replacement(name) else { continue }
            members[key] = .string(digest)
        }
        return .object(members)
    }

    /// Whether a text names an adapter that has to be looked up: not nothing, no digest, and nothing to render.
    private static func isName(_ text: String) -> Bool {
        let plain = text.trimmed
        return !plain.isEmpty && AdapterReference(plain) == nil
            && !["{{", "{%", "{#"].contains { plain.contains($0) }
    }
}
