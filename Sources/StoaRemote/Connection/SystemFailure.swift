#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#elseif canImport(Darwin)
private import Darwin
#endif

/// Failures of the operating system in words.
enum SystemFailure {
    /// What `errno` means, in the words of the C library.
    static func words(_ number: Int32) -> String { String(cString: strerror(number)) }
}
