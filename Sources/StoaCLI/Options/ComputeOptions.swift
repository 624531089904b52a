internal import ArgumentParser
internal import Glibc
internal import StoaModel

/// What of this machine the engine may use.
struct ComputeOptions: ParsableArguments {
    @Option(name: .long, help: "Kernel threads; by default the processors of the machine.")
    var threads: Int?

    @Option(name: .long, help: "The most memory for keys and values, in MiB.")
    var kvMemory: Int?

    @Option(name: .long, help: "Guess tokens that may follow and verify them together, same bits sooner: on or off.")
    var drafts: Switch?

    /// Processors that this process may use.
    private static var processors: Int { max(1, min(256, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) }

    /// What these options, the environment and the defaults come to.
    func resolve(in context: CommandContext) throws -> LocalModel.Options {
        var options = LocalModel.Options()
        options.threads = try context.settings.resolve(threads, "threads", default: Self.processors)
        let mebibytes = try context.settings.resolve(kvMemory, "kv-memory", default: options.kvMemory >> 20)
        options.drafts = try context.settings.resolve(drafts, "drafts", default: .on) == .on
        guard 1...256 ~= options.threads else {
            throw CLIError.invalidSetting("--threads", value: String(options.threads), expected: "1 to 256")
        }
        guard 1...1 << 30 ~= mebibytes else {
            throw CLIError.invalidSetting("--kv-memory", value: String(mebibytes), expected: "1 to \(1 << 30) MiB")
        }
        options.kvMemory = mebibytes << 20
        return options
    }
}
