internal import OrderedCollections
internal import StoaCore
package import StoaRuntime

/// What a watcher of a run sees: a pure state machine.
///
/// Updates go in with the time at which they came; lines for a terminal of any size come out. It reads no clock and
/// writes nowhere, so equal updates give equal pictures.
package struct LiveView: Sendable {
    /// How much is shown.
    package struct Options: Sendable, Hashable {
        /// Whether texts are shown in full.
        package var isVerbose: Bool

        /// Creates options.
        package init(isVerbose: Bool = false) { self.isVerbose = isVerbose }
    }

    let options: Options
    /// Work under way, in the order in which it began.
    private(set) var activities: OrderedDictionary<EffectKey, LiveActivity> = [:]
    /// What is over and was not shown yet.
    private(set) var finished: [LiveEntry] = []
    private(set) var spending = Spending()
    private(set) var budget = Budget()
    private(set) var started: Duration?
    private(set) var rate = LiveRate()
    private(set) var hasEnded = false
    /// The styles of agents, in the order in which they appeared.
    private(set) var styles: [String: StyledText.Style] = [:]

    /// Creates a view of a run that has not begun.
    package init(options: Options = Options()) { self.options = options }

    // MARK: - In

    /// Takes note of something.
    ///
    /// - Parameters:
    ///   - update: what happened.
    ///   - now: when.
    package mutating func apply(_ update: RunUpdate, at now: Duration) {
        let work = update.effect?.work
        switch update.change {
        case .started(let playbook, let seed, let resumed):
            started = started ?? now
            finished.append(.title(playbook: playbook, seed: seed, run: update.run, resumed: resumed))
        case .working(let activity):
            guard let effect = update.effect, let work else { return }
            introduce(effect.agent)
            activities[work] = LiveActivity(effect, activity: activity, started: now)
        case .progress(let progress):
            guard let effect = update.effect, let work else { return }
            introduce(effect.agent)
            let came = activities[work, default: LiveActivity(effect, activity: "say", started: now)]
                .take(progress, at: now)
            rate.add(came, at: now)
        case .training(let progress):
            if let work { _ = activities[work]?.take(.text(LiveText.training(progress) + "\n"), at: now) }
        case .worked(let usage, let duration, let isRecorded):
            guard let work, let activity = activities.removeValue(forKey: work) else { return }
            finished.append(.work(activity, usage: usage, duration: duration, isRecorded: isRecorded))
        case .posted(let message): note(message, at: now)
        case .decided(let text): finished.append(.decision(update.effect, text))
        case .restarted(let reason, let attempt):
            if let work { activities[work] = nil }
            finished.append(.restart(update.effect, reason: reason, attempt: attempt))
        case .limit(let limit): finished.append(.limit(limit))
        case .recorded: break
        case .spending(let spending, let budget): (self.spending, self.budget) = (spending, budget)
        case .ended(let status):
            activities = [:]
            hasEnded = true
            finished.append(.end(status))
        }
    }

    private mutating func note(_ message: Message, at now: Duration) {
        let work = message.id.effect.work
        if var activity = activities[work] {
            activity.message = message
            activities[work] = activity
            // No agent is at work where a person is asked: the answer is the end of it.
            guard message.from == .conductor else { return }
            activities[work] = nil
            finished.append(.work(activity, usage: .zero, duration: now - activity.started, isRecorded: false))
        } else if message.kind == .problem, case .topic(let name) = message.destination {
            finished.append(.parameter(name: name, value: message.payload.plainText))
        }
    }

    private mutating func introduce(_ agent: AgentID?) {
        guard let role = agent?.role, styles[role] == nil else { return }
        let palette: [StyledText.Style] = [.cyan, .green, .yellow, .magenta, .blue]
        styles[role] = palette[styles.count % palette.count]
    }

    // MARK: - Out

    /// What is over and was not shown yet, once.
    ///
    /// - Parameter width: the cells of a line.
    /// - Returns: lines of at most `width` cells, to stay on the terminal.
    package mutating func takeFinished(width: Int) -> [StyledText] {
        defer { finished = [] }
        return finished.flatMap { lines(for: $0, width: width) }
    }

    /// What is under way, as it is now.
    ///
    /// - Parameters:
    ///   - width: the cells of a line.
    ///   - height: the most lines.
    ///   - now: the time.
    /// - Returns: at most `height` lines of at most `width` cells; none before the beginning and after the end.
    package func frame(width: Int, height: Int, at now: Duration) -> [StyledText] {
        guard let started, !hasEnded, height > 0 else { return [] }
        let footer = footer(width: width, elapsed: now - started, at: now)
        return blocks(width: width, height: height - 1, at: now) + [footer]
    }
}
