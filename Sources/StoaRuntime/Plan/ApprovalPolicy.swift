public import OrderedCollections
internal import StoaCore

extension PlanTool.Approval: Comparable {
    /// Whether the first leaves more to the machine than the second.
    public static func < (first: PlanTool.Approval, second: PlanTool.Approval) -> Bool {
        first.strictness < second.strictness
    }

    private var strictness: Int {
        switch self {
        case .auto: 0
        case .ask: 1
        case .deny: 2
        }
    }
}

/// Who decides on the calls of which tools, by patterns of their names.
///
/// In a pattern `*` stands for any characters, none included. Of several patterns that fit a name, the one with the most other
/// characters counts, and of those with as many the strictest: the order in which they are written says nothing.
public struct ApprovalPolicy: Sendable, Hashable {
    /// The patterns and what they say.
    public private(set) var rules: OrderedDictionary<String, PlanTool.Approval>

    /// Creates a policy.
    ///
    /// - Parameter rules: patterns, and what they say.
    public init(_ rules: OrderedDictionary<String, PlanTool.Approval> = [:]) { self.rules = rules }

    /// Reads `pattern=approval, …`, or the same as a JSON object; nil for anything else.
    ///
    /// - Parameter text: the text.
    public init?(text: String) {
        rules = [:]
        if let members = (try? JSONParser.parse(text))?.objectValue {
            for (pattern, value) in members {
                guard let approval = value.stringValue.flatMap(PlanTool.Approval.init(rawValue:)) else { return nil }
                rules[pattern] = approval
            }
            return
        }
        for entry in text.split(separator: ",") {
            let parts = entry.split(separator: "=", omittingEmptySubsequences: false).map {
                String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }
            guard parts.count == 2, !parts[0].isEmpty, let approval = PlanTool.Approval(rawValue: parts[1]) else {
                return nil
            }
            rules[parts[0]] = approval
        }
    }

    /// What the policy says of a tool; `auto` where nothing fits.
    ///
    /// - Parameter name: the tool's name.
    /// - Returns: who decides on its calls.
    public func approval(of name: String) -> PlanTool.Approval {
        let fitting = rules.filter { Self.fits(name, $0.key) }
        let most = fitting.keys.map(Self.weight).max()
        return fitting.filter { Self.weight($0.key) == most }.values.max() ?? .auto
    }

    private static func weight(_ pattern: String) -> Int { pattern.unicodeScalars.count { $0 != "*" } }

    /// Whether a name fits a pattern.
    ///
    /// Complexity: at most the product of both lengths.
    private static func fits(_ name: String, _ pattern: String) -> Bool {
        let name = Array(name.unicodeScalars)
        let pattern = Array(pattern.unicodeScalars)
        var position = 0
        var index = 0
        // Where the last star was, and what it stands for so far.
        var star: (pattern: Int, name: Int)?
        while position < name.count {
            if index < pattern.count, pattern[index] == "*" {
                star = (index, position)
                index += 1
            } else if index < pattern.count, pattern[index] == name[position] {
                index += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                index = last.pattern + 1
                position = last.name + 1
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == "*" }
    }
}
