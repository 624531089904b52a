internal import OrderedCollections
internal import StoaCore
internal import StoaMethods
internal import StoaRuntime
internal import StoaTools
internal import StoaVerify

/// From playbooks, on disk or in a journal, to plans that this program can carry out.
enum PlanSource {
    /// What playbooks can use without defining it.
    static var environment: PlanEnvironment {
        PlanEnvironment(
            verifiers: Verifiers.all.map(\.name).sorted(), choiceRules: ChoiceRules.names,
            builtinTools: BuiltinTools().tools.map(\.name), toolKinds: ToolKinds.outlines, methods: Methods.all)
    }

    /// The plan of a resolved playbook, as a journal keeps it.
    static func plan(_ document: JSONValue) throws -> Plan { try Plan(document: document, environment: environment) }

    /// The plan with every model named in full, so that its record says all that there is to know.
    ///
    /// - Parameters:
    ///   - plan: the plan as its playbook has it.
    ///   - model: the name for the model `default`, and for any other that names none of its own; nil leaves the
    ///     playbook's choice where it has one.
    ///   - fallback: the name where neither says one.
    ///   - precision: how models compute for which the playbook does not say.
    ///   - overridesPrecision: whether that holds for `default` also where the playbook says.
    /// - Returns: the same plan with other models.
    /// - Throws: `PlanProblems` where it is no plan any more.
    static func plan(
        _ plan: Plan, model: String?, fallback: String, precision: String, overridesPrecision: Bool
    ) throws -> Plan {
        guard case .object(var document) = plan.document else { return plan }
        var models = document["models"]?.objectValue ?? [:]
        for (name, entry) in plan.models {
            var members = models[name]?.objectValue ?? [:]
            var use = entry.use == "default" ? model ?? fallback : entry.use
            if name == "default", let model { use = model }
            members["use"] = .string(use)
            let isRemote = use.hasPrefix("openai:")
            if isRemote {
                members["precision"] = nil
            } else if entry.precision == nil || name == "default" && overridesPrecision {
                members["precision"] = .string(precision)
            }
            models[name] = .object(members)
        }
        document["models"] = .object(models)
        return try Self.plan(.object(document))
    }
}
