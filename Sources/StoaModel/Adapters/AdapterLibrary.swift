internal import Glibc
public import StoaCore
internal import StoaTensor

/// Adapters by content: `ROOT/<digest>/adapter_model.safetensors` and `adapter_config.json`, as PEFT keeps them.
///
/// A folder appears whole or not at all, so any number of processes may read and write one library at a time.
///
/// Isolation: may be used from anywhere; every call reads or writes files, so it belongs on no cooperative thread where
/// adapters are large.
public struct AdapterLibrary: Sendable, Hashable {
    /// The folder; it is made with the first adapter.
    public let root: String

    /// Names a library; nothing is read or made.
    ///
    /// - Parameter root: the folder.
    public init(root: String) { self.root = root }

    /// The folder of an adapter, whether or not it is there.
    ///
    /// - Parameter reference: the adapter.
    /// - Returns: a folder that other programs can read as a PEFT adapter.
    public func folder(of reference: AdapterReference) -> String { "\(root)/\(reference)" }

    /// Whether an adapter's folder is there; what is in it is not looked at.
    ///
    /// - Parameter reference: the adapter.
    /// - Returns: false for one that is not.
    public func contains(_ reference: AdapterReference) -> Bool {
        access("\(folder(of: reference))/\(Adapter.configurationFile)", R_OK) == 0
    }

    /// The adapters that are here, in the order of their digests.
    ///
    /// - Returns: the references; none where there is no library yet.
    public func references() -> [AdapterReference] {
        FolderNames.names(in: root).compactMap { AdapterReference($0) }.filter(contains).sorted {
            $0.description < $1.description
        }
    }

    // MARK: - Reading

    /// Reads an adapter.
    ///
    /// - Parameter reference: which.
    /// - Returns: the adapter; its digest is the reference's.
    /// - Throws: `AdapterError`: not here, or not what its address says.
    public func adapter(_ reference: AdapterReference) throws(AdapterError) -> Adapter {
        let folder = folder(of: reference)
        guard access(folder, F_OK) == 0 else { throw AdapterError.missing(reference, root: root) }
        let adapter: Adapter
        do {
            adapter = try Adapter(peft: folder)
        } catch {
            throw AdapterError.damaged(
                reference, folder: folder, problem: (error as? any StoaError)?.message ?? "\(error)")
        }
        let found = adapter.digest
        guard found == reference.digest else {
            throw AdapterError.damaged(reference, folder: folder, problem: "its numbers have the digest \(found)")
        }
        return adapter
    }

    // MARK: - Writing

    /// Stores an adapter; nothing happens where it is here already.
    ///
    /// When the call returns, the adapter outlives a power failure.
    ///
    /// - Parameters:
    ///   - adapter: the adapter.
    ///   - baseModel: what the configuration calls the base model; no part of the adapter's identity.
    /// - Returns: its address.
    /// - Throws: `AdapterError` with the system's reason; nothing is left behind.
    public func store(_ adapter: Adapter, baseModel: String) throws(AdapterError) -> AdapterReference {
        let reference = AdapterReference(adapter.digest)
        let isStored = access(folder(of: reference), F_OK) == 0
        if isStored, (try? self.adapter(reference)) != nil { return reference }
        FileWriting.makeFolder(root)
        removeOrphans()
        let beside = try makeFolder(for: reference)
        do {
            try adapter.writePEFT(to: beside, baseModel: baseModel)
        } catch {
            remove(beside)
            throw AdapterError.unwritable(
                reference, root: root, problem: (error as? any StoaError)?.message ?? "\(error)")
        }
        // What is damaged makes place for what is not.
        if isStored { remove(folder(of: reference)) }
        try place(beside, for: reference)
        return reference
    }

    /// Stores what a file or folder holds.
    ///
    /// - Parameters:
    ///   - path: a PEFT folder, or a GGUF file as llama.cpp has it.
    ///   - model: the base model.
    /// - Returns: the adapter's address.
    /// - Throws: `AdapterError` for an adapter of another sort or model, `WeightFileError` or `JSONError` for files that
    ///   cannot be read.
    public func importing(path: String, for model: StoredModel) throws -> AdapterReference {
        let shape = model.weights.configuration
        let isGGUF = path.hasSuffix(".gguf")
        let adapter = try isGGUF ? Adapter(gguf: path, model: shape) : Adapter(peft: path)
        do {
            try adapter.validate(for: shape)
        } catch {
            throw AdapterError(
                error.code, "adapter \(path) does not fit model \(model.path): \(error.message)", hint: error.hint)
        }
        return try store(adapter, baseModel: model.path)
    }

    /// An adapter by what a user calls it.
    ///
    /// - Parameters:
    ///   - name: the digest of an adapter that is here, or a path as `importing` takes it.
    ///   - model: the base model.
    /// - Returns: the adapter's address.
    /// - Throws: as `importing`.
    public func reference(_ name: String, for model: StoredModel) throws -> AdapterReference {
        if let reference = AdapterReference(name), contains(reference) { return reference }
        return try importing(path: name, for: model)
    }

    private static let prefix = ".new-"

    private func makeFolder(for reference: AdapterReference) throws(AdapterError) -> String {
        var template = Array("\(root)/\(Self.prefix)\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw AdapterError.unwritable(reference, root: root, problem: String(cString: strerror(errno)))
        }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        chmod(path, 0o755)
        return path
    }

    /// Gives a complete folder its name.
    private func place(_ folder: String, for reference: AdapterReference) throws(AdapterError) {
        let target = self.folder(of: reference)
        if rename(folder, target) != 0 {
            let problem = errno
            remove(folder)
            // Somebody else was as far a moment before: the content is the same.
            guard problem == ENOTEMPTY || problem == EEXIST else {
                throw AdapterError.unwritable(reference, root: root, problem: String(cString: strerror(problem)))
            }
        }
        do {
            try DurableFile.finish(target)
        } catch {
            throw AdapterError.unwritable(reference, root: root, problem: error.message)
        }
    }

    // MARK: - Folders

    /// Removes what killed processes left.
    private func removeOrphans() {
        for name in FolderNames.names(in: root) where name.hasPrefix(Self.prefix) {
            let digits = name.dropFirst(Self.prefix.count).prefix { $0 != "-" }
            if let process = pid_t(digits), kill(process, 0) != 0, errno == ESRCH { remove("\(root)/\(name)") }
        }
    }

    /// Removes an adapter's folder.
    private func remove(_ folder: String) {
        for name in FolderNames.names(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }
}
