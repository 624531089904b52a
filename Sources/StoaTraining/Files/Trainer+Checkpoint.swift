public import StoaCore
internal import StoaModel
internal import StoaTensor

/// Checkpoints: everything a run needs to go on as if it had never stopped.
///
/// A checkpoint is one safetensors file: parameters and the optimiser's averages of every matrix, and as metadata the step,
/// the settings of the run and a digest. Seeds and orders are functions of the step, so there is no other state.
extension Trainer {
    private static let version = "1"
    private static let runs = ["parameters", "first", "second"]

    /// Writes a checkpoint; a crash at any time leaves the old file or the complete new one.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - notes: whatever the caller has to know to go on.
    /// - Throws: `WeightFileError` with the system's reason.
    public func writeCheckpoint(to path: String, notes: JSONValue = .null) throws {
        let runs = [state.parameters, optimiser.first, optimiser.second].map { state.gather($0.base) }
        var writer = SafetensorsWriter()
        writer.addMetadata("stoa.checkpoint", Self.version)
        writer.addMetadata("settings", settings)
        writer.addMetadata("step", String(stepCount))
        writer.addMetadata("optimiser_steps", String(optimiser.steps))
        writer.addMetadata("skipped_steps", String(skippedSteps))
        writer.addMetadata("notes", notes.text)
        writer.addMetadata("digest", Self.digest(runs).description)
        for (name, modules) in zip(Self.runs, runs) {
            for module in modules {
                let rank = adapterConfiguration.rank
                try writer.addTensor(
                    "\(name).\(module.name).lora_A.weight", shape: [rank, module.inputs], floats: module.down)
                try writer.addTensor(
                    "\(name).\(module.name).lora_B.weight", shape: [module.outputs, rank], floats: module.up)
            }
        }
        try writer.write(to: path)
        try DurableFile.finish(path)
    }

    /// Goes on where a checkpoint stopped.
    ///
    /// - Parameter path: the file.
    /// - Returns: the notes it was written with.
    /// - Throws: `WeightFileError` for a file that cannot be read; `TrainingError` for one that is damaged or of a run with
    ///   other settings. Nothing is changed then.
    @discardableResult
    public func restoreCheckpoint(from path: String) throws -> JSONValue {
        let file = try SafetensorsFile(path: path)
        func mismatch(_ problem: String, hint: String? = nil) -> TrainingError {
            TrainingError(.checkpointMismatch, "checkpoint \(path): \(problem)", hint: hint)
        }
        guard file.metadata("stoa.checkpoint") == Self.version else {
            throw mismatch("expected version \(Self.version), found \(file.metadata("stoa.checkpoint") ?? "none")")
        }
        guard let found = file.metadata("settings"), found == settings else {
            throw mismatch(
                "expected the settings \(settings), found \(file.metadata("settings") ?? "none")",
                hint: "go on with the settings that the run began with")
        }
        func number(_ key: String) throws(TrainingError) -> Int {
            guard let value = file.metadata(key).flatMap({ Int($0) }), value >= 0 else {
                throw mismatch("expected \(key) as a number")
            }
            return value
        }
        let (step, optimiserSteps, skipped) =
            (try number("step"), try number("optimiser_steps"), try number("skipped_steps"))
        let notes = try JSONParser.parse(Array((file.metadata("notes") ?? "null").utf8))
        let runs = try Self.runs.map { name in
            try state.modules.map { slot in
                let empty = Adapter.Module(
                    layer: slot.layer, target: slot.target, inputs: slot.inputs, outputs: slot.outputs, down: [], up: []
                )
                let down = try file.tensor("\(name).\(empty.name).lora_A.weight")
                let up = try file.tensor("\(name).\(empty.name).lora_B.weight")
                try down.requireShape([adapterConfiguration.rank, slot.inputs])
                try up.requireShape([slot.outputs, adapterConfiguration.rank])
                return try Adapter.Module(
                    layer: slot.layer, target: slot.target, rank: adapterConfiguration.rank, down: down, up: up)
            }
        }
        guard file.metadata("digest") == Self.digest(runs).description else {
            throw mismatch("its numbers do not have the digest that it states", hint: "the file is damaged")
        }
        for (run, target) in zip(runs, [state.parameters, optimiser.first, optimiser.second]) {
            state.scatter(run.map { ($0.down, $0.up) }, into: target.base)
        }
        state.parametersChanged()
        (stepCount, optimiser.steps, skippedSteps) = (step, optimiserSteps, skipped)
        return notes
    }

    /// What must be the same for a run to go on with the same numbers.
    private var settings: String {
        let optimiser = options.optimiser
        let value: JSONValue = [
            "base": .string(baseFingerprint), "rank": .integer(Int64(adapterConfiguration.rank)),
            "alpha": .number(adapterConfiguration.alpha),
            "targets": .array(adapterConfiguration.targets.map { .string($0.rawValue) }),
            "precision": .string(options.precision.rawValue), "rows": .integer(Int64(options.rows)),
            "learning_rate": .number(optimiser.learningRate),
            "betas": [.number(optimiser.beta1), .number(optimiser.beta2)], "epsilon": .number(optimiser.epsilon),
            "weight_decay": .number(optimiser.weightDecay), "schedule": .string("\(options.schedule)"),
            "total_steps": .integer(Int64(options.totalSteps)),
            "maximum_gradient_norm": options.maximumGradientNorm.map { .number($0) } ?? .null,
        ]
        return value.canonicalText
    }

    private static func digest(_ runs: [[Adapter.Module]]) -> SHA256Digest {
        var hasher = SHA256Hasher()
        for module in runs.joined() {
            hasher.update(numbers: module.down)
            hasher.update(numbers: module.up)
        }
        return hasher.finalize()
    }
}
