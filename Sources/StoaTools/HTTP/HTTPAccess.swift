public import StoaCore

/// What tools of kind `http` need of the program: the hosts that the user allows, the variables, and a way to the network.
public struct HTTPAccess: Sendable {
    /// The hosts that the user's configuration lists.
    public var hosts: HTTPHosts
    /// Reads a variable of the environment, at the time of a call.
    public var variable: @Sendable (String) -> String?
    /// What carries requests.
    public var transport: any HTTPTransport
    /// What time limits are measured with.
    public var clock: any TimeSource

    /// Creates an access.
    ///
    /// - Parameters:
    ///   - hosts: the hosts that the user's configuration lists.
    ///   - variable: reads a variable of the environment.
    ///   - transport: what carries requests.
    ///   - clock: what time limits are measured with.
    public init(
        hosts: HTTPHosts, variable: @escaping @Sendable (String) -> String?, transport: any HTTPTransport,
        clock: any TimeSource = SystemTimeSource()
    ) {
        self.hosts = hosts
        self.variable = variable
        self.transport = transport
        self.clock = clock
    }
}
