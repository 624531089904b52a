internal import Glibc

/// An exclusive lock between processes, and between tasks of one process.
///
/// Released by the system if the process dies.
///
/// The lock file is left in place: removing it would let a third process lock another file of the same name.
final class FileLock {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock, waiting as long as another holder needs.
    ///
    /// - Parameters:
    ///   - path: the lock file; made if missing, the folder must exist.
    ///   - clock: what to wait on between attempts.
    ///   - waiting: called once, when somebody else holds the lock.
    /// - Returns: the lock; it is held as long as the value lives.
    /// - Throws: `HubError` when the file cannot be used; `CancellationError` while waiting.
    static func acquire(_ path: String, clock: any Clock<Duration>, waiting: () -> Void) async throws -> FileLock {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw HubError.system("open the lock", path, errno: errno) }
        let lock = FileLock(descriptor: descriptor)
        var announced = false
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw HubError.system("lock", path, errno: errno) }
            if !announced {
                waiting()
                announced = true
            }
            try await clock.sleep(for: .milliseconds(100))
        }
        return lock
    }
}
