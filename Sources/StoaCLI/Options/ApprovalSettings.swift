public import ArgumentParser
internal import OrderedCollections
internal import StoaCore
public import StoaRuntime

// The conformance is public because the type is; nobody but the commands sees this module.
extension ApprovalPolicy: ExpressibleByArgument {
    /// Reads `pattern=approval, …` or a JSON object.
    public init?(argument: String) { self.init(text: argument) }
}

extension CommandContext {
    /// The plan with what the user says of tools: nothing gets less strict, and its record says all that there is to know.
    ///
    /// Every source of settings counts, so that no project's file takes back what its user has said.
    ///
    /// - Parameter plan: a plan as its playbook has it.
    /// - Returns: the same plan with stricter approvals.
    /// - Throws: `CLIError` for a setting that cannot be read.
    func approving(_ plan: Plan) throws -> Plan {
        let policies = try settings.all("approvals", as: ApprovalPolicy.self)
        guard !policies.isEmpty, case .object(var document) = plan.document,
            case .object(var tools)? = document["tools"]
        else { return plan }
        for (name, tool) in plan.tools {
            guard let wanted = policies.map({ $0.approval(of: name) }).max(), wanted > tool.approval,
                case .object(var members)? = tools[name]
            else { continue }
            members["approval"] = .string(wanted.rawValue)
            tools[name] = .object(members)
        }
        document["tools"] = .object(tools)
        return try PlanSource.plan(.object(document))
    }
}
