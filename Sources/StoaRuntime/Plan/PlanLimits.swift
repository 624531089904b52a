/// The bounds of what a playbook may be, which keep reading it cheap whatever it says.
package enum PlanLimits {
    /// The deepest nesting of steps.
    package static let nesting = 16
    /// The most steps, inner ones included.
    package static let steps = 1000
    /// The most entries of a section, such as the agents.
    package static let entries = 256
    /// The longest text, in bytes.
    package static let textBytes = 64 << 10
    /// The deepest nesting of a value, such as a tool's arguments.
    package static let valueDepth = 32
    /// The most problems that are reported.
    package static let problems = 100

    /// How many tokens one reply may have.
    package static let tokens = 1...1_000_000
    /// How many latent steps one thought may have.
    package static let latentSteps = 0...100_000
    /// How many rounds `repeat` may have.
    package static let rounds = 1...10_000
}
