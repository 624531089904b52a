internal import GRDB
public import StoaCore

/// A journal in one SQLite file, which several processes may share, or in memory.
///
/// What `append` acknowledged survives the death of the process, and with `Synchronisation.full` the loss of power.
/// Appends that arrive together share a commit. Events form a hash chain per run, contents are kept once under their
/// digest, and a fork refers to its parent's events instead of copying them.
///
/// Isolation: all work on the file happens on the connections' own queues. Cancelling a caller's task has no effect on a
/// call that was made.
public final class SQLiteJournal: Journal {
    /// How a journal is opened.
    public struct Options: Sendable, Hashable {
        /// What a commit waits for.
        public enum Synchronisation: Sendable, Hashable {
            /// The disk has it: it survives the loss of power.
            case full
            /// The system has it: it survives the death of the process.
            case normal
        }

        /// What may be done.
        public enum Access: Sendable, Hashable {
            /// Everything; the file is made where there is none.
            case readWrite
            /// Reading a file that exists.
            case readOnly
        }

        /// What a commit waits for.
        public var synchronisation: Synchronisation
        /// What may be done.
        public var access: Access
        /// How long to wait for another process that writes.
        public var patience: Duration

        /// Creates options.
        ///
        /// - Parameters:
        ///   - synchronisation: what a commit waits for.
        ///   - access: what may be done.
        ///   - patience: how long to wait for another process that writes.
        public init(
            synchronisation: Synchronisation = .full, access: Access = .readWrite, patience: Duration = .seconds(10)
        ) {
            self.synchronisation = synchronisation
            self.access = access
            self.patience = patience
        }

        func name(of path: String?) -> String { path ?? "journal in memory" }
    }

    /// The file; nil in memory.
    public let path: String?
    /// How it was opened.
    public let options: Options
    let connections: JournalConnections
    let ahead = ReadAhead()
    private let writes: WriteGroup

    /// Opens a journal's file and makes it where there is none.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - options: how to open it.
    /// - Throws: `JournalError`: `.notAJournal`, `.unknownVersion`, `.damaged`, `.locked`, `.unwritable`.
    public convenience init(path: String, options: Options = Options()) throws {
        try self.init(file: path, options: options)
    }

    /// Makes a journal in memory, which is gone with the object.
    ///
    /// - Throws: `JournalError` where SQLite itself cannot be used.
    public convenience init() throws { try self.init(file: nil, options: Options()) }

    private init(file: String?, options: Options) throws {
        path = file
        self.options = options
        do {
            connections = try JournalConnections(path: file, options: options)
        } catch {
            throw JournalError.from(error, name: options.name(of: file), patience: options.patience)
        }
        writes = WriteGroup(connections.writer)
    }

    /// Waits for the writes that were called, and closes the file; every later call fails.
    ///
    /// - Throws: `JournalError` where the file cannot be closed.
    public func close() async throws {
        try? await write { _ in }
        do {
            try connections.reader.close()
            try connections.writer.close()
        } catch {
            throw translate(error)
        }
    }

    /// Makes changes in a transaction, together with those that others make at the same time.
    ///
    /// - Parameter body: the changes; it may run twice, the first time for nothing.
    /// - Returns: what the body returned, once the changes are durable.
    /// - Throws: `JournalError`, or what the body throws.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            writes.add(
                PendingWrite(
                    perform: { db in
                        let value = try body(db)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { [self] error in continuation.resume(throwing: translate(error)) }))
        }
    }

    /// Reads on the reading connection.
    ///
    /// A body of several statements is no snapshot; it needs none, since events are only ever added.
    ///
    /// - Parameter body: what to read.
    /// - Returns: what the body returned.
    /// - Throws: `JournalError`, or what the body throws.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            connections.reader.asyncUnsafeRead { [self] result in
                continuation.resume(with: Result { try body(result.get()) }.mapError(translate))
            }
        }
    }

    /// Reads a snapshot of the journal on a connection of its own, for as long as it takes.
    ///
    /// - Parameter body: what to read.
    /// - Returns: what the body returned.
    /// - Throws: `JournalError`, or what the body throws.
    func readSnapshot<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let reader: DatabaseQueue
        do { reader = try connections.longReader() } catch { throw translate(error) }
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            reader.asyncRead { [self] result in
                continuation.resume(with: Result { try body(result.get()) }.mapError(translate))
            }
        }
    }

    private func translate(_ error: any Error) -> any Error {
        JournalError.from(error, name: options.name(of: path), patience: options.patience)
    }
}
