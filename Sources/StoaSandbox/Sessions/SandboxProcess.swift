internal import Glibc
internal import StoaCore
internal import Subprocess

/// One sandbox: the launcher and everything below it.
///
/// The launcher ends only when every process of the sandbox is gone, and `close` returns after it has ended.
final class SandboxProcess: Sendable {
    /// What the sandbox said once it stood.
    let ready: ReadyReport
    /// How long it took to stand.
    let startTime: Duration
    private let writer: StandardInputWriter
    private let frames: BoundedChannel<SandboxFrame>.Elements
    /// Owned by this value: `close` awaits it.
    private let runner: Task<Void, Never>
    private let clock: any TimeSource

    private init(
        ready: ReadyReport, startTime: Duration, writer: StandardInputWriter,
        frames: BoundedChannel<SandboxFrame>.Elements, runner: Task<Void, Never>, clock: any TimeSource
    ) {
        self.ready = ready
        self.startTime = startTime
        self.writer = writer
        self.frames = frames
        self.runner = runner
        self.clock = clock
    }

    /// A machine under load may take long; one that takes longer is broken.
    private static let startLimit: Duration = .seconds(60)
    /// What the launcher needs to end by itself after its input has ended, grace of its own included.
    private static let endLimit: Duration = .seconds(5)

    /// Starts a sandbox and waits until it stands.
    ///
    /// - Parameters:
    ///   - command: what to start.
    ///   - clock: what to wait on.
    /// - Returns: the sandbox; every probe in it has found a wall.
    /// - Throws: `SandboxError` with the reason and the cure; `CancellationError`.
    static func start(_ command: LaunchCommand, clock: any TimeSource) async throws -> SandboxProcess {
        // A sandbox that dies while it is written to is told by its frames, not by a signal to this process.
        signal(SIGPIPE, SIG_IGN)
        let begin = clock.now
        let (producer, frames) = BoundedChannel<SandboxFrame>.make(capacity: 64)
        let (writers, writerElements) = BoundedChannel<StandardInputWriter>.make(capacity: 1)
        // Owned by the process below, which awaits it in `close`; on every failure it is awaited right here.
        let runner = Task { await supervise(command, producer, writers) }
        do {
            return try await clock.withTimeout(startLimit, of: "the sandbox") {
                var input = writerElements.makeAsyncIterator()
                guard let writer = try await input.next() else { throw CancellationError() }
                let ready = try await awaitReady(frames)
                return SandboxProcess(
                    ready: ready, startTime: clock.now - begin, writer: writer, frames: frames, runner: runner,
                    clock: clock)
            }
        } catch {
            runner.cancel()
            await runner.value
            switch error {
            case is CancellationError, is SandboxError: throw error
            default: throw SandboxError.notStanding("\((error as? any StoaError)?.message ?? "\(error)")")
            }
        }
    }

    /// The launcher's whole life.
    private static func supervise(
        _ command: LaunchCommand, _ producer: BoundedChannel<SandboxFrame>.Producer,
        _ writers: BoundedChannel<StandardInputWriter>.Producer
    ) async {
        let variables = command.environment.sorted { $0.key < $1.key }.map {
            Array("\($0.key)=\($0.value)".utf8) + [0]
        }
        var options = PlatformOptions()
        // The launcher ends everything below it within milliseconds; killed, it could leave what is just being started.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        do {
            _ = try await Subprocess.run(
                .path(literal(command.program)), arguments: Arguments(command.arguments),
                environment: .custom(variables), platformOptions: options, input: .inputWriter, output: .sequence,
                error: .discarded
            ) { execution in
                _ = writers.trySend(execution.standardInputWriter)
                var decoder = FrameDecoder()
                for try await piece in execution.standardOutput {
                    piece.withUnsafeBytes { decoder.append($0) }
                    while let frame = try decoder.next() { _ = await producer.send(frame) }
                }
            }
            producer.finish()
        } catch {
            writers.finish(throwing: error)
            producer.finish(throwing: error)
        }
    }

    private static func awaitReady(_ frames: BoundedChannel<SandboxFrame>.Elements) async throws -> ReadyReport {
        var complaint = ""
        for try await frame in frames {
            switch frame.kind {
            case .ready: return try ReadyReport(frame.payload)
            case .stderr:
                // The driver's own last words, before it could say that it stands.
                complaint += String(decoding: frame.payload.dropFirst(16), as: UTF8.self)
            case .failed: complaint += String(decoding: frame.payload, as: UTF8.self)
            default: continue
            }
        }
        let line = complaint.split(separator: "\n").last.map(String.init) ?? "it ended without a word"
        throw SandboxError.notStanding(line)
    }

    // MARK: Cells

    /// Hands a frame to the supervisor; one that is gone is noticed when its answer is awaited.
    func send(_ frame: SandboxFrame) async { _ = try? await writer.write(frame.bytes) }

    /// The frames of one cell: up to the one that ends it, or fewer where the sandbox went away.
    ///
    /// - Parameter limit: how long to wait for all of them.
    /// - Returns: the frames.
    /// - Throws: `TimedOut`, `CancellationError`, or what broke the stream.
    func answer(within limit: Duration) async throws -> [SandboxFrame] {
        try await clock.withTimeout(limit, of: "the sandbox's answer") { [frames] in
            var iterator = frames.makeAsyncIterator()
            var answer: [SandboxFrame] = []
            while let frame = try await iterator.next() {
                answer.append(frame)
                if frame.kind == .done || frame.kind == .exit { break }
            }
            return answer
        }
    }

    /// Ends the sandbox, and returns when nothing is left of it.
    ///
    /// Also for a caller that is cancelled: half an end would leave processes behind.
    func close() async {
        // Owned by this function, which awaits it.
        await Task { await end() }.value
    }

    private func end() async {
        try? await writer.finish()
        // Nobody wants what it still has to say: the stream must not wait for a reader.
        let done: Void? = try? await clock.withTimeout(Self.endLimit, of: "the sandbox's end") { [frames] in
            var iterator = frames.makeAsyncIterator()
            do { while try await iterator.next() != nil {} } catch is ChannelAbandoned {}
        }
        if done == nil { runner.cancel() }
        await runner.value
    }
}

extension SandboxError {
    /// A sandbox that did not come to stand, with the cure for the usual causes.
    static func notStanding(_ reason: String) -> SandboxError {
        let cure: String
        if reason.contains("namespace") || reason.contains("Operation not permitted") || reason.contains("uid map") {
            cure =
                "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu an AppArmor profile with "
                + "\"userns,\" for bwrap; in a container --security-opt seccomp=unconfined), or use the container backend"
        } else if reason.contains("MemoryError") || reason.contains("Cannot allocate memory") {
            cure = "allow more memory"
        } else {
            cure = "run: stoa doctor"
        }
        return .unavailable(reason, cure: cure)
    }
}
