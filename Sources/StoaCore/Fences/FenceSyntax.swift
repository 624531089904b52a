/// How blocks of code are fenced in a model's words.
public enum FenceSyntax: String, Sendable, Hashable, Codable, CaseIterable {
    /// As CommonMark 0.31 says (section 4.5): backticks or tildes, at least three, closed by at least as many of the same,
    /// each indented by at most three spaces; the info string's first word, in any case, is the language.
    case strict
    /// As SimpleTIR's code finds them, defects included: for comparisons with it.
    case simpletir
}
