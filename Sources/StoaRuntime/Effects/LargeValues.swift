internal import OrderedCollections
internal import StoaCore

/// Large values inside of payloads, which the journal keeps elsewhere, each once however often it comes by.
///
/// Rounds hand lists of records on from call to call: in every call's arguments, its result, and the message that follows.
/// What stands for such a list is its digest, so a log grows with what is new. Only lists and objects are kept elsewhere;
/// texts stay where they are, since whoever lists events shows them.
enum LargeValues {
    /// From how many bytes on a list or an object is large, about.
    static let threshold = 2048

    /// A value with what is large in it replaced by references.
    ///
    /// An object's members are looked at before the object itself, so that two objects share what they have in common.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - blobs: takes what was replaced.
    /// - Returns: the value; equal values give equal ones, whichever form their numbers and the order of members have.
    static func replacing(in value: JSONValue, into blobs: inout [Blob]) -> JSONValue {
        replaced(value, into: &blobs).value
    }

    private static func replaced(_ value: JSONValue, into blobs: inout [Blob]) -> (value: JSONValue, size: Int) {
        switch value {
        case .null, .bool, .integer, .number: return (value, 8)
        case .string(let text): return (value, text.utf8.count + 3)
        case .array(let elements):
            let count = elements.reduce(2) { $0 + size(of: $1) }
            return count > threshold ? (reference(to: value, in: &blobs), referenceSize) : (value, count)
        case .object(let members):
            // What looks like a reference is no reference.
            if BlobReference(document: value)?.form == .value {
                return (reference(to: value, in: &blobs), referenceSize)
            }
            var inner: [Blob] = []
            var size = 2
            var result: JSONValue.Members = [:]
            result.reserveCapacity(members.count)
            for (key, member) in members {
                let (member, count) = replaced(member, into: &inner)
                result[key] = member
                size += key.utf8.count + 4 + count
            }
            guard size <= threshold else { return (reference(to: value, in: &blobs), referenceSize) }
            guard !inner.isEmpty else { return (value, size) }
            blobs += inner
            return (.object(result), size)
        }
    }

    private static let referenceSize = 110

    private static func reference(to value: JSONValue, in blobs: inout [Blob]) -> JSONValue {
        let blob = Blob(Array(value.canonicalText.utf8))
        blobs.append(blob)
        return BlobReference(digest: blob.digest, form: .value, count: 1).document
    }

    /// About how many bytes a value takes as text, whichever form its numbers have.
    private static func size(of value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .integer, .number: 8
        case .string(let text): text.utf8.count + 3
        case .array(let elements): elements.reduce(2) { $0 + size(of: $1) }
        case .object(let members): members.reduce(2) { $0 + $1.key.utf8.count + 4 + size(of: $1.value) }
        }
    }

    /// Whether a value holds a reference.
    static func areIn(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool, .integer, .number, .string: false
        case .array(let elements): elements.contains(where: areIn)
        case .object(let members):
            // The cheapest of the members to look at: every object of a payload comes by here.
            members["form"]?.stringValue == BlobForm.value.rawValue && BlobReference(document: value) != nil
                || members.values.contains(where: areIn)
        }
    }
}

extension ContentReader {
    /// A value with references in it replaced by what they refer to.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - place: where it stands, for errors.
    ///   - fresh: contents that may not be in the journal yet.
    /// - Returns: the value as it was before anything large was kept elsewhere.
    /// - Throws: `JournalError` for what is not there, or no JSON.
    func whole(
        _ value: JSONValue, in place: String, fresh: [Blob] = []
    ) async throws -> JSONValue {
        guard LargeValues.areIn(value) else { return value }
        switch value {
        case .null, .bool, .integer, .number, .string: return value
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(try await whole(element, in: place, fresh: fresh)) }
            return .array(result)
        case .object(let members):
            if let reference = BlobReference(document: value), reference.form == .value {
                let bytes: [UInt8]
                if let blob = fresh.first(where: { $0.digest == reference.digest }) {
                    bytes = blob.bytes
                } else {
                    bytes = try await journal.blob(reference.digest)
                }
                guard let content = try? JSONParser.parse(bytes) else {
                    throw JournalError.damaged("\(place): expected JSON in blob \(reference.digest)")
                }
                return content
            }
            var result: JSONValue.Members = [:]
            for (key, member) in members { result[key] = try await whole(member, in: place, fresh: fresh) }
            return .object(result)
        }
    }

    /// An event with what its payload refers to.
    func whole(_ recorded: RecordedEvent) async throws -> RecordedEvent {
        guard LargeValues.areIn(recorded.event.payload) else { return recorded }
        var result = recorded
        result.event.payload = try await whole(recorded.event.payload, in: "\(recorded.event.key)")
        return result
    }
}

extension Content {
    /// Sets a member, with what is large in it kept elsewhere.
    mutating func set(_ name: String, keepingLarge value: JSONValue) {
        document[name] = LargeValues.replacing(in: value, into: &blobs)
    }
}

extension Message {
    /// The event that posts the message, with what is large in its content kept elsewhere.
    ///
    /// What leads to a latent is looked up among recorded messages, and stays where it is.
    func event(causes: [EventKey]) -> Event {
        var blobs: [Blob] = []
        var document = document
        if latent == nil, case .object(var members) = document {
            members["content"] = LargeValues.replacing(in: payload, into: &blobs)
            document = .object(members)
        }
        return Event(key: id, actor: from, payload: document, causes: causes, blobs: blobs)
    }
}
