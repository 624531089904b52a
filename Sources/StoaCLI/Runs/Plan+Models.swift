internal import OrderedCollections
internal import StoaRuntime

extension Plan {
    /// The names of the models that some step makes use of: agents that only call tools or verify need none.
    var modelsInUse: Set<String> { Set(Self.thinkers(steps).compactMap { agents[$0]?.model }) }

    /// The agents that are given work for which it takes a model.
    private static func thinkers(_ steps: [PlanStep]) -> Set<String> {
        var names: Set<String> = []
        for step in steps {
            if !(step.verb is CallVerb || step.verb is VerifyVerb) { names.formUnion(step.verb.agents) }
            for block in step.verb.blocks { names.formUnion(thinkers(block.steps)) }
        }
        return names
    }
}
