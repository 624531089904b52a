internal import OrderedCollections
internal import StoaCore
public import StoaRuntime

/// Tools by themselves, outside of any playbook.
extension PlaybookLoader {
    /// The tools that can be found by name, in alphabetical order.
    public func listTools() -> [ToolSummary] {
        var found: [String: ToolSummary] = [:]
        for folder in folders {
            let tools = TextFile.join(folder, "tools")
            for name in TextFile.names(in: tools) where found[name] == nil {
                let path = TextFile.join(tools, "\(name)/tool.yaml")
                guard PlanFields.isName(name), TextFile.exists(path) else { continue }
                let (tool, problems) = readTool(name)
                found[name] = ToolSummary(name: name, path: path, tool: tool, problems: problems)
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// A tool by the name of its folder.
    ///
    /// - Parameter name: the name.
    /// - Returns: the tool, its code included.
    /// - Throws: `PlaybookError` where there is none, and with every problem it has.
    public func tool(_ name: String) throws(PlaybookError) -> PlanTool {
        let isThere =
            PlanFields.isName(name)
            && folders.contains { TextFile.exists(TextFile.join($0, "tools/\(name)/tool.yaml")) }
        guard isThere else {
            let names = folders.flatMap { TextFile.names(in: TextFile.join($0, "tools")) }
            throw PlaybookError(
                code: .notFound, message: "there is no tool '\(name)'",
                hint: Suggestion.text(for: name, among: names) ?? "make tools/NAME/tool.yaml, or see stoa tool list")
        }
        let (tool, problems) = readTool(name)
        guard let tool else { throw .invalidTool(name, problems) }
        return tool
    }

    private func readTool(_ name: String) -> (tool: PlanTool?, problems: [PlaybookProblem]) {
        // The smallest playbook that has the tool.
        let document: JSONValue = [
            "stoa": .integer(Int64(PlanFields.version)), "name": "tool",
            "tools": .object([name: ["use": .string(name)]]), "steps": [["id": "call_of_tool", "call": .string(name)]],
            "output": "",
        ]
        let path = TextFile.join(workingDirectory, "tools/\(name)/tool.yaml")
        let resolution = resolution(document, SourceMap(), folders: folders, of: path)
        let (plan, problems) = plan(resolution, [], path: path)
        return (plan?.tools[name], problems)
    }
}

/// A tool that can be found by name.
public struct ToolSummary: Sendable {
    /// Its name.
    public var name: String
    /// Its file.
    public var path: String
    /// The tool; nil where it has problems.
    public var tool: PlanTool?
    /// What is wrong with it.
    public var problems: [PlaybookProblem]
}
