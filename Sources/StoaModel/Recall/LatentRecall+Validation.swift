internal import StoaCore

extension LatentRecall {
    /// Checks what a playbook may have asked for.
    ///
    /// - Throws: `ModelError` naming the value and what was expected.
    func validate() throws {
        guard sink >= 0 else {
            throw ModelError.invalidRequest("recall, sink: expected at least 0 rows, found \(sink)")
        }
        guard let pruning else { return }
        guard pruning.fraction >= 0, pruning.fraction <= 1 else {
            throw ModelError.invalidRequest(
                "recall, fraction of rows that are kept: expected 0 to 1, found \(pruning.fraction)")
        }
        guard pruning.least >= 0 else {
            throw ModelError.invalidRequest(
                "recall, least number of rows that are kept: expected at least 0, found \(pruning.least)")
        }
    }
}
