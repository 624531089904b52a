internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import StoaCore

/// What a server says: a status and a JSON document.
struct HTTPAnswer: Sendable, Hashable {
    var status: Int
    var document: JSONValue
    /// Seconds after which it is worth asking again; nil where that is no question.
    var retryAfter: Int?
    /// The methods that there are, where the one that was used is not among them.
    var allow: String?

    init(status: Int = 200, _ document: JSONValue, retryAfter: Int? = nil, allow: String? = nil) {
        self.status = status
        self.document = document
        self.retryAfter = retryAfter
        self.allow = allow
    }

    /// A refusal, in the form that FastAPI gives them.
    static func refusal(_ status: Int, _ detail: String, retryAfter: Int? = nil) -> HTTPAnswer {
        HTTPAnswer(status: status, ["detail": .string(detail)], retryAfter: retryAfter)
    }

    /// The answer for the wire; the connection ends with it.
    var response: Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.connection] = "close"
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        if let retryAfter { headers[.retryAfter] = String(retryAfter) }
        if let allow { headers[.allow] = allow }
        return Response(
            status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(string: document.text)))
    }
}
