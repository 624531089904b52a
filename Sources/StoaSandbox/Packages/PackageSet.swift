internal import Glibc

/// Packages that code may import, pinned, for one interpreter.
///
/// A set lies below the cache, in a folder named after its content and the interpreter's version, and is shown to sandboxes
/// read-only.
public struct PackageSet: Sendable, Hashable {
    /// The set's name.
    public let name: String
    /// What pip is asked for: name, version and, where versions of Python need different ones, a marker.
    public let requirements: [String]
    /// The modules that a pool imports before the first cell.
    public let preload: [String]

    /// Creates a set.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - requirements: what pip is asked for.
    ///   - preload: the modules that a pool imports before the first cell.
    public init(name: String, requirements: [String], preload: [String]) {
        self.name = name
        self.requirements = requirements
        self.preload = preload
    }

    /// Numbers and algebra: what solvers of mathematics use.
    public static let mathematics = PackageSet(
        name: "mathematics",
        requirements: [
            #"numpy==1.26.4; python_version < "3.13""#, #"numpy==2.2.6; python_version >= "3.13""#, "sympy==1.13.3",
            "mpmath==1.3.0",
        ],
        preload: ["numpy", "sympy"])

    /// Every set that ships.
    public static let all: [PackageSet] = [mathematics]

    /// Where the set lies.
    ///
    /// - Parameters:
    ///   - cache: the root of the cache.
    ///   - python: the interpreter.
    /// - Returns: the folder, which need not be there.
    public func folder(cache: String, python: PythonInterpreter) -> String {
        let versions = requirements.map { $0.prefix { $0 != ";" }.replacing("==", with: "-") }
        return "\(cache)/sandbox/\(name)-\(python.tag)/\(versions.joined(separator: "+"))"
    }

    /// Whether the set is there, whole.
    ///
    /// - Parameters:
    ///   - cache: the root of the cache.
    ///   - python: the interpreter.
    /// - Returns: whether it can be used.
    public func isInstalled(cache: String, python: PythonInterpreter) -> Bool {
        // The folder gets its name last.
        Programs.isFolder(folder(cache: cache, python: python))
    }
}
