/// The names that can be read at a place of a playbook.
struct PlanScope: Sendable {
    /// The step the place is in; nil outside of all.
    var step: String?
    /// The innermost `for_each` around the place; nil for none.
    var loop: String?
    /// How many steps are around the place.
    var depth = 0
    /// The parameters.
    private(set) var parameters: Set<String> = []
    /// The steps that come before.
    private(set) var steps: Set<String> = []
    /// The variables of loops.
    private(set) var variables: Set<String> = []

    /// A scope that sees the parameters.
    init(parameters: some Sequence<String>) { self.parameters = Set(parameters) }

    /// Every name, in alphabetical order.
    var names: [String] { (Array(parameters) + Array(steps) + Array(variables)).sorted() }

    func contains(_ name: String) -> Bool {
        steps.contains(name) || parameters.contains(name) || variables.contains(name)
    }

    func adding(variables names: some Sequence<String>) -> PlanScope {
        var scope = self
        scope.variables.formUnion(names)
        return scope
    }

    func adding(steps names: some Sequence<String>) -> PlanScope {
        var scope = self
        scope.steps.formUnion(names)
        return scope
    }

    /// The scope of a step.
    func inside(_ step: String?) -> PlanScope {
        var scope = self
        scope.step = step
        return scope
    }

    /// The scope of the steps in a loop.
    func entering(loop: String) -> PlanScope {
        var scope = self
        scope.loop = loop
        return scope
    }

    /// The scope one level of steps further in.
    func deeper() -> PlanScope {
        var scope = self
        scope.depth += 1
        return scope
    }
}
