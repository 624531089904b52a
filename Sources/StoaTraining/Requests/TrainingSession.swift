internal import StoaCore
internal import StoaModel

/// One training from its first step, or from its last checkpoint, to its end.
struct TrainingSession {
    let trainer: Trainer
    let plan: TrainingPlan
    let examples: [TrainingExamples.Example]
    let seed: SeedPath
    /// What preferences are held to; nil for the model itself.
    let reference: Adapter?
    /// Where checkpoints are kept; nil for nowhere.
    let folder: CheckpointFolder?
    let interval: Duration
    let time: any TimeSource

    /// Takes all steps that are left.
    ///
    /// - Parameter progress: is told of each step.
    /// - Returns: what they came to, with those before.
    /// - Throws: `TrainingError`, `WeightFileError` or `CancellationError`.
    func run(progress: @Sendable (TrainingProgress) -> Void) async throws -> TrainingRecord {
        var record = await folder?.restore(trainer) ?? TrainingRecord()
        let order = ExampleOrder(seed: seed.child("order").stream.word(at: 0), count: examples.count)
        let steps = plan.steps(of: examples.count)
        if type(of: plan.loss).comparesSides, record.references.isEmpty {
            record.references = try await references()
        }
        var last = time.now
        for step in record.losses.count..<max(steps, record.losses.count) {
            let batch = plan.indices(of: step, in: order).map { index in
                LossExample(
                    group: examples[index].group, weight: examples[index].weight,
                    reference: record.references.isEmpty ? [] : record.references[index])
            }
            let report: StepReport
            do {
                report = try await trainer.step(batch.map(\.group), objective: plan.loss.objective(of: batch))
            } catch is CancellationError {
                // Cut short, a step has changed nothing.
                if step > 0 { try await folder?.write(trainer, record) }
                throw CancellationError()
            }
            record.add(report)
            progress(
                TrainingProgress(
                    step: step + 1, steps: steps, loss: report.loss, learningRate: report.learningRate))
            if let folder, time.now - last >= interval {
                try await folder.write(trainer, record)
                last = time.now
            }
        }
        return record
    }

    /// Log-probabilities of every example's sides under the reference.
    private func references() async throws -> [[Double]] {
        let groups = examples.map(\.group)
        var sums = try await trainer.logProbabilities(of: groups.flatMap(\.sequences), under: reference)
            .map { $0.reduce(0, +) }[...]
        return groups.map { group in
            defer { sums = sums.dropFirst(group.sequences.count) }
            return Array(sums.prefix(group.sequences.count))
        }
    }
}
