internal import Glibc
internal import StoaCore
internal import StoaTensor

/// Where the checkpoint of one training stands: a folder named after what is trained, gone when it has ended.
struct CheckpointFolder {
    private let path: String

    /// The folder of a training.
    ///
    /// - Parameters:
    ///   - parent: the folder of all trainings' checkpoints.
    ///   - digest: what is trained.
    init(in parent: String, of digest: SHA256Digest) { path = "\(parent)/\(digest)" }

    private var file: String { "\(path)/checkpoint.safetensors" }

    /// Writes what is needed to go on.
    ///
    /// - Parameters:
    ///   - trainer: the trainer between two steps.
    ///   - record: what it has come to so far.
    /// - Throws: `WeightFileError` with the system's reason.
    func write(_ trainer: Trainer, _ record: TrainingRecord) async throws {
        FileWriting.makeFolder(path)
        try await trainer.writeCheckpoint(to: file, notes: record.document)
    }

    /// Brings a trainer to where a process that died was.
    ///
    /// - Parameter trainer: a trainer with the settings of the run, before its first step.
    /// - Returns: what it had come to; nil where there is nothing that can be gone on from.
    func restore(_ trainer: Trainer) async -> TrainingRecord? {
        guard access(file, R_OK) == 0 else { return nil }
        // What cannot be read is no loss but time: the run begins anew.
        return (try? await trainer.restoreCheckpoint(from: file)).flatMap(TrainingRecord.init)
    }

    /// Removes everything.
    func remove() {
        for name in FolderNames.names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}
