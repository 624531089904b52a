internal import OrderedCollections
public import StoaCore
internal import StoaRuntime

/// The JSON Schema of playbook files, for editors and for people.
///
/// It is assembled from the descriptions of keys by which playbooks are read, so the two cannot disagree on keys. What a
/// schema cannot say, such as which names a step can read, `playbook validate` does.
public enum PlaybookSchema {
    /// The schema, of the 2020-12 dialect.
    public static let document: JSONValue = {
        var schema = object(PlanFields.playbook)
        schema["title"] = "A playbook of Stoa"
        schema["$defs"] = [
            "steps": ["type": "array", "minItems": 1, "maxItems": 1000, "items": ["$ref": "#/$defs/step"]],
            "step": step,
            "budget": .object(object(PlanFields.budget)),
            "duration": [
                "oneOf": [
                    ["type": "number", "minimum": 0], ["type": "string", "pattern": .string(PlanDuration.pattern)],
                ]
            ],
            "agent_file": .object(object(PlanFields.agent, adding: [use("an agent file to start from")])),
            "tool_file": .object(object(PlanFields.tool, adding: [use("a tool file to start from")])),
        ]
        let head: JSONValue.Members = ["$schema": "https://json-schema.org/draft/2020-12/schema"]
        return .object(head.merging(schema) { first, _ in first })
    }()

    /// A step: what every step has, and the keys of exactly one verb.
    private static var step: JSONValue {
        let verbs = StepVerbs.all.map { verb in
            let own = Set(verb.fields.map(\.key))
            let shared = PlanFields.step.filter { !own.contains($0.key) }
            var schema = object(verb.fields + shared)
            schema["title"] = .string(verb.keyword)
            return JSONValue.object(schema)
        }
        return ["type": "object", "oneOf": .array(verbs)]
    }

    private static func use(_ summary: String) -> PlanField { PlanField("use", .string, summary) }

    private static func object(_ fields: [PlanField], adding more: [PlanField] = []) -> JSONValue.Members {
        var properties: JSONValue.Members = [:]
        for field in fields + more { properties[field.key] = property(field) }
        var schema: JSONValue.Members = ["type": "object", "properties": .object(properties)]
        // A file that starts from another may leave everything to it.
        let required = more.isEmpty ? fields.filter(\.isRequired).map { JSONValue.string($0.key) } : []
        if !required.isEmpty { schema["required"] = .array(required) }
        schema["additionalProperties"] = false
        return schema
    }

    private static func property(_ field: PlanField) -> JSONValue {
        var schema = schema(of: field)
        schema["description"] = .string(field.summary)
        return .object(schema)
    }

    private static func schema(of field: PlanField) -> JSONValue.Members {
        switch field.kind {
        case .string, .text, .agent, .tool, .verifier, .rule, .stepName: ["type": "string"]
        case .name: ["type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,63}$"]
        case .expression: ["type": ["string", "boolean", "number", "array"]]
        case .count(let range): ["oneOf": [integer(range), ["type": "string"]]]
        case .integer(let range): integer(range).objectValue ?? [:]
        case .number(let range, let isOpenBelow): number(range, isOpenBelow: isOpenBelow)
        case .boolean: ["type": "boolean"]
        case .flag: ["type": ["boolean", "string"]]
        case .amount(let range): ["oneOf": [.object(number(range, isOpenBelow: false)), ["type": "string"]]]
        case .word(let words): ["oneOf": self.words(words)]
        case .wordOrObject(let words, let fields):
            ["oneOf": .array((self.words(words).arrayValue ?? []) + [.object(object(fields))])]
        case .choice(let choices): ["enum": .array(choices.map { .string($0) })]
        case .duration: ["$ref": "#/$defs/duration"]
        case .strings, .stepNames:
            ["oneOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]]
        case .arguments, .mapping: ["type": "object"]
        case .table(let words):
            ["type": "object", "additionalProperties": ["enum": .array(words.map { .string($0) })]]
        case .any: [:]
        case .steps: ["$ref": "#/$defs/steps"]
        case .branches:
            [
                "type": "array", "minItems": 1,
                "items": ["oneOf": [["$ref": "#/$defs/step"], ["$ref": "#/$defs/steps"]]],
            ]
        case .object(let fields): fields == PlanFields.budget ? ["$ref": "#/$defs/budget"] : object(fields)
        case .entries(let fields, let shorthand): entries(fields, shorthand: shorthand)
        }
    }

    /// One of some words, or a text that gives one.
    private static func words(_ words: [String]) -> JSONValue {
        [["enum": .array(words.map { .string($0) })], ["type": "string", "pattern": "\\{[{%#]"]]
    }

    private static func entries(_ fields: [PlanField], shorthand: String?) -> JSONValue.Members {
        let entry: JSONValue
        switch fields {
        case PlanFields.agent: entry = ["$ref": "#/$defs/agent_file"]
        case PlanFields.tool: entry = ["$ref": "#/$defs/tool_file"]
        default: entry = .object(object(fields))
        }
        return [
            "type": "object", "maxProperties": .integer(Int64(PlanLimits.entries)),
            "additionalProperties": shorthand == nil ? entry : ["oneOf": [["type": "string"], entry]],
        ]
    }

    private static func integer(_ range: ClosedRange<Int>) -> JSONValue {
        if range.lowerBound == range.upperBound { return ["const": .integer(Int64(range.lowerBound))] }
        var schema: JSONValue.Members = ["type": "integer", "minimum": .integer(Int64(range.lowerBound))]
        if range.upperBound < .max { schema["maximum"] = .integer(Int64(range.upperBound)) }
        return .object(schema)
    }

    private static func number(_ range: ClosedRange<Double>, isOpenBelow: Bool) -> JSONValue.Members {
        guard range.upperBound < .greatestFiniteMagnitude else { return ["type": "number"] }
        return [
            "type": "number", isOpenBelow ? "exclusiveMinimum" : "minimum": .number(range.lowerBound),
            "maximum": .number(range.upperBound),
        ]
    }
}
