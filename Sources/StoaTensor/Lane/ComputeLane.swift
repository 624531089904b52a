internal import Glibc

/// A serial executor that owns one thread, so that long computations never occupy Swift's cooperative pool.
///
/// An actor whose `unownedExecutor` is a lane runs on the lane's thread; its synchronous methods are the units between
/// which cancellation and fairness happen, so each should take about 20 ms at most.
///
/// Isolation: `enqueue` may be called from anywhere. The thread ends when the last reference to the lane goes.
public final class ComputeLane: SerialExecutor {
    private let queue: JobQueue
    /// Worker threads that kernels started from this lane may use, the lane's own included.
    public let threads: Int

    /// Starts a lane.
    ///
    /// - Parameter threads: kernel workers, the lane's own thread included; at least 1.
    public init(threads: Int) {
        precondition(threads >= 1, "a compute lane needs at least one thread")
        self.threads = threads
        queue = JobQueue()
        queue.start()
    }

    deinit { queue.stop() }

    /// Adds a job; called by the concurrency runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        queue.push(UnownedJob(job), executor: asUnownedSerialExecutor())
    }
}

/// The jobs of a lane and the thread that runs them.
///
/// `@unchecked Sendable`: every access to `jobs` and `stopped` holds the mutex.
private final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
    private var stopped = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func start() {
        var thread = pthread_t()
        // The thread holds the queue, never the lane: the lane's end is what stops it.
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        precondition(status == 0, "cannot start a compute thread: error \(status)")
        pthread_detach(thread)
    }

    func push(_ job: UnownedJob, executor: UnownedSerialExecutor) {
        pthread_mutex_lock(mutex)
        jobs.append((job, executor))
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopped = true
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    private func run() {
        while true {
            pthread_mutex_lock(mutex)
            while jobs.isEmpty && !stopped { pthread_cond_wait(condition, mutex) }
            let batch = jobs
            jobs.removeAll(keepingCapacity: true)
            pthread_mutex_unlock(mutex)
            if batch.isEmpty { return }
            for entry in batch { entry.job.runSynchronously(on: entry.executor) }
        }
    }
}
