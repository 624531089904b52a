private import CStoaPlatform
private import Dispatch
private import Glibc

/// Turns the first Ctrl-C into the cancellation of a task; the second ends the process at once.
struct Interrupts {
    private let source: any DispatchSourceRead

    /// Whether a signal has come.
    static var received: Bool { stp_interrupt_received() != 0 }

    /// Watches for SIGINT and SIGTERM from now on; nil where the system refuses.
    ///
    /// - Parameter onFirst: called once, on a queue of its own, after the first signal.
    init?(onFirst: @escaping @Sendable () -> Void) {
        let descriptor = stp_interrupt_install(ExitStatus.interrupted.rawValue)
        guard descriptor >= 0 else { return nil }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        source.setEventHandler {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) > 0 {}
            onFirst()
        }
        source.activate()
        self.source = source
    }
}
