internal import OrderedCollections
internal import StoaCore

/// What agents act upon: everything around them, seen through protocols.
struct AgentWorld: Sendable {
    /// Pieces of work that may wait for one agent.
    static var mailboxCapacity: Int { 1024 }

    let run: RunID
    let seed: UInt64
    /// The run's start: what texts are told that ask for the date.
    let started: WallTime
    let memory: SharedMemory
    let performer: EffectPerformer
    let scheduler: Scheduler
    /// Contents of messages as expressions compute with them.
    let values = ValueCache()
    let shelf: LatentShelf
    /// Whether the bytes of latents go to the journal.
    let storesLatents: Bool
    /// The models by the plan's names.
    let models: [String: any LanguageModel]
    /// What the models were when the run began.
    let identities: [String: ModelIdentity]
    let prices: [String: PlanModel]
    let sessions: ToolSessions
    /// What trains the models' adapters, by the plan's names for the models.
    let trainers: [String: any PolicyTrainer]
    let verifiers: [String: any Verifier]
    let person: (any Person)?
    /// What a person has said since the run stopped to wait for it.
    let decisions: [EffectKey: String]
    let clock: any TimeSource
    let observer: any RunObserver

    /// How many branches of a step are worked on at a time.
    ///
    /// So many keep every model busy, with some that are on their way to one; more would only wait, each with its place in
    /// memory.
    var branches: Int { max(32, 4 * (models.values.map(\.concurrency).max() ?? 1)) }

    /// The run's start as a date.
    var date: TemplateDate { TemplateDate(started) }
}
