internal import OrderedCollections

extension TemplateEvaluator {
    /// `value.name`: an attribute, or else the item of that name.
    func attribute(_ name: TemplateString, of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        if case .undefined(let undefined) = value { throw failure(undefined) }
        if let own = try ownAttribute(name, of: value) { return own }
        if case .dictionary(let dictionary) = value, let item = dictionary[.string(name)] { return item }
        return .undefined(TemplateUndefined(.attribute(of: value.typeName, named: name.text)))
    }

    /// An attribute in Python's sense, or nil where the type has none of that name.
    func ownAttribute(_ name: TemplateString, of value: TemplateValue) throws(TemplateError) -> TemplateValue? {
        switch value {
        case .object(let object): return try attribute(name, of: heap[object.id])
        case .sequence(let sequence):
            if case .group = sequence.kind {
                if name.text == "grouper" { return sequence.elements[0] }
                if name.text == "list" { return sequence.elements[1] }
            }
        default: break
        }
        let text = name.text
        if TemplateMethods.exists(text, on: value) { return allocate(.method(receiver: value, name: text)) }
        if TemplateMethods.isUnsafe(text, on: value) {
            return .undefined(
                TemplateUndefined(
                    .other("access to attribute '\(text)' of '\(value.typeName)' object is unsafe: values can't change")
                ))
        }
        return nil
    }

    private func attribute(
        _ name: TemplateString, of object: TemplateHeapObject
    ) throws(TemplateError) -> TemplateValue? {
        switch object {
        case .namespace(let namespace): return namespace.values[name]
        case .loop(let loop): return try attribute(name.text, of: loop, object)
        case .cycler(let cycler):
            switch name.text {
            case "current": return cycler.items[cycler.position]
            case "next", "reset": return allocate(.method(receiver: allocate(object), name: name.text))
            default: return nil
            }
        case .macro(let macro, _):
            switch name.text {
            case "name": return .trusted(macro.name)
            case "arguments": return try sequence(.tuple, macro.parameters.map { .trusted($0.name) })
            case "catch_kwargs": return .bool(macro.usesKwargs)
            case "catch_varargs": return .bool(macro.usesVarargs)
            case "caller": return .bool(macro.usesCaller)
            default: return nil
            }
        default: return nil
        }
    }

    private func attribute(
        _ name: String, of loop: TemplateLoop, _ object: TemplateHeapObject
    ) throws(TemplateError) -> TemplateValue? {
        switch name {
        case "index": return .integer(loop.index + 1)
        case "index0": return .integer(loop.index)
        case "revindex": return .integer(try length(of: loop) - loop.index)
        case "revindex0": return .integer(try length(of: loop) - loop.index - 1)
        case "first": return .bool(loop.index == 0)
        case "last": return .bool(try peek(loop) == nil)
        case "length": return .integer(try length(of: loop))
        case "depth": return .integer(loop.depth + 1)
        case "depth0": return .integer(loop.depth)
        case "previtem":
            return loop.previous ?? .undefined(TemplateUndefined(.other("there is no previous item")))
        case "nextitem":
            return try peek(loop) ?? .undefined(TemplateUndefined(.other("there is no next item")))
        case "cycle", "changed": return allocate(.method(receiver: allocate(object), name: name))
        default: return nil
        }
    }

    /// `value[key]`: an item, or else the attribute of that name.
    func item(_ key: TemplateValue, of value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch value {
        case .undefined(let undefined): throw failure(undefined)
        case .dictionary(let dictionary):
            if let key = try hashableKey(of: key), let item = dictionary[key] { return item }
        case .sequence(let sequence) where sequence.kind.isIndexed:
            if let index = index(key) {
                if let position = position(index, count: sequence.elements.count) {
                    return sequence.elements[position]
                }
                return .undefined(TemplateUndefined(.element(of: value.typeName, key: String(index))))
            }
        case .string(let text):
            if let index = index(key) {
                if let character = try character(index, of: text) { return .string(character) }
                return .undefined(TemplateUndefined(.element(of: "str", key: String(index))))
            }
        default: break
        }
        if case .string(let name) = key {
            if let attribute = try ownAttribute(name, of: value) { return attribute }
            return .undefined(TemplateUndefined(.attribute(of: value.typeName, named: name.text)))
        }
        return .undefined(TemplateUndefined(.element(of: value.typeName, key: try representation(of: key).text)))
    }

    private func index(_ key: TemplateValue) -> Int? {
        switch key {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    private func position(_ index: Int, count: Int) -> Int? {
        let position = index < 0 ? index + count : index
        return position >= 0 && position < count ? position : nil
    }

    private func character(_ index: Int, of text: TemplateString) throws(TemplateError) -> TemplateString? {
        try charge(bytes: text.utf8.count)
        guard let position = position(index, count: text.scalarCount) else { return nil }
        let start = text.offset(ofScalar: position)
        return text.slice(start..<text.scalar(at: start).next)
    }

    /// `value[start:stop:step]`.
    func slice(
        _ value: TemplateValue, from start: TemplateValue, to stop: TemplateValue, by step: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        if case .undefined(let undefined) = value { throw failure(undefined) }
        func bound(_ value: TemplateValue) -> (isValid: Bool, index: Int?) {
            if case .null = value { return (true, nil) }
            let index = self.index(value)
            return (index != nil, index)
        }
        let (first, last, stride) = (bound(start), bound(stop), bound(step))
        guard first.isValid, last.isValid, stride.isValid else {
            throw failure("slice indices must be integers or None")
        }
        let by = stride.index ?? 1
        switch value {
        case .string(let text):
            if by == 0 { throw failure("slice step cannot be zero") }
            try charge(bytes: text.utf8.count)
            return .string(slice(text, first.index, last.index, by))
        case .sequence(let sequence) where sequence.kind.isIndexed:
            if by == 0 { throw failure("slice step cannot be zero") }
            let indices = Self.indices(first.index, last.index, by, count: sequence.elements.count)
            return try self.sequence(sequence.kind.isTuple ? .tuple : .list, indices.map { sequence.elements[$0] })
        default: throw failure("'\(value.typeName)' object can't be sliced")
        }
    }

    private func slice(_ text: TemplateString, _ start: Int?, _ stop: Int?, _ step: Int) -> TemplateString {
        let offsets = text.scalarOffsets
        let indices = Self.indices(start, stop, step, count: offsets.count - 1)
        if step == 1 {
            guard let first = indices.first, let last = indices.last else { return text.slice(0..<0) }
            return text.slice(offsets[first]..<offsets[last + 1])
        }
        var result = TemplateString()
        for index in indices { result.append(text, range: offsets[index]..<offsets[index + 1]) }
        return result.markup(text.isMarkup)
    }

    /// The indices that Python's `slice(start, stop, step)` selects of `count` elements.
    static func indices(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> [Int] {
        func clamp(_ index: Int, _ low: Int, _ high: Int) -> Int {
            let absolute = index < 0 ? max(index, -count - 1) + count : index
            return min(max(absolute, low), high)
        }
        if step > 0 {
            let first = start.map { clamp($0, 0, count) } ?? 0
            let last = stop.map { clamp($0, 0, count) } ?? count
            return first < last ? Array(Swift.stride(from: first, to: last, by: min(step, count + 1))) : []
        }
        let first = start.map { clamp($0, -1, count - 1) } ?? count - 1
        let last = stop.map { clamp($0, -1, count - 1) } ?? -1
        return first > last ? Array(Swift.stride(from: first, to: last, by: max(step, -count - 1))) : []
    }
}
