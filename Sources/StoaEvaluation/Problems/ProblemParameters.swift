public import OrderedCollections
public import StoaCore
public import StoaRuntime

/// How a problem becomes the parameters of a run.
///
/// The question is the parameter `question`. A field with the name of a parameter is its value, unless it is given for all.
/// The answer is never given to a run: it would be there for agents to read.
public struct ProblemParameters: Sendable {
    /// The parameter that questions are.
    public static let question = "question"

    private let plan: Plan
    private let given: JSONValue.Members

    /// Checks that a playbook can be asked questions.
    ///
    /// - Parameters:
    ///   - plan: the playbook.
    ///   - given: the parameters that are the same for all problems.
    /// - Throws: `EvaluationError` where it takes no question, or the question is given.
    public init(plan: Plan, given: JSONValue.Members) throws(EvaluationError) {
        guard let parameter = plan.parameters.first(where: { $0.name == Self.question }), parameter.type == .string
        else {
            throw EvaluationError(
                .unsuitablePlaybook, kind: .usage,
                "playbook '\(plan.name)': expected a parameter 'question' of type string, for the problems' questions",
                hint: "add it to the playbook's parameters, and read it as {{ question }}")
        }
        guard given[Self.question] == nil else {
            throw EvaluationError(
                .unsuitablePlaybook, kind: .usage, "parameter 'question': it is the problems', and cannot be given",
                hint: "leave it out, or ask one question with 'stoa run'")
        }
        self.plan = plan
        self.given = given
    }

    /// The parameters for a problem, checked.
    ///
    /// - Throws: `ParameterError` for a value that is not allowed, with the problem's name.
    public func values(for problem: Problem) throws -> JSONValue.Members {
        var values = given
        values[Self.question] = .string(problem.question)
        for parameter in plan.parameters where values[parameter.name] == nil {
            guard let value = problem.fields[parameter.name] else { continue }
            // The cells of a table are texts, whatever they say.
            if case .string(let text) = value {
                values[parameter.name] = try at(problem) { () throws(ParameterError) in try parameter.parse(text) }
            } else {
                values[parameter.name] = value
            }
        }
        return try at(problem) { () throws(ParameterError) in try plan.checkParameters(values) }
    }

    private func at<Value>(
        _ problem: Problem, _ body: () throws(ParameterError) -> Value
    ) throws(EvaluationError) -> Value {
        do {
            return try body()
        } catch {
            throw EvaluationError(.invalidProblems, "problem '\(problem.id)': \(error.message)", hint: error.hint)
        }
    }
}
