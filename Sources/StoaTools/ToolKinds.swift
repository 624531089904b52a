public import StoaCore

/// Every kind of tools.
public enum ToolKinds {
    /// All of them, by name.
    public static let all: [any ToolKind.Type] = [
        BuiltinKind.self,
        CodeKind.self,
        HTTPKind.self,
        MCPKind.self,
        PythonKind.self,
    ]

    /// What playbooks must know of them; `builtin`, which they know anyway, is not among them.
    public static var outlines: [ToolKindOutline] {
        all.map { $0.outline }.filter { $0.name != BuiltinKind.outline.name }
    }
}
