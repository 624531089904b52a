internal import OrderedCollections
internal import StoaCore
internal import StoaJournal
internal import StoaRuntime

/// A run of a journal, and the plan that it carried out.
struct RecordedRun {
    let id: RunID
    let record: RunRecord
    let beginning: RunBeginning
    let plan: Plan

    /// Finds a run.
    ///
    /// - Parameters:
    ///   - name: its id, the beginning of one, or `latest`.
    ///   - journal: where it is kept.
    /// - Throws: `JournalError` where it is not there; `PlanProblems` where this program cannot carry out its playbook.
    init(_ name: String, in journal: SQLiteJournal) async throws {
        id = try await journal.resolve(name)
        record = try await journal.run(id)
        beginning = try await RunBeginning.of(id, in: journal)
        plan = try PlanSource.plan(beginning.playbook)
    }

    /// The plan for opening its models, with another place for the one called `default`.
    ///
    /// - Parameter model: the place; nil for the recorded one. What is there must be the same model.
    /// - Returns: the plan, for opening models only.
    func plan(loading model: String?) -> Plan {
        var plan = plan
        if let model { plan.models["default"]?.use = model }
        return plan
    }

    /// Refuses a run that another process works on.
    func requireIdle() throws {
        guard record.status == .running, let owner = record.owner, owner.isAlive else { return }
        throw JournalError.owned(id, by: owner.process)
    }

    /// The kernels that its engine's models were computed with; nil where there are none.
    func kernelPath() throws -> KernelPath? {
        let names = Set(beginning.models.values.filter { $0.provider == .engine }.compactMap(\.kernelPath))
        guard let name = names.sorted().first else { return nil }
        guard let path = KernelPath(rawValue: name), path.isAvailable else {
            throw CLIError.unusableRun(
                id, "computed with the kernels \(name), which this machine does not have",
                hint: "it has \(KernelPath.available.map(\.rawValue).joined(separator: ", ")); "
                    + "replay --mode strict needs no kernels")
        }
        return path
    }
}

extension RunRecord {
    /// The status as it really is: a run whose process has died was interrupted.
    var presentStatus: RunStatus {
        status == .running && !(owner?.isAlive ?? false) ? .interrupted : status
    }
}
