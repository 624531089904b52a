internal import ArgumentParser

/// `stoa tool`: what agents and steps can have called.
struct ToolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tool",
        abstract: "List tools and try them.",
        discussion: """
            A tool is a folder tools/NAME with a tool.yaml in it, and a main.py where it is written in Python. It is looked up \
            like playbooks are: in this folder and those above it, in the user's data, and beside the program.
            """,
        subcommands: [ToolListCommand.self, ToolTestCommand.self])
}
