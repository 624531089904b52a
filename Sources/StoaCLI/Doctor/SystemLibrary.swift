internal import Glibc

/// A shared library of the system, opened to see that it is there.
struct SystemLibrary {
    private let handle: UnsafeMutableRawPointer

    /// Opens the library; nil where the system has none of that name.
    init?(_ name: String) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { return nil }
        self.handle = handle
    }

    /// The text that a C function without parameters returns; nil where there is no such function.
    ///
    /// - Parameter function: the name of a `const char *(void)`.
    /// - Returns: the text.
    func text(_ function: String) -> String? {
        guard let address = dlsym(handle, function) else { return nil }
        let call = unsafeBitCast(address, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
        return call().map { String(cString: $0) }
    }
}
