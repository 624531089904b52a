internal import OrderedCollections
public import StoaCore

/// Families of word problems, with the words that they share: the programmatic teacher's knowledge.
public struct FamilyLibrary: Sendable {
    /// The families, in the order of their names.
    public let families: [ProblemFamily]
    /// The shared words.
    public let words: ProblemWords

    /// Reads a library.
    ///
    /// - Parameter documents: an array, or an object by file names, of families' documents and one of shared words, which
    ///   is the one with `lists`.
    /// - Throws: `LearningError.invalidFamily` that names file, family and field.
    public init(documents: JSONValue) throws(LearningError) {
        let named: [(file: String?, document: JSONValue)]
        switch documents {
        case .array(let elements): named = elements.map { (nil, $0) }
        case .object(let members): named = members.map { ($0.key, $0.value) }
        default:
            throw LearningError(
                .invalidFamily, "families: expected a list of documents, found \(documents.text.prefix(40))")
        }
        let shared = named.filter { $0.document["lists"] != nil }
        guard shared.count == 1, let first = shared.first else {
            throw LearningError(
                .invalidFamily, "families: expected one document with lists of words, found \(shared.count)")
        }
        words = try ProblemWords(document: first.document)
        var families: [ProblemFamily] = []
        for (file, document) in named where document["lists"] == nil {
            do {
                families.append(try ProblemFamily(document: document, words: words))
            } catch {
                throw LearningError(error.code, (file.map { "\($0): " } ?? "") + error.message, hint: error.hint)
            }
        }
        families.sort { $0.name < $1.name }
        let names = families.map(\.name)
        if let repeated = zip(names, names.dropFirst()).first(where: { $0 == $1 }) {
            throw LearningError(.invalidFamily, "family \(repeated.0): expected one of this name, found two")
        }
        for family in families {
            for other in family.contrast + family.harder where !names.contains(other) {
                throw LearningError(.invalidFamily, "family \(family.name): expected a family's name, found \(other)")
            }
        }
        self.families = families
    }

    /// The family of a name; nil where there is none.
    public subscript(name: String) -> ProblemFamily? { families.first { $0.name == name } }
}
