internal import OrderedCollections
internal import StoaCore

/// A tool that is a request to a server.
///
/// Arguments that have a place in the URL go there; the others become the query, or a JSON body where the method has one. The
/// answer's JSON is the value; an answer that is no JSON is a string.
struct HTTPClientTool: Tool {
    let description: HTTPDescription
    let access: HTTPAccess

    /// Redirections that are followed, all of them to the same scheme, host and port.
    private static let maximumRedirections = 5
    /// How much of a refusal's body is told.
    private static let reasonBytes = 500

    /// Why a call ends before there is an answer.
    private struct Refusal: Error {
        var status: ToolResult.Status
        var output: String
    }

    /// Carries out a call.
    ///
    /// - Parameters:
    ///   - arguments: an object.
    ///   - context: not looked at.
    /// - Returns: what came of it.
    /// - Throws: `CancellationError`.
    func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult {
        var secrets = Secrets()
        do {
            let request = try request(arguments.objectValue ?? [:], &secrets)
            let (access, description, known) = (access, description, secrets)
            return try await access.clock.withTimeout(description.timeout, of: description.template.origin.host) {
                try await Self(description: description, access: access).exchange(request, known)
            }
        } catch let refusal as Refusal {
            return ToolResult(status: refusal.status, output: secrets.removed(from: refusal.output))
        } catch let error as TimedOut {
            return ToolResult(status: .limit, output: error.message)
        } catch {
            try Task.checkCancellation()
            if error is CancellationError { throw error }
            let host = description.template.origin.host
            return ToolResult(status: .failed, output: secrets.removed(from: "\(host): \(error)"))
        }
    }

    // MARK: The request

    private func request(_ arguments: JSONValue.Members, _ secrets: inout Secrets) throws -> HTTPToolRequest {
        let origin = description.template.origin
        guard access.hosts.allows(origin) else {
            throw Refusal(status: .denied, output: "the host \(origin.authority) is not among the user's http_hosts")
        }
        var target: String
        do { target = try description.template.target(arguments) } catch {
            throw Refusal(status: .failed, output: error.reason)
        }
        let placed = description.template.arguments
        let rest = arguments.filter { !placed.contains($0.key) }
        var headers = [(name: "User-Agent", value: "stoa"), (name: "Accept", value: "application/json, text/*;q=0.5")]
        var body: [UInt8]?
        if description.hasBody {
            body = Array(JSONValue.object(rest).text.utf8)
            headers.append(("Content-Type", "application/json"))
        } else if !rest.isEmpty {
            let query = rest.map {
                "\(HTTPTemplate.encoded($0.key))=\(HTTPTemplate.encoded(HTTPTemplate.text($0.value)))"
            }
            target += (target.contains("?") ? "&" : "?") + query.joined(separator: "&")
        }
        for header in description.headers {
            var value = header.text
            if let name = header.secret { value += try secret(name, &secrets) }
            headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
            headers.append((header.name, value))
        }
        return HTTPToolRequest(
            method: description.method, scheme: origin.scheme, host: origin.host, port: origin.effectivePort,
            target: target, headers: headers, body: body, maximumBytes: description.maximumBytes)
    }

    private func secret(_ name: String, _ secrets: inout Secrets) throws(Refusal) -> String {
        let origin = description.template.origin
        guard access.hosts.allows(secret: name, to: origin) else {
            throw Refusal(
                status: .denied,
                output:
                    "the user's http_hosts do not let \(name) be sent to \(origin.authority): write env:\(name) behind it"
            )
        }
        guard let value = access.variable(name), !value.isEmpty else {
            throw Refusal(status: .failed, output: "the environment has no \(name)")
        }
        guard HTTPDescription.isHeaderValue(value) else {
            throw Refusal(status: .failed, output: "the value of \(name) is no line of text")
        }
        secrets.insert(value)
        return value
    }

    // MARK: The answer

    private func exchange(_ first: HTTPToolRequest, _ secrets: Secrets) async throws -> ToolResult {
        var request = first
        for _ in 0...Self.maximumRedirections {
            let response = try await access.transport.send(request, to: try await address())
            guard (300..<400).contains(response.status), let location = response.location else {
                return result(response, secrets)
            }
            guard let target = sameOrigin(location) else {
                throw Refusal(status: .failed, output: "HTTP \(response.status) leads to another place: not followed")
            }
            request.target = target
            if response.status == 303 || (response.status < 307 && request.method == "POST") {
                request.method = "GET"
                request.body = nil
                request.headers.removeAll { $0.name == "Content-Type" }
            }
        }
        throw Refusal(status: .failed, output: "more than \(Self.maximumRedirections) redirections")
    }

    /// The first of the host's addresses, if the user allows all of them.
    private func address() async throws -> String {
        let origin = description.template.origin
        let addresses = try await access.transport.addresses(of: origin.host)
        guard let first = addresses.first else {
            throw Refusal(status: .failed, output: "\(origin.host) has no address")
        }
        for address in addresses where !access.hosts.allows(address: address, for: origin) {
            throw Refusal(
                status: .denied,
                output: "\(origin.host) leads to \(address), which is not public and not among the user's http_hosts")
        }
        return first
    }

    /// The target of a redirection that stays where it is; nil for one that leads elsewhere.
    private func sameOrigin(_ location: String) -> String? {
        if location.hasPrefix("/"), !location.hasPrefix("//") { return Self.printable(location.prefix { $0 != "#" }) }
        guard let (origin, target) = HTTPOrigin.split(location) else { return nil }
        let own = description.template.origin
        guard origin.scheme == own.scheme, origin.host == own.host, origin.effectivePort == own.effectivePort else {
            return nil
        }
        return Self.printable(target[...])
    }

    private static func printable(_ target: Substring) -> String? {
        target.utf8.allSatisfy { 0x21...0x7E ~= $0 } ? String(target) : nil
    }

    private func result(_ response: HTTPToolResponse, _ secrets: Secrets) -> ToolResult {
        let details: JSONValue = [
            "http_status": .integer(Int64(response.status)), "bytes": .integer(Int64(response.body.count)),
        ]
        if response.isCut {
            return ToolResult(
                status: .limit, output: "the answer is longer than \(description.maximumBytes) bytes", details: details)
        }
        let body = String(decoding: response.body, as: UTF8.self)
        let text = secrets.removed(from: body)
        guard (200..<300).contains(response.status) else {
            let reason = String(decoding: Array(text.utf8.prefix(Self.reasonBytes)), as: UTF8.self)
            let output = "HTTP \(response.status)" + (reason.isEmpty ? "" : ": \(reason)")
            return ToolResult(status: .failed, output: output, details: details)
        }
        if response.body.isEmpty { return ToolResult(status: .ok, details: details) }
        if response.contentType.lowercased().contains("json") {
            guard let value = try? JSONParser.parse(body) else {
                return ToolResult(status: .failed, output: "the answer calls itself JSON and is none", details: details)
            }
            return ToolResult(status: .ok, value: secrets.removed(from: value), details: details)
        }
        return ToolResult(status: .ok, value: .string(text), details: details)
    }
}
