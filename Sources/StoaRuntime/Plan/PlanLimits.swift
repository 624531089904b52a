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
    /// What an entropy may be compared with, in nats.
    package static let entropy = 0.0...100
    /// What a cosine may be compared with.
    package static let cosine = -1.0...1
    /// What divides the logits of soft feedback.
    package static let softTemperature = 1e-4...100
    /// The noise of soft feedback, in root mean squares of embedding elements.
    package static let noise = 0.0...100
    /// Which part of all rows may be kept.
    package static let fraction = 0.0...1
    /// How many rows may be kept in any case.
    package static let rows = 0...1_000_000
    /// How many rounds `repeat` may have.
    package static let rounds = 1...10_000
}
