internal import CStoaKernels

/// The kernel worker threads of one compute lane.
///
/// `@unchecked Sendable`: used by one thread at a time, that of the lane which owns it.
package final class KernelPool: @unchecked Sendable {
    /// The C team, for kernel calls.
    package let pointer: OpaquePointer

    /// Starts a team.
    ///
    /// - Parameter threads: workers, the caller included; at least 1.
    package init(threads: Int) {
        precondition(threads >= 1, "a kernel pool needs at least one thread")
        guard let pointer = stk_pool_create(Int32(threads)) else {
            preconditionFailure("cannot start \(threads) kernel threads: the system is out of threads or memory")
        }
        self.pointer = pointer
    }

    deinit { stk_pool_destroy(pointer) }

    /// Workers, the caller included.
    package var threads: Int { Int(stk_pool_threads(pointer)) }

    /// Runs `task` for every index in 0..<count on all workers, and returns when all are done.
    ///
    /// - Parameters:
    ///   - count: how many tasks there are.
    ///   - task: runs on any worker, several at a time.
    package func run(_ count: Int, _ task: (Int) -> Void) {
        withoutActuallyEscaping(task) { task in
            let box = TaskBox(task)
            withExtendedLifetime(box) {
                stk_pool_run(
                    pointer,
                    { context, index in
                        guard let context else { return }
                        Unmanaged<TaskBox>.fromOpaque(context).takeUnretainedValue().task(index)
                    }, Unmanaged.passUnretained(box).toOpaque(), count)
            }
        }
    }
}

/// A closure at an address that C can carry.
private final class TaskBox {
    let task: (Int) -> Void

    init(_ task: @escaping (Int) -> Void) { self.task = task }
}
