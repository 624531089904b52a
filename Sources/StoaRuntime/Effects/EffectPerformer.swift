internal import OrderedCollections
internal import StoaCore

/// Whether an effect whose result is recorded can be had again, and in which replays it is.
enum EffectRepetition: Sendable, Hashable {
    /// By the engine, bit for bit: in `recompute`.
    case computable
    /// By asking a server again: never in a replay.
    case remote
    /// By calling a tool again: in `tools`.
    case tool
    /// By asking a person again: never in a replay.
    case person
}

/// Something that leaves the deterministic world, ready to be performed.
struct Effect<Value: Sendable>: Sendable {
    var key: EffectKey
    var actor: AgentID
    var repetition: EffectRepetition
    var intent: Content
    /// The journal's form of a value, and what else is to be observed of it.
    var encode: @Sendable (Value) -> Content
    var decode: @Sendable (JSONValue, ContentReader) async throws -> Value
    var observe: @Sendable (Value) -> JSONValue = { _ in .emptyObject }
    /// What an effect comes to that was in flight when its process died and may not be repeated.
    var interrupted: Value?
    var perform: @Sendable () async throws -> Value
}

/// A performed effect, and the event that says so, to be committed with the state change it causes.
struct Performed<Value: Sendable>: Sendable {
    var outcome: EffectOutcome<Value>
    /// The event that keeps the outcome.
    var event: Event
    var details: JSONValue
    var isRecorded: Bool
}

/// Performs effects, or takes their results from the record.
struct EffectPerformer: Sendable {
    let recorder: RunRecorder
    let clock: any TimeSource

    /// Performs an effect once and for all: its intent is in the journal before it begins.
    ///
    /// - Parameters:
    ///   - effect: what to do.
    ///   - before: events that lead to it and are not recorded yet; committed with its intent.
    ///   - details: what was observed of those.
    ///   - causes: the events that it follows from, recorded or not.
    ///   - timeout: how long it may take; nil for as long as it takes.
    ///   - last: the event before it in its branch.
    ///   - limit: a budget of time that is used up already; it is looked at only where the effect would really begin.
    /// - Returns: the outcome; its event is the caller's to commit.
    /// - Throws: `CancellationError`, `JournalError`, `ReplayStop`, `Parked`, a `StoaError` of kind `.noSandbox`.
    func perform<Value: Sendable>(
        _ effect: Effect<Value>, before: [Event], details: JSONValue = .emptyObject, causes: [EventKey] = [],
        timeout: Duration?,
        after last: EventKey? = nil,
        limit: () -> LimitReached?
    ) async throws -> Performed<Value> {
        let completedKey = EventKey(effect.key, .effectCompleted)
        var intentKey = EventKey(effect.key, .effectIntended)
        var intended = try await recorder.recorded(intentKey)
        if let found = intended, recorder.isInherited(found) {
            // A branch of a run performs for itself what its parent had only begun, with an intent of its own.
            let isDone = try await recorder.recorded(completedKey).map { recorder.isInherited($0) } ?? false
            if !isDone {
                intentKey.ordinal = recorder.generation
                intended = try await recorder.recorded(intentKey)
            }
        }
        let wasIntended = intended != nil
        let intent = Event(
            key: intentKey, actor: effect.actor, payload: .object(effect.intent.document), causes: causes,
            blobs: effect.intent.blobs)
        try await recorder.commit(before + [intent], details: details, after: last)
        if let found = try await recorder.recorded(completedKey) {
            return try await recorded(effect, found)
        }
        guard case .record = recorder.mode else {
            throw try await recorder.missing(completedKey, replayed: nil, after: intentKey)
        }
        let isWithdrawn = wasIntended ? try await recorder.isWithdrawn(effect.key) : false
        if wasIntended, !isWithdrawn, let interrupted = effect.interrupted {
            return performed(effect, .value(interrupted), details: .emptyObject)
        }
        if let limit = limit() { return performed(effect, .limit(limit), details: .emptyObject) }
        if isWithdrawn { try await recorder.mark(effect.key, by: effect.actor, withdrawn: false) }
        do {
            return try await live(effect, timeout: timeout)
        } catch let error where Self.neverBegan(error) {
            try await recorder.mark(effect.key, by: effect.actor, withdrawn: true)
            throw error
        }
    }

    private func live<Value: Sendable>(
        _ effect: Effect<Value>, timeout: Duration?
    ) async throws -> Performed<Value> {
        do {
            let value = try await clock.withTimeout(timeout, of: effect.key.description, effect.perform)
            return performed(effect, .value(value), details: effect.observe(value))
        } catch let error where Self.endsTheRun(error) {
            throw error
        } catch {
            try Task.checkCancellation()
            return performed(effect, .failed(EffectFailure(error)), details: .emptyObject)
        }
    }

    /// Whether an error is no outcome of the effect, but keeps the run itself from going on.
    private static func endsTheRun(_ error: any Error) -> Bool {
        switch error {
        case is Parked, is CancellationError, is JournalError, is ReplayStop: true
        case let error as MemoryError: error.code == .latentDiffers || error.code == .latentMissing
        default: neverBegan(error)
        }
    }

    /// Whether an error says that what the effect needs cannot be had, so that it did not even begin.
    ///
    /// Nothing came of it, and nothing is to be concluded from it. The run can go on where there is what it needs.
    static func neverBegan(_ error: any Error) -> Bool { (error as? any StoaError)?.kind == .noSandbox }

    private func recorded<Value: Sendable>(
        _ effect: Effect<Value>, _ found: RecordedEvent
    ) async throws -> Performed<Value> {
        let failure = EffectFailure(document: found.event.payload["error"])
        let limit = LimitReached(document: found.event.payload["limit_reached"])
        // What was a matter of the moment cannot be had again: time that ran out, a call that failed and was repeated, a
        // tool that was interrupted.
        let status = found.event.payload["result"]?["status"]?.stringValue.flatMap(ToolResult.Status.init(rawValue:))
        let wasOfTheMoment =
            limit != nil || failure?.isTransient == true || status == .interrupted || status == .limit
        let isOurs = isRepeated(effect.repetition) && !recorder.isInherited(found)
        if isOurs, !wasOfTheMoment {
            let again = try await live(effect, timeout: nil)
            try await recorder.compareEffect(again.event, with: found)
        }
        let isRemote = recorder.mode == .replay(.recompute) && effect.repetition == .remote
        let isSkipped = isRemote || (isOurs && wasOfTheMoment)
        await recorder.visitEffect(found, skipped: isSkipped)
        let payload = found.event.payload
        let outcome: EffectOutcome<Value>
        if let failure {
            outcome = .failed(failure)
        } else if let limit {
            outcome = .limit(limit)
        } else {
            do {
                outcome = .value(try await effect.decode(payload, recorder.reader))
            } catch let error as JournalError where error.code == .damaged || error.code == .missingBlob {
                guard case .replay = recorder.mode else { throw error }
                throw await recorder.noteDamage(error, in: found)
            }
        }
        return Performed(
            outcome: outcome, event: found.event, details: found.observation.details, isRecorded: true)
    }

    private func isRepeated(_ repetition: EffectRepetition) -> Bool {
        switch (recorder.mode, repetition) {
        case (.replay(.recompute), .computable), (.replay(.tools), .tool): true
        default: false
        }
    }

    private func performed<Value: Sendable>(
        _ effect: Effect<Value>, _ outcome: EffectOutcome<Value>, details: JSONValue
    ) -> Performed<Value> {
        var content: Content
        switch outcome {
        case .value(let value): content = effect.encode(value)
        case .failed(let failure):
            content = Content()
            content.set("effect", effect.intent.document["effect"])
            content.set("error", failure.document)
        case .limit(let limit):
            content = Content()
            content.set("effect", effect.intent.document["effect"])
            content.set("limit_reached", limit.document)
        }
        let event = Event(
            key: EventKey(effect.key, .effectCompleted), actor: effect.actor, payload: .object(content.document),
            causes: [EventKey(effect.key, .effectIntended)], blobs: content.blobs)
        return Performed(outcome: outcome, event: event, details: details, isRecorded: false)
    }
}

/// A run that waits for a person's word: it stops in an orderly way and is resumed with it.
struct Parked: Error, Sendable {
    var decision: PendingDecision
}
