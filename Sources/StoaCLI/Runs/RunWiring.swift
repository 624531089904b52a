internal import OrderedCollections
internal import StoaCore
internal import StoaJournal
internal import StoaModel
internal import StoaRemote
internal import StoaRuntime
internal import StoaTools
internal import StoaVerify

/// Puts together what runs take from outside: the one place where concrete types meet the runtime's protocols.
struct RunWiring {
    let context: CommandContext
    let journal: SQLiteJournal
    let clock: any TimeSource = SystemTimeSource()

    /// Does something with a driver, and tells what happens meanwhile.
    ///
    /// - Parameters:
    ///   - plan: the plan, whose tools can be called; none of them is started before.
    ///   - models: the models, and what trains them.
    ///   - narrator: who tells.
    ///   - person: who can be asked.
    ///   - body: what to do.
    /// - Returns: what the body returned.
    /// - Throws: what the body throws; `CLIError` where the narration cannot be written.
    func driving<Value: Sendable>(
        _ plan: Plan, _ models: RunModels, narrator: any RunNarrator, person: (any Person)? = nil,
        _ body: @escaping @Sendable (RunDriver) async throws -> Value
    ) async throws -> Value {
        guard let process = ProcessIdentity.current else {
            throw CLIError(
                code: .unusableRun, kind: .failure, message: "/proc: cannot tell which process this is",
                hint: "a journal needs that to know who works on a run; mount /proc")
        }
        let verifiers = Dictionary(Verifiers.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let watch = RunWatch(narrator)
        let tools = try context.toolbox(plan.tools.values.map(\.specification))
        let driver = RunDriver(
            RunSetup(
                journal: journal, models: models.models, tools: tools, verifiers: verifiers, person: person,
                clock: clock, identifiers: SystemIdentifierSource(), process: process, observer: watch,
                trainers: models.trainers))
        do {
            let value = try await narrator.narrating(clock: clock) { try await body(driver) }
            await tools.close()
            return value
        } catch {
            await tools.close()
            if let error = error as? JournalError, error.code == .locked || error.code == .unwritable,
                let run = watch.run
            {
                // The journal gave out in the middle of a run: what is in it so far is kept.
                context.console.note(RunSummary.resume(run))
            }
            throw error
        }
    }

    /// Does something with models that are opened for it.
    ///
    /// - Parameters:
    ///   - plan: whose models.
    ///   - options: what of this machine the engine may use.
    ///   - kernelPath: the kernels to use; nil for those that the settings say.
    ///   - recorded: models that are not opened but known from a record.
    ///   - body: given the models.
    /// - Returns: what the body returned.
    /// - Throws: what opening a model or the body throws.
    func withModels<Value: Sendable>(
        of plan: Plan, options: LocalModel.Options, kernelPath: KernelPath? = nil,
        replacing recorded: [String: ModelIdentity] = [:],
        _ body: (RunModels) async throws -> Value
    ) async throws -> Value {
        try await RemoteConnections.with { connections in
            let registry = ModelRegistry(
                context: context, options: options, connections: connections, time: clock, kernelPath: kernelPath)
            var models = try await registry.models(of: plan, except: Set(recorded.keys))
            for (name, identity) in recorded { models.models[name] = RecordedModel(identity: identity) }
            return try await body(models)
        }
    }
}
