import OrderedCollections
import StoaCore
import StoaTestKit

/// The corpus that `Tests/Goldens/templates/generate.py` wrote with Python's jinja2.
struct TemplateGoldens {
    struct Case: CustomStringConvertible {
        let name: String
        let source: String
        let options: TemplateOptions
        let text: String?
        let error: String?
        let line: Int?

        var description: String { name }
    }

    let context: OrderedDictionary<String, TemplateValue>
    let cases: [Case]

    /// The date that the corpus was made at.
    static let now = TemplateDate(year: 2025, month: 3, day: 9, hour: 14, minute: 5, second: 7)

    init() throws {
        let document = try JSONParser.parse(golden("templates/templates.json"))
        var context: OrderedDictionary<String, TemplateValue> = [:]
        for (name, value) in document["context"]?.objectValue ?? [:] { context[name] = TemplateValue(value) }
        self.context = context
        cases = (document["cases"]?.arrayValue ?? []).map { json in
            var options = TemplateOptions.chat
            if let settings = json["settings"] {
                options.trimsBlocks = settings["trim_blocks"]?.boolValue ?? true
                options.stripsBlocks = settings["lstrip_blocks"]?.boolValue ?? true
                options.keepsTrailingNewline = settings["keep_trailing_newline"]?.boolValue ?? false
            }
            return Case(
                name: json["name"]?.stringValue ?? "", source: json["source"]?.stringValue ?? "", options: options,
                text: json["outcome"]?["text"]?.stringValue, error: json["outcome"]?["error"]?.stringValue,
                line: json["outcome"]?["line"]?.intValue)
        }
    }
}
