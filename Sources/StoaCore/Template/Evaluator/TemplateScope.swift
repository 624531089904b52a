internal import OrderedCollections

/// The names of one block, and through `parent` those of the blocks around it.
final class TemplateScope {
    var values: [String: TemplateValue] = [:]
    let parent: TemplateScope?

    init(parent: TemplateScope?) { self.parent = parent }

    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.values[name] { return value }
            scope = current.parent
        }
        return nil
    }
}

/// What a `TemplateObject` refers to; lives as long as one rendering.
enum TemplateHeapObject {
    case namespace(TemplateNamespace)
    case macro(MacroNode, TemplateScope)
    case method(receiver: TemplateValue, name: String)
    case function(String)
    case loop(TemplateLoop)
    case cycler(TemplateCycler)
    case joiner(TemplateJoiner)

    var kind: TemplateObject.Kind {
        switch self {
        case .namespace: .namespace
        case .macro: .macro
        case .method: .method
        case .function: .function
        case .loop: .loop
        case .cycler: .cycler
        case .joiner: .joiner
        }
    }
}

/// The one mutable value templates have.
final class TemplateNamespace {
    var values: OrderedDictionary<TemplateString, TemplateValue> = [:]
}

/// What `cycler` makes.
final class TemplateCycler {
    let items: [TemplateValue]
    var position = 0

    init(items: [TemplateValue]) { self.items = items }
}

/// What `joiner` makes.
final class TemplateJoiner {
    let separator: TemplateValue
    var isUsed = false

    init(separator: TemplateValue) { self.separator = separator }
}

/// The progress of one `for` loop.
///
/// Elements are tested by the loop's filter only when they are wanted, since the test may read what the body changed.
final class TemplateLoop {
    let node: LoopNode
    let scope: TemplateScope
    let elements: [TemplateValue]
    let depth: Int
    var cursor = 0
    /// Elements already taken from the source but not yet walked, the next one last.
    var ahead: [TemplateValue] = []
    var length: Int?
    var index = -1
    var previous: TemplateValue?
    var current: TemplateValue?
    var lastChanged: [TemplateValue]?

    init(node: LoopNode, scope: TemplateScope, elements: [TemplateValue], depth: Int) {
        self.node = node
        self.scope = scope
        self.elements = elements
        self.depth = depth
        if node.filter == nil { length = elements.count }
    }
}

/// What a call passes.
package struct TemplateArguments {
    package var positional: [TemplateValue]
    package var keyword: [(name: String, value: TemplateValue)]

    package init(_ positional: [TemplateValue] = [], keyword: [(name: String, value: TemplateValue)] = []) {
        self.positional = positional
        self.keyword = keyword
    }
}
