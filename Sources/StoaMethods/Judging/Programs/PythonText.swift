/// Texts in Python.
enum PythonText {
    /// An expression that is a text, whatever is in it.
    ///
    /// The text is written as the numbers of its bytes, so that nothing in it can end the literal.
    static func literal(_ text: String) -> String {
        "bytes.fromhex(\"\(text.utf8.map { byte in "\(Self.digits[Int(byte >> 4)])\(Self.digits[Int(byte & 15)])" }.joined())\").decode()"
    }

    private static let digits = Array("0123456789abcdef")
}
