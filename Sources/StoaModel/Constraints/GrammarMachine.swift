/// Reads bytes by a grammar: a pushdown automaton whose states are numbered as they are met.
///
/// A state is the set of all places, each with its stack, where the bytes read so far can have led; states are equal where
/// these are. Places from which no text can be completed are none. So every state but the dead one can be completed.
///
/// Isolation: one compute lane.
final class GrammarMachine {
    /// The number of a state.
    typealias State = Int32

    /// What nothing leads on from.
    static let dead: State = -1
    private static let unknown: State = -2
    /// The place behind the whole text.
    private static let final: Int32 = -1

    /// A rule under way: where it goes on afterwards.
    private struct Frame: Hashable {
        var next: Int32
        var parent: Int32
        /// The rule that is repeated; negative for a rule that comes once.
        var body: Int32 = -1
        /// How often it has to come, this time among them.
        var needed: Int32 = 0
        /// How often it may come, this time among them; negative for any number.
        var left: Int32 = 0
        var depth: Int32
    }

    private struct Position: Hashable, Comparable {
        var node: Int32
        var stack: Int32

        static func < (first: Position, second: Position) -> Bool {
            (first.node, first.stack) < (second.node, second.stack)
        }
    }

    private let grammar: Grammar
    private let costs: GrammarCosts
    private let classes: [UInt8]
    private let representatives: [UInt8]
    private let classCount: Int

    // Stack 0 is the empty one, and has no frame.
    private var frames: [Frame] = [Frame(next: 0, parent: 0, depth: 0)]
    private var frameCosts = [0]
    private var frameNumbers: [Frame: Int32] = [:]

    private var states: [[Position]] = []
    private var stateNumbers: [[Position]: State] = [:]
    private var transitions: [State] = []
    private var completions: [Int] = []
    private var saturations: [State: (state: State, excess: Int)] = [:]

    /// The state before the first byte; `dead` where there is no text.
    private(set) var start = GrammarMachine.dead

    /// Creates a machine.
    ///
    /// - Parameters:
    ///   - grammar: what texts there may be.
    ///   - isSpelled: for each byte, whether there is a token of it alone.
    /// - Throws: `ConstraintError` where there is no text, or too many ways to read it.
    init(_ grammar: Grammar, isSpelled: [Bool]) throws(ConstraintError) {
        self.grammar = grammar
        costs = GrammarCosts(grammar, isSpelled: isSpelled)
        (classes, representatives) = grammar.byteClasses()
        classCount = representatives.count
        start = number(of: closure(of: [Position(node: grammar.starts[0], stack: 0)]))
        guard start != Self.dead else { throw ConstraintError.impossible }
    }

    /// How many states have been met.
    var count: Int { states.count }

    /// The state behind one more byte.
    func step(_ state: State, _ byte: UInt8) -> State {
        let place = Int(state) * classCount + Int(classes[Int(byte)])
        let known = transitions[place]
        guard known == Self.unknown else { return known }
        let sample = representatives[Int(classes[Int(byte)])]
        var following: [Position] = []
        for position in states[Int(state)] where position.node != Self.final {
            guard case .byte(let low, let high, let next) = grammar.nodes[Int(position.node)],
                low <= sample, sample <= high
            else { continue }
            following.append(Position(node: next, stack: position.stack))
        }
        let found = following.isEmpty ? Self.dead : number(of: closure(of: following))
        transitions[place] = found
        return found
    }

    /// The fewest bytes, all of them tokens, behind which the text is complete.
    func completion(_ state: State) -> Int { completions[Int(state)] }

    /// Whether the text is complete.
    func isAccepting(_ state: State) -> Bool { states[Int(state)].first?.node == Self.final }

    /// Whether the text is complete and nothing can follow.
    func isFinal(_ state: State) -> Bool { states[Int(state)] == [Position(node: Self.final, stack: 0)] }

    // MARK: - States

    private func number(of positions: [Position]) -> State {
        guard !positions.isEmpty else { return Self.dead }
        if let known = stateNumbers[positions] { return known }
        let state = State(states.count)
        states.append(positions)
        stateNumbers[positions] = state
        transitions.append(contentsOf: repeatElement(Self.unknown, count: classCount))
        completions.append(positions.reduce(GrammarCosts.infinite) { min($0, cost(of: $1)) })
        return state
    }

    private func cost(of position: Position) -> Int {
        guard position.node != Self.final else { return 0 }
        return min(
            GrammarCosts.infinite,
            costs.of(node: position.node, depth: frames[Int(position.stack)].depth) + frameCosts[Int(position.stack)])
    }

    /// The places where a byte is read next, or nothing, that positions are as good as.
    private func closure(of positions: [Position]) -> [Position] {
        var open = positions
        var seen = Set(positions)
        var found: [Position] = []
        func add(_ node: Int32, _ stack: Int32) {
            let position = Position(node: node, stack: stack)
            if seen.insert(position).inserted { open.append(position) }
        }
        while let position = open.popLast() {
            guard cost(of: position) < GrammarCosts.infinite, found.count < GrammarLimits.readings else { continue }
            let stack = position.stack
            switch grammar.nodes[Int(position.node)] {
            case .byte: found.append(position)
            case .split(let places): for place in places { add(place, stack) }
            case .call(let rule, let next):
                let depth = frames[Int(stack)].depth + (grammar.isRecursive[Int(rule)] ? 1 : 0)
                guard depth <= costs.depth else { continue }
                add(grammar.starts[Int(rule)], push(Frame(next: next, parent: stack, depth: depth)))
            case .loop(let rule, let least, let most, let next):
                if least == 0 { add(next, stack) }
                guard most != 0 else { continue }
                let frame = Frame(
                    next: next, parent: stack, body: rule, needed: least, left: most, depth: frames[Int(stack)].depth)
                add(grammar.starts[Int(rule)], push(frame))
            case .end:
                guard stack != 0 else {
                    found.append(Position(node: Self.final, stack: 0))
                    continue
                }
                var frame = frames[Int(stack)]
                guard frame.body >= 0 else {
                    add(frame.next, frame.parent)
                    continue
                }
                frame.needed = max(0, frame.needed - 1)
                frame.left -= frame.left > 0 ? 1 : 0
                if frame.needed == 0 { add(frame.next, frame.parent) }
                if frame.left != 0 { add(grammar.starts[Int(frame.body)], push(frame)) }
            }
        }
        return found.sorted()
    }

    private func push(_ frame: Frame) -> Int32 {
        if let known = frameNumbers[frame] { return known }
        let number = Int32(frames.count)
        let rest = costs.of(node: frame.next, depth: frames[Int(frame.parent)].depth) + frameCosts[Int(frame.parent)]
        let more =
            frame.body < 0 ? 0 : costs.of(rule: frame.body, times: Int(max(0, frame.needed - 1)), depth: frame.depth)
        frames.append(frame)
        frameCosts.append(min(GrammarCosts.infinite, rest + more))
        frameNumbers[frame] = number
        return number
    }

    // MARK: - Saturation

    /// The state that is like this one for the next few bytes, with counts no higher than these can change.
    ///
    /// - Parameters:
    ///   - state: a state.
    ///   - bytes: how many bytes are looked at.
    /// - Returns: the state, and how much less its completions may cost than this one's.
    func saturated(_ state: State, bytes: Int) -> (state: State, excess: Int) {
        if let known = saturations[state] { return known }
        let most = Int32(bytes + 1)
        var stacks: [Int32: Int32] = [:]
        func saturated(_ stack: Int32) -> Int32 {
            guard stack != 0 else { return 0 }
            if let known = stacks[stack] { return known }
            var frame = frames[Int(stack)]
            frame.parent = saturated(frame.parent)
            if frame.body >= 0 {
                frame.needed = min(frame.needed, most)
                frame.left = min(frame.left, most)
            }
            let found = push(frame)
            stacks[stack] = found
            return found
        }
        var excess = 0
        var positions: Set<Position> = []
        for position in states[Int(state)] {
            let other = Position(node: position.node, stack: saturated(position.stack))
            excess = max(excess, cost(of: position) - cost(of: other))
            positions.insert(other)
        }
        let found = (number(of: positions.sorted()), excess)
        saturations[state] = found
        return found
    }
}
