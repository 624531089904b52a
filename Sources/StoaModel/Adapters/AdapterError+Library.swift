internal import StoaCore

extension AdapterError {
    static func unfit(_ reference: AdapterReference, model: String, reason: String) -> AdapterError {
        AdapterError(
            .adapterMismatch, "adapter \(short(reference)) does not fit model \(model): \(reason)",
            hint: "use an adapter that was trained on this model")
    }

    static func noLibrary(_ reference: AdapterReference, model: String) -> AdapterError {
        AdapterError(
            .adapterMissing, kind: .usage,
            "adapter \(short(reference)) for model \(model): the model was loaded without a library of adapters",
            hint: "load the model with the library that holds the adapter")
    }

    static func missing(_ reference: AdapterReference, root: String) -> AdapterError {
        AdapterError(
            .adapterMissing, "adapter \(reference) is not in the library \(root)",
            hint: "train it again, or bring the folder with its files back")
    }

    static func damaged(_ reference: AdapterReference, folder: String, problem: String) -> AdapterError {
        AdapterError(
            .adapterDamaged, "adapter \(short(reference)) in \(folder) is damaged: \(problem)",
            hint: "remove the folder, and train or import the adapter again")
    }

    static func unwritable(_ reference: AdapterReference, root: String, problem: String) -> AdapterError {
        AdapterError(
            .unwritable, kind: .failure, "adapter \(short(reference)) cannot be stored in \(root): \(problem)",
            hint: "make room on the disk, or name another folder")
    }

    /// Enough of a reference to tell it from others.
    private static func short(_ reference: AdapterReference) -> String { String(reference.description.prefix(16)) }
}
