internal import ArgumentParser
internal import StoaCore
internal import StoaHub

/// `stoa model remove`: deletes a fetched model's files.
struct ModelRemoveCommand: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Delete a fetched model's files, unfinished ones included.")

    @OptionGroup var output: OutputOptions

    @Argument(help: "A bundled model's name, or the address it was fetched from.")
    var name: String

    func run(in context: CommandContext) async throws {
        let store = try context.modelStore()
        let reference = try store.reference(name)
        let freed = try await store.remove(reference)
        try context.finish(
            ["name": .string(reference.name), "freed_bytes": .integer(freed)],
            people: StyledText("\(reference.name): \(ByteCount.text(freed)) freed"))
    }
}
