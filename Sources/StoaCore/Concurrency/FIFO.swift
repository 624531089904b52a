/// A first-in, first-out queue over one array that is used as a ring.
///
/// Complexity: constant per element, amortised over growth.
package struct FIFO<Element> {
    private var slots: [Element?] = []
    private var head = 0
    /// How many elements there are.
    package private(set) var count = 0

    /// Creates an empty queue.
    package init() {}

    /// Adds an element at the end.
    package mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[(head + count) % slots.count] = element
        count += 1
    }

    /// Takes the first element; nil where there is none.
    package mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head].take()
        head = (head + 1) % slots.count
        count -= 1
        return element
    }

    /// Removes the first element that meets a condition, keeping the order of the others.
    ///
    /// Complexity: linear in the number of elements.
    package mutating func removeFirst(where condition: (Element) -> Bool) -> Element? {
        var found: Element?
        for _ in 0..<count {
            guard let element = popFirst() else { break }
            if found == nil, condition(element) { found = element } else { append(element) }
        }
        return found
    }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(4, 2 * slots.count))
        while let element = popFirst() { larger.append(element) }
        count = larger.count
        head = 0
        larger.append(contentsOf: repeatElement(nil, count: larger.capacity - larger.count))
        slots = larger
    }
}
