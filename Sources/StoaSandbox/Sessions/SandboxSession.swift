internal import StoaCore

/// A Python that keeps its variables between cells.
///
/// Cells run one at a time, in the order in which they were asked for. When a cell ends the interpreter, the session is lost:
/// every later cell answers `session_lost` and says why, so that nobody takes the variables for still there. The same holds
/// for a session that stood unused for longer than its policy's `idle`: it is closed, and makes room.
///
/// Isolation: an actor; cancelling a caller whose cell runs ends the session.
public actor SandboxSession {
    /// The session's name.
    public nonisolated let id: String
    /// The interpreter's version, and those of the packages that were imported beforehand.
    public nonisolated let versions: [String: String]

    private let process: SandboxProcess
    private let seed: UInt64
    let limits: SandboxLimits
    private let memoryBytes: Int?
    private let idle: Duration?
    private let clock: any TimeSource
    private let identifiers: any IdentifierSource
    private let onClose: @Sendable () async -> Void
    private var cell = 0
    /// Why it takes no more cells; nil while it does.
    private var loss: String?
    /// The end of everything, once it has begun.
    ///
    /// Owned by this actor: whoever closes awaits it.
    private var closing: Task<Void, Never>?
    private var isBusy = false
    private var waiting = FIFO<CheckedContinuation<Void, Never>>()
    /// When it becomes too long unused; nil while it is in use.
    private var idleDeadline: Duration?
    private var idleTimer: Task<Void, Never>?

    /// Time on top of a cell's own for the supervisor to act; after that the whole sandbox is killed from outside.
    private static let backstop: Duration = .seconds(5)

    init(
        process: SandboxProcess, id: String, seed: UInt64, limits: SandboxLimits, memoryBytes: Int?, idle: Duration?,
        clock: any TimeSource, identifiers: any IdentifierSource, onClose: @escaping @Sendable () async -> Void
    ) {
        self.process = process
        self.id = id
        self.seed = seed
        self.limits = limits
        self.memoryBytes = memoryBytes
        self.idle = idle
        self.clock = clock
        self.identifiers = identifiers
        self.onClose = onClose
        versions = process.ready.packages.merging(["python": process.ready.python]) { $1 }
    }

    /// Whether it takes another cell.
    public var isAlive: Bool { loss == nil }

    /// Runs a cell.
    ///
    /// - Parameters:
    ///   - code: Python.
    ///   - limits: what this cell may use; nil for the session's. The memory is always the session's.
    ///   - offersAnswer: whether code can call `final_answer`; what the first cell has holds for all.
    /// - Returns: what came of it, whatever it did.
    /// - Throws: `SandboxError` for code or limits that cannot be handed over; `CancellationError`, which ends the session.
    public func run(
        _ code: String, limits: SandboxLimits? = nil, offersAnswer: Bool = false
    ) async throws -> SandboxResult {
        try await run(
            SandboxProgram(code: code, name: "<cell \(cell + 1)>"), limits: limits, isProgram: false,
            offersAnswer: offersAnswer)
    }

    func run(
        _ program: SandboxProgram, limits: SandboxLimits?, isProgram: Bool, offersAnswer: Bool = false,
        module: String = "__main__", call: SandboxCall? = nil
    ) async throws -> SandboxResult {
        let limits = limits ?? self.limits
        try limits.validate()
        guard program.code.utf8.count <= CellRequest.maximumCodeBytes else {
            throw SandboxError.codeTooLong(program.code.utf8.count)
        }
        await takeTurn()
        defer { passTurn() }
        try Task.checkCancellation()
        cell += 1
        if let loss { return lost(loss) }
        let request = CellRequest(
            code: program.code, name: program.name, seed: seed, isProgram: isProgram, limits: limits,
            memoryBytes: cell == 1 ? memoryBytes : nil, offersAnswer: offersAnswer, module: module, call: call,
            nonce: (identifiers.next(), identifiers.next()))
        if let input = program.standardInput, cell == 1 {
            // In pieces: one frame must not be as large as a file.
            for start in stride(from: 0, to: input.count, by: 1 << 20) {
                let piece = Array(input[start..<min(start + 1 << 20, input.count)])
                await process.send(SandboxFrame(kind: .input, sequence: UInt32(cell), payload: piece))
            }
        }
        await process.send(request.frame(UInt32(cell)))
        do {
            var result = try await answer(limits)
            if cell == 1 { result.timing.start = process.startTime }
            return result
        } catch is CancellationError {
            await end("it was cancelled while a cell ran")
            throw CancellationError()
        }
    }

    /// Ends the session and waits until nothing is left of it.
    public func close() async {
        if loss == nil { loss = "it was closed" }
        idleTimer?.cancel()
        // Owned by `closing`: a caller that is cancelled must not leave half a sandbox behind.
        let end = closing ?? Task { [process, onClose] in await Self.end(process, onClose) }
        closing = end
        await end.value
    }

    private static func end(_ process: SandboxProcess, _ onClose: @Sendable () async -> Void) async {
        await process.close()
        await onClose()
    }

    // MARK: Turns

    private func takeTurn() async {
        if isBusy { return await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
        let isLate = idleDeadline.map { clock.now >= $0 } ?? false
        idleTimer?.cancel()
        idleDeadline = nil
        // The timer may not have had its turn yet.
        if isLate { await end(Self.idleReason(idle)) }
    }

    private func passTurn() {
        if let next = waiting.popFirst() { return next.resume() }
        isBusy = false
        watchIdleness()
    }

    /// Closes the session if nobody uses it for too long from now on.
    func watchIdleness() {
        guard let idle, loss == nil, !isBusy else { return }
        let deadline = clock.now + idle
        idleDeadline = deadline
        // Owned by this actor: the next cell and `close` cancel it, and it holds nothing meanwhile.
        idleTimer = Task { [weak self, clock] in
            guard (try? await clock.sleep(for: idle)) != nil else { return }
            await self?.endIfIdle(deadline)
        }
    }

    private func endIfIdle(_ deadline: Duration) async {
        guard !isBusy, idleDeadline == deadline else { return }
        await end(Self.idleReason(idle))
    }

    private static func idleReason(_ idle: Duration?) -> String {
        "it was closed after \((idle ?? .zero) / .seconds(1)) s without use"
    }

    // MARK: Answers

    private func state(isAlive: Bool) -> SandboxResult.SessionState { .init(id: id, cell: cell, isAlive: isAlive) }

    private func lost(_ reason: String) -> SandboxResult {
        var result = SandboxResult(status: .sessionLost, session: state(isAlive: false))
        result.reason = reason
        return result
    }

    private func end(_ reason: String) async {
        if loss == nil { loss = reason }
        await close()
    }

    /// Gathers the frames of a cell.
    private func answer(_ limits: SandboxLimits) async throws -> SandboxResult {
        var answer: [UInt8]?
        var out = OutputText()
        var error = OutputText()
        do {
            for frame in try await process.answer(within: limits.wall + Self.backstop) {
                switch frame.kind {
                case .control: answer = frame.payload
                case .stdout: out = Self.text(frame.payload, limits)
                case .stderr: error = Self.text(frame.payload, limits)
                case .done:
                    guard let report = EndReport(frame.payload) else { continue }
                    return await finished(answer, report, limits, out, error)
                case .exit:
                    guard let report = EndReport(frame.payload) else { continue }
                    return await ended(report, out, error)
                default: continue
                }
            }
        } catch let cancellation as CancellationError {
            throw cancellation
        } catch {
            // The supervisor did not act in time, or sent what is no frame: the launcher is ended from outside.
        }
        await end("its supervisor went away")
        var result = SandboxResult(status: .terminated, session: state(isAlive: false))
        (result.stdout, result.stderr, result.reason) = (out, error, loss)
        return result
    }

    private static func text(_ payload: [UInt8], _ limits: SandboxLimits) -> OutputText {
        var reader = ByteReader(payload[...])
        guard let total = reader.uint64(), let length = reader.uint64(),
            let head = reader.bytes(Int(clamping: length))
        else { return OutputText() }
        return OutputText(head: head, tail: reader.remaining, total: total, limit: limits.outputBytes)
    }

    /// A cell after which the interpreter lives.
    private func finished(
        _ payload: [UInt8]?, _ report: EndReport, _ limits: SandboxLimits, _ out: OutputText, _ error: OutputText
    ) async -> SandboxResult {
        let longest = min(limits.valueBytes, limits.outputBytes)
        guard let payload, let answer = DriverAnswer(payload, valueLimit: longest) else {
            await end("a cell wrote to the sandbox's own descriptors")
            var result = SandboxResult(status: .protocolViolation, session: state(isAlive: false))
            (result.stdout, result.stderr, result.reason) = (out, error, loss)
            return result
        }
        let status: SandboxResult.Status =
            answer.isTimeout ? .timeout : answer.exception == nil ? .ok : .exception
        var result = SandboxResult(status: status, session: state(isAlive: true))
        result.limit = answer.isTimeout ? .softWall : answer.limit
        (result.stdout, result.stderr) = (out, error)
        (result.value, result.isValueTruncated) = (answer.value, answer.isValueTruncated)
        (result.answer, result.isAnswerReplaced) = (answer.answer, answer.isAnswerReplaced)
        result.exception = answer.exception
        result.exit.code = answer.exitCode
        (result.timing.wall, result.timing.cpu) = (report.wall, report.cpu)
        result.peakResidentKilobytes = answer.peakResidentKilobytes
        return result
    }

    /// A cell that took the interpreter with it.
    private func ended(_ report: EndReport, _ out: OutputText, _ error: OutputText) async -> SandboxResult {
        let (status, limit, reason) = Self.verdict(report)
        await end(reason)
        var result = SandboxResult(status: status, session: state(isAlive: false))
        result.limit = limit
        (result.stdout, result.stderr) = (out, error)
        result.exit = .init(code: report.code, signal: report.signal)
        (result.timing.wall, result.timing.cpu) = (report.wall, report.cpu)
        result.peakResidentKilobytes = report.peakResidentKilobytes
        result.reason = reason
        return result
    }

    private static func verdict(
        _ report: EndReport
    ) -> (SandboxResult.Status, SandboxResult.Limit?, String) {
        switch report.reason {
        case .wall: (.timeout, .wall, "a cell took longer than its time and was killed")
        case .cpu: (.timeout, .cpu, "a cell used more processor time than it may and was killed")
        case .output: (.terminated, .output, "a cell printed more than it may and was killed")
        case .violation: (.protocolViolation, nil, "a cell wrote to the sandbox's own descriptors")
        case .memory: (.terminated, .memory, "a cell used more memory than it may and was killed")
        case .itself:
            if let signal = report.signal {
                // Killed by nobody inside and not by the supervisor: the launcher's watch over memory, or the kernel's.
                (.terminated, signal == 9 ? .memory : nil, "a cell ended the interpreter by signal \(signal)")
            } else {
                (.terminated, nil, "a cell ended the interpreter with exit code \(report.code ?? 0)")
            }
        }
    }
}

/// A whole program for the sandbox.
public struct SandboxProgram: Sendable, Hashable {
    /// Python.
    public var code: String
    /// The name that tracebacks give it.
    public var name: String
    /// What it reads from standard input; nil for nothing.
    public var standardInput: [UInt8]?
    /// Files that lie in its working folder when it starts: relative names and contents.
    public var files: [String: [UInt8]]
    /// Files of its working folder that are wanted when it has ended.
    public var fetches: [String]

    /// Creates a program.
    ///
    /// - Parameters:
    ///   - code: Python.
    ///   - name: the name that tracebacks give it.
    ///   - standardInput: what it reads from standard input.
    ///   - files: files that lie in its working folder when it starts.
    ///   - fetches: files of its working folder that are wanted when it has ended.
    public init(
        code: String, name: String = "main.py", standardInput: [UInt8]? = nil, files: [String: [UInt8]] = [:],
        fetches: [String] = []
    ) {
        self.code = code
        self.name = name
        self.standardInput = standardInput
        self.files = files
        self.fetches = fetches
    }
}
