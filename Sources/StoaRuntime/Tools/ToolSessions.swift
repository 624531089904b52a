internal import StoaCore

/// What tool calls of a run share: which state each of them works on, and what was called on it before.
///
/// A session belongs to a step that keeps one, to a name that steps give it, or to a tool whose calls share one; two tools
/// never share one. In concurrent branches every branch has a session of its own, as it has agents of its own: it begins with
/// what was called before the branches parted, and it ends with them. So no session is ever used by two at a time, and its
/// calls come in the order of the plan, whichever branch is faster.
///
/// What was called is known whether it was called in this execution or taken from the record, so whoever does not have a
/// session any more can rebuild it.
actor ToolSessions {
    /// Where a session belongs.
    struct Place: Sendable, Hashable, CustomStringConvertible {
        /// The tool, and who keeps the session.
        var name: String
        /// The concurrent branches around; empty for one that a step keeps, whose name tells them apart.
        var branch: [Int] = []
        /// The step that keeps it; nil for one that goes on behind the step.
        var step: EffectKey?

        var description: String {
            branch.isEmpty ? name : "\(name)/\(branch.map(String.init).joined(separator: "."))"
        }

        /// The place of a call's session; nil for a call with a state of its own.
        init?(_ request: ToolRequest, at key: EffectKey, branch: [Int]) {
            let tool = request.tool.name
            switch request.owner {
            case nil: return nil
            case .run?: (name, self.branch) = (tool, branch)
            case .named(let session)?: (name, self.branch) = ("\(tool)/\(session)", branch)
            case .step?:
                var step = key
                step.turn = 0
                name = "\(tool)/\(step.description.dropLast(2))"
                self.step = step
            }
        }

        /// The place of the same session in a branch around this one.
        func around(_ count: Int) -> Place {
            var place = self
            place.branch = Array(branch.prefix(count))
            return place
        }
    }

    private struct Session {
        var history: [ToolExchange]
        /// Whether the executor has it.
        var isLive = false
        /// Whether the call that is noted next was made in this execution.
        var isCalling = false
    }

    private let run: RunID
    private let seed: UInt64
    private let tools: any ToolExecutor
    private var sessions: [Place: Session] = [:]

    init(run: RunID, seed: UInt64, tools: any ToolExecutor) {
        self.run = run
        self.seed = seed
        self.tools = tools
    }

    // MARK: - Calls

    /// Has a call carried out.
    ///
    /// - Parameters:
    ///   - call: the call.
    ///   - place: where its session belongs; nil for a state of its own.
    ///   - key: the call's name, whose randomness it draws on where it has no session.
    /// - Returns: what came of it.
    /// - Throws: what the executor throws; the session is then as it was before the call.
    func execute(_ call: ToolCall, in place: Place?, at key: EffectKey) async throws -> ToolResult {
        guard let place else { return try await tools.execute(call, in: ToolContext(seed: key.seedPath(seed: seed))) }
        var session = open(place)
        (session.isLive, session.isCalling) = (true, true)
        sessions[place] = session
        do {
            return try await tools.execute(call, in: context(place, session.history))
        } catch {
            // What the call has left behind nobody knows: the next one has the session rebuilt without it.
            await letGo(of: place)
            throw error
        }
    }

    /// Takes note of what a call came to, made now or recorded.
    func note(_ call: ToolCall, _ result: ToolResult, in place: Place) async {
        var session = open(place)
        // Nobody knows how far an interrupted call got; the state that it worked on went with its process.
        if result.status != .interrupted { session.history.append(ToolExchange(call: call, result: result)) }
        let isMissed = session.isLive && !session.isCalling
        session.isCalling = false
        sessions[place] = session
        // A call that was not repeated is missing in what the executor has: it is rebuilt with it.
        if isMissed { await letGo(of: place) }
    }

    private func open(_ place: Place) -> Session {
        if let session = sessions[place] { return session }
        let outer = place.branch.indices.reversed().lazy.compactMap { self.sessions[place.around($0)] }.first
        return Session(history: outer?.history ?? [])
    }

    private func context(_ place: Place, _ history: [ToolExchange]) -> ToolContext {
        // A branch draws what the session around it drew, so that it comes to the same when it is rebuilt.
        let path = SeedPath(seed: seed).child("_session").child(place.name)
        return ToolContext(session: name(of: place), history: history, seed: path)
    }

    private func name(of place: Place) -> ToolSession { ToolSession(run: run, name: place.description) }

    private func letGo(of place: Place) async {
        sessions[place]?.isLive = false
        sessions[place]?.isCalling = false
        await tools.end(name(of: place))
    }

    // MARK: - Ends

    /// Ends the sessions of a step, however it ended.
    func end(step key: EffectKey) async {
        var key = key
        key.turn = 0
        await end { $0.step == key }
    }

    /// Ends the sessions of concurrent branches.
    ///
    /// - Parameter branch: the branches around the step whose branches have ended.
    func end(inside branch: [Int]) async {
        await end { $0.branch.count > branch.count && $0.branch.starts(with: branch) }
    }

    /// Ends all that is left.
    func close() async { await end { _ in true } }

    private func end(_ isOver: (Place) -> Bool) async {
        let gone = sessions.filter { isOver($0.key) }
        for place in gone.keys { sessions[place] = nil }
        let live = gone.filter(\.value.isLive).map { name(of: $0.key) }.sorted { $0.name < $1.name }
        for session in live { await tools.end(session) }
    }
}
