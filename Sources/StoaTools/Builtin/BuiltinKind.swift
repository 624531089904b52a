public import StoaCore
internal import StoaVerify

/// `builtin`: tools that are part of the program and run no code of anybody's.
public enum BuiltinKind: ToolKind {
    /// Its tools are those that the program has.
    public static var outline: ToolKindOutline {
        ToolKindOutline(name: "builtin", toolNames: BuiltinTools.all.map(\.definition.name).sorted())
    }

    /// Finds the tool of the name.
    public static func make(_ specification: ToolSpecification, with resources: ToolResources) throws -> any Tool {
        guard let tool = BuiltinTools.all.first(where: { $0.definition.name == specification.name }) else {
            let names = outline.toolNames ?? []
            throw ToolError.invalid(
                specification.name, "there is no builtin tool of this name",
                hint: "there is \(names.joined(separator: ", "))")
        }
        return Wrapped(tool: tool)
    }

    private struct Wrapped: Tool {
        let tool: any BuiltinTool

        func call(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolResult { tool.call(arguments) }
    }
}
