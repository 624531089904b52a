internal import OrderedCollections
public import StoaCore

/// Tools of any kind as one executor.
///
/// Arguments are compared with a tool's `parameters` before it is called, and what it returns with its `returns`: both that and
/// a failing tool are results. Where a call needs a sandbox and there is none, that is thrown: nothing ever runs without.
///
/// Close it when no call is under way any more.
public struct Toolbox: ToolExecutor {
    private struct Entry: Sendable {
        var definition: ToolDefinition
        var parameters: JSONSchema
        var returns: JSONSchema?
        var tool: any Tool
    }

    private let entries: OrderedDictionary<String, Entry>
    private let resources: ToolResources

    /// Makes tools; nothing is started.
    ///
    /// - Parameters:
    ///   - specifications: what they are; of several with one name, the last.
    ///   - resources: what they share; the box closes it.
    ///   - kinds: the kinds that there are.
    /// - Throws: `ToolError` for a tool that cannot be made from what is said of it.
    public init(
        _ specifications: some Sequence<ToolSpecification>, resources: ToolResources,
        kinds: [any ToolKind.Type] = ToolKinds.all
    ) throws {
        var entries: OrderedDictionary<String, Entry> = [:]
        for specification in specifications.sorted(by: { $0.name < $1.name }) {
            let name = specification.name
            guard let kind = kinds.first(where: { $0.outline.name == specification.kind }) else {
                let known = kinds.map { $0.outline.name }.joined(separator: ", ")
                throw ToolError.invalid(name, "there is no kind \"\(specification.kind)\": expected one of \(known)")
            }
            entries[name] = Entry(
                definition: specification.definition,
                parameters: try Self.schema(specification.parameters, "parameters", of: name),
                returns: try specification.returns.map { try Self.schema($0, "returns", of: name) },
                tool: try kind.make(specification, with: resources))
        }
        self.entries = entries
        self.resources = resources
    }

    private static func schema(_ document: JSONValue, _ what: String, of tool: String) throws -> JSONSchema {
        do {
            return try JSONSchema(document)
        } catch {
            throw ToolError.invalid(
                tool, "'\(what)' is no JSON Schema that values can be checked with: \(error.message)")
        }
    }

    /// The tools it has, in the order of their names.
    public var tools: [ToolDefinition] { entries.values.map(\.definition) }

    /// Compares arguments with a tool's `parameters`.
    ///
    /// - Parameters:
    ///   - arguments: the arguments.
    ///   - name: the tool's name.
    /// - Returns: where they are not what the tool expects; nil where there is no such tool.
    public func problems(of arguments: JSONValue, for name: String) -> [JSONSchemaProblem]? {
        guard let entry = entries[name] else { return nil }
        // Arguments are named, whatever the schema says.
        guard arguments.objectValue != nil else {
            return JSONSchema.anyObject.problems(of: arguments, named: "arguments")
        }
        return entry.parameters.problems(of: arguments, named: "arguments")
    }

    /// Carries out a call.
    ///
    /// - Parameters:
    ///   - call: the call; an unknown name and wrong arguments are failures, not errors.
    ///   - context: whose state it works on.
    /// - Returns: what came of it.
    /// - Throws: `CancellationError`; `SandboxError` of kind `noSandbox`, or another `StoaError`, where what the tool needs
    ///   cannot be had.
    public func execute(_ call: ToolCall, in context: ToolContext) async throws -> ToolResult {
        try Task.checkCancellation()
        guard let entry = entries[call.name], let problems = problems(of: call.arguments, for: call.name) else {
            let names = entries.keys.joined(separator: ", ")
            return ToolResult(
                status: .failed, output: "unknown tool \"\(call.name)\": expected one of \(names)")
        }
        guard problems.isEmpty else { return Self.failure(call.name, problems) }
        var context = context
        // What was refused, here or by a person, was never carried out.
        context.history.removeAll { exchange in
            exchange.call.name != call.name || [.denied, .interrupted].contains(exchange.result.status)
                || self.problems(of: exchange.call.arguments, for: call.name) != []
        }
        var result = try await entry.tool.call(call.arguments, in: context)
        if result.status == .ok, let problems = entry.returns?.problems(of: result.value, named: "value"),
            !problems.isEmpty
        {
            result.status = .failed
            result.value = .null
            result.output = Self.failure("\(call.name) does not return what it promises", problems).output
        }
        return result
    }

    private static func failure(_ what: String, _ problems: [JSONSchemaProblem]) -> ToolResult {
        ToolResult(status: .failed, output: "\(what): " + problems.map(\.description).joined(separator: "; "))
    }

    /// Lets go of a session.
    public func end(_ session: ToolSession) async {
        for entry in entries.values { await entry.tool.end(session) }
    }

    /// Lets go of everything; no call may be under way.
    public func close() async {
        for entry in entries.values { await entry.tool.close() }
        await resources.close()
    }
}

extension JSONSchema {
    /// Every object.
    static let anyObject: JSONSchema = {
        // The document is a constant, and one that can be read.
        (try? JSONSchema(["type": "object"])) ?? .everything
    }()
}
