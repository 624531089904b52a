internal import ArgumentParser

/// The options about output that every command shares.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print one JSON document on standard output and nothing else there.")
    var json = false

    @Option(name: .long, help: "When to colour: auto, always or never; by default auto.")
    var color: ColorChoice?

    @Flag(name: [.long, .short], help: "Say nothing but results and errors.")
    var quiet = false

    @Flag(name: .long, help: "Say more on standard error.")
    var verbose = false
}

extension ColorChoice: ExpressibleByArgument {}
