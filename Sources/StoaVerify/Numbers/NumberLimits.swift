/// What bounds the work that a text can ask for: whatever a model wrote, an answer takes milliseconds.
package enum NumberLimits {
    /// The part of a text, at its end, in which answers and equations are looked for, in bytes.
    ///
    /// Far more than models write in one turn, and little enough to be read many times over.
    package static let windowBytes = 256 << 10
    /// The longest text that is read as one number or expression, in bytes.
    package static let textBytes = 1000
    /// The most digits of a number as it is written.
    package static let digits = 400
    /// The largest power of ten of scientific notation, in either direction.
    package static let decimalExponent = 400
    /// The most bits of an integer that a calculation may come to: more than 2,400 digits.
    package static let bits = 8192
    /// The deepest nesting of an expression.
    package static let depth = 64
}
