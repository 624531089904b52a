import OrderedCollections
import StoaCore
import StoaTestKit
import Testing

@Suite struct TemplateFuzzTests {
    private static let pieces: [String] = [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":", "~", "**", "//",
        "*", "%", "==", "<", "=", " in ", " not ", " is ", " and ", " if ", " else ", "for x in xs", "endfor", "endif",
        "macro f()", "endmacro", "set a = ", "raw", "endraw", "0", "1", "9223372036854775807", "-1", "1e308", "'", "\"",
        "\\", "\n", " ", "x", "xs", "s", "d", "messages", "loop", "|length", "|tojson", "|join", "|sort", "|list",
        ".split()", ".items()", "[::-1]", "[1:]", "range(9)", "namespace()", "f()", "é", "\u{301}", "😀", "\0",
    ]

    private func mutated(_ source: String, _ generator: inout SplitMix) -> String {
        var scalars = Array(source.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let start = Int.random(in: 0...scalars.count, using: &generator)
            let end = min(scalars.count, start + Int.random(in: 0...6, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: scalars.removeSubrange(start..<end)
            case 1: scalars.insert(contentsOf: scalars[start..<end], at: start)
            default:
                let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)]
                scalars.replaceSubrange(start..<end, with: Array(piece.unicodeScalars))
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private func value(_ generator: inout SplitMix, _ depth: Int = 0) -> TemplateValue {
        switch Int.random(in: 0..<(depth < 4 ? 10 : 7), using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .integer([0, -1, 1, Int.max, Int.min, 7][Int.random(in: 0..<6, using: &generator)])
        case 3: .float([0, -0.0, 1.5, .infinity, .nan, 1e308, -5e-300][Int.random(in: 0..<7, using: &generator)])
        case 4: .string(TemplateString(""))
        case 5, 6: .string(TemplateString(Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)]))
        case 7, 8: .list((0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(&generator, depth + 1) })
        default:
            .dictionary([
                "role": value(&generator, depth + 1), "content": value(&generator, depth + 1),
                "items": value(&generator, depth + 1),
            ])
        }
    }

    @Test(.timeLimit(.minutes(30)), arguments: 0..<8)
    func `mutated templates and contexts end, within bounds and the same each time`(_ seed: UInt64) throws {
        let goldens = try TemplateGoldens()
        var generator = SplitMix(seed: seed)
        var rendered = 0
        for _ in 0..<1_500 {
            let golden = goldens.cases[Int.random(in: 0..<goldens.cases.count, using: &generator)]
            let source = mutated(golden.source, &generator)
            var context = goldens.context
            for name in context.keys where Int.random(in: 0..<4, using: &generator) == 0 {
                context[name] = value(&generator)
            }
            var options = golden.options
            options.limits = TemplateLimits(steps: 20_000, bytes: 100_000, elements: 1_000)
            func outcome() -> Result<TemplateOutput, TemplateError> {
                Result { () throws(TemplateError) in
                    try Template(source, options: options).renderSegments(context: context, now: TemplateGoldens.now)
                }
            }
            let first = outcome()
            #expect(first == outcome(), "\(source.debugDescription)")
            switch first {
            case .success(let output):
                rendered += 1
                #expect(output.text.utf8.count <= 100_000)
            case .failure(let error):
                #expect(error.line >= 1 && error.column >= 1 && error.excerpt.utf8.count <= 70)
            }
        }
        #expect(rendered > 300)
    }
}
