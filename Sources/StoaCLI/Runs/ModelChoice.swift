internal import StoaCore
internal import StoaModel
internal import StoaRuntime

/// Which model the user wants, besides what a playbook says.
struct ModelChoice {
    /// What replaces the playbook's `default`; nil for nothing.
    let model: String?
    /// What replaces how its `default` computes; nil for nothing.
    let precision: Precision?
    private let compute: ComputeOptions

    /// What options and settings say.
    init(_ engine: EngineOptions, in context: CommandContext) throws {
        model = try context.settings.resolve(engine.model, "model")
        precision = try context.settings.resolve(engine.precision, "precision")
        compute = engine.compute
    }

    /// A plan in which every model and adapter is named in full, and the options of the engine.
    func applied(
        to plan: Plan, in context: CommandContext
    ) async throws -> (Plan, LocalModel.Options) {
        var options = try compute.resolve(in: context)
        if let precision { options.precision = precision }
        let plan = try PlanSource.plan(
            plan, model: model, fallback: EngineOptions.defaultModel, precision: options.precision.rawValue,
            overridesPrecision: precision != nil)
        return (try await context.resolvingAdapters(of: plan), options)
    }
}
