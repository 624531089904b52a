internal import OrderedCollections
public import StoaRuntime

/// A plan as a diagram.
public enum PlaybookGraph {
    /// The plan as a Mermaid flow chart: steps as boxes, blocks of steps as frames, the order as arrows, and what a step
    /// reads from an earlier one that is not right before it as dotted arrows.
    ///
    /// Determinism: a pure function of the plan.
    ///
    /// - Parameter plan: the plan.
    /// - Returns: the diagram's source, without a fence around it.
    public static func mermaid(_ plan: Plan) -> String {
        var drawing = GraphDrawing(plan: plan)
        return drawing.text()
    }
}

/// The diagram while it is drawn.
struct GraphDrawing {
    /// Where arrows into and out of a step are attached.
    private struct Ends {
        var first: [String]
        var last: [String]
    }

    private let plan: Plan
    private var lines: [String] = []
    private var arrows: [String] = []
    private var drawn: Set<String> = []

    init(plan: Plan) { self.plan = plan }

    mutating func text() -> String {
        lines = ["flowchart TD"]
        let inputs = plan.parameters.map(\.name).joined(separator: ", ")
        lines.append("    input([\(Self.label(inputs.isEmpty ? plan.name : inputs))])")
        let ends = draw(plan.steps, indentation: 1)
        lines.append("    output([\(Self.label("output"))])")
        for first in ends.first { arrow(from: "input", to: first) }
        for last in ends.last { arrow(from: last, to: "output") }
        drawReads()
        return (lines + arrows).joined(separator: "\n") + "\n"
    }

    private mutating func draw(_ steps: [PlanStep], indentation: Int) -> Ends {
        var ends = Ends(first: [], last: [])
        for step in steps {
            let inner = draw(step, indentation: indentation)
            for last in ends.last { for first in inner.first { arrow(from: last, to: first) } }
            if ends.first.isEmpty { ends.first = inner.first }
            ends.last = inner.last
        }
        return ends
    }

    private mutating func draw(_ step: PlanStep, indentation: Int) -> Ends {
        let blocks = step.verb.blocks
        guard !blocks.isEmpty else {
            line("\(Self.node(step.id))[\(Self.label(Self.title(of: step)))]", indentation)
            return Ends(first: [Self.node(step.id)], last: [Self.node(step.id)])
        }
        line("subgraph \(Self.node(step.id))[\(Self.label(Self.title(of: step)))]", indentation)
        for block in blocks {
            let isFramed = blocks.count > 1 && block.steps.count > 1 || step.verb is WhenVerb
            if isFramed {
                line(
                    "subgraph \(Self.node(step.id))_\(Self.node(block.label))[\(Self.label(block.label))]",
                    indentation + 1)
            }
            _ = draw(block.steps, indentation: indentation + (isFramed ? 2 : 1))
            if isFramed { line("end", indentation + 1) }
        }
        line("end", indentation)
        return Ends(first: [Self.node(step.id)], last: [Self.node(step.id)])
    }

    /// What is read across the order that the arrows already show.
    private mutating func drawReads() {
        let agents = plan.agents
        let steps = plan.allSteps
        let names = Set(steps.map(\.id))
        for step in steps {
            var reads = step.verb.names + (step.condition?.names ?? [])
            for agent in step.verb.agents { reads += Self.inherited(by: step, from: agents[agent]) }
            var seen: Set<String> = [step.id]
            for name in reads where names.contains(name) && seen.insert(name).inserted {
                let arrow = "    \(Self.node(name)) -.-> \(Self.node(step.id))"
                let isPlain = drawn.contains("\(Self.node(name)) \(Self.node(step.id))")
                if !isPlain, !isInside(name, step), !isInside(step.id, named: name) { arrows.append(arrow) }
            }
        }
    }

    /// What a step's agent reads in its own texts.
    private static func inherited(by step: PlanStep, from agent: PlanAgent?) -> [String] {
        let prompt: PlanText? =
            switch step.verb {
            case let say as SayVerb: say.prompt
            case let think as ThinkVerb: think.prompt
            case let method as MethodVerb: method.prompt
            default: nil
            }
        return (agent?.system?.names ?? []) + (prompt == nil ? agent?.prompt?.names ?? [] : [])
    }

    private func isInside(_ name: String, _ step: PlanStep) -> Bool {
        step.verb.blocks.contains { $0.steps.contains { $0.id == name || isInside(name, $0) } }
    }

    private func isInside(_ name: String, named outer: String) -> Bool {
        plan.allSteps.first { $0.id == outer }.map { isInside(name, $0) } ?? false
    }

    // MARK: - Text

    private mutating func line(_ text: String, _ indentation: Int) {
        lines.append(String(repeating: "    ", count: indentation) + text)
    }

    private mutating func arrow(from first: String, to second: String) {
        drawn.insert("\(first) \(second)")
        arrows.append("    \(first) --> \(second)")
    }

    /// A node's name: `end` and the like mean something to Mermaid.
    private static func node(_ name: String) -> String {
        "s_" + name.map { $0 == " " || $0 == "-" ? "_" : String($0) }.joined()
    }

    private static func title(of step: PlanStep) -> String {
        let what: String
        switch step.verb {
        case let verb as SayVerb: what = "\(verb.agent) says"
        case let verb as ThinkVerb: what = "\(verb.agent) thinks"
        case let verb as CallVerb: what = "call \(verb.tool)"
        case let verb as VerifyVerb: what = "verify: \(verb.verifier)"
        case let verb as ChooseVerb: what = "choose: \(verb.rule)"
        case is ParallelVerb: what = "parallel"
        case let verb as ForEachVerb:
            what = "for each \(verb.variable) in \(verb.items.source)" + (verb.isParallel ? ", in parallel" : "")
        case let verb as RepeatVerb: what = "repeat" + (verb.until.map { " until \($0.source)" } ?? "")
        case let verb as WhenVerb: what = "when \(verb.condition.source)"
        case is AskVerb: what = "ask a person"
        case let verb as MethodVerb: what = "\(verb.agent): \(verb.method)"
        default: what = type(of: step.verb).keyword
        }
        let condition = step.condition.map { "<br/>if \($0.source)" } ?? ""
        return "\(step.id)<br/>\(what)\(condition)"
    }

    /// A label in quotes, with everything that Mermaid would read as markup written as an entity.
    private static func label(_ text: String) -> String {
        var result = ""
        for part in text.split(separator: "<br/>", omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 { result += "<br/>" }
            for scalar in part.element.unicodeScalars.prefix(80) {
                switch scalar {
                case "\"": result += "#quot;"
                case "#": result += "#35;"
                case "<": result += "#lt;"
                case ">": result += "#gt;"
                case "&": result += "#amp;"
                case "\n", "\r", "\t": result += " "
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return "\"\(result)\""
    }
}
