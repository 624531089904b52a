internal import ArgumentParser

/// Something that is on or off, where a flag alone could not be given in the environment or a file.
enum Switch: String, ExpressibleByArgument, CaseIterable {
    case on
    case off
}
