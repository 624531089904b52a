internal import StoaPlaybook

extension CommandContext {
    /// The playbooks that can be found from here: those of the project, of the user, and those that came with the program.
    ///
    /// - Returns: a loader.
    /// - Throws: `CLIError` where there is no place for the user's own.
    func playbooks() throws -> PlaybookLoader {
        var folders = [try StateFolder(environment: environment).path]
        if let program = Self.programFolder {
            folders.append(program + "/share/stoa")
            if let slash = program.lastIndex(of: "/") { folders.append(program[..<slash] + "/share/stoa") }
        }
        return PlaybookLoader(
            workingDirectory: Self.workingDirectory, folders: folders, environment: PlanSource.environment)
    }
}
