internal import OrderedCollections
package import StoaCore

/// Where two documents differ first.
package enum JSONDifference {
    /// The first difference: in the members that matter most, then in the order of the members' names.
    ///
    /// - Parameters:
    ///   - recorded: one document.
    ///   - replayed: the other.
    ///   - members: the members to look at before all others.
    /// - Returns: the place, as in `content.items[2].text`, and what either side has there; nil for equal documents.
    package static func first(
        _ recorded: JSONValue, _ replayed: JSONValue, before members: [String] = []
    ) -> (path: String, recorded: JSONValue?, replayed: JSONValue?)? {
        for member in members {
            if let found = difference(recorded[member], replayed[member], member) { return found }
        }
        return difference(recorded, replayed, "")
    }

    private static func difference(
        _ left: JSONValue?, _ right: JSONValue?, _ path: String
    ) -> (path: String, recorded: JSONValue?, replayed: JSONValue?)? {
        if areEqual(left, right) { return nil }
        switch (left, right) {
        case (.object(let first)?, .object(let second)?):
            for key in Set(first.keys).union(second.keys).sorted() {
                let place = path.isEmpty ? key : "\(path).\(key)"
                if let found = difference(first[key], second[key], place) { return found }
            }
            return nil
        case (.array(let first)?, .array(let second)?):
            for index in 0..<max(first.count, second.count) {
                let found = difference(
                    index < first.count ? first[index] : nil, index < second.count ? second[index] : nil,
                    "\(path)[\(index)]")
                if let found { return found }
            }
            return nil
        default:
            return (path, left, right)
        }
    }

    /// Equality whatever the order of members: the usual case, and quick.
    private static func areEqual(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (.object(let first)?, .object(let second)?):
            first.count == second.count
                && first.allSatisfy { key, value in second[key].map { areEqual(value, $0) } ?? false }
        case (.array(let first)?, .array(let second)?):
            first.count == second.count && zip(first, second).allSatisfy { areEqual($0, $1) }
        case (.string(let first)?, .string(let second)?): first.utf8.elementsEqual(second.utf8)
        case (nil, nil): true
        case (let first?, let second?):
            // Canonical texts, so that 1 and 1.0 are the same number here as in the chain of hashes.
            first == second || first.canonicalText == second.canonicalText
        default: false
        }
    }
}
