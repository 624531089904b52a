import Testing

@testable import StoaServer

@Suite struct AddressTests {
    @Test(arguments: ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "a.localhost"])
    func `these reach this machine only`(host: String) { #expect(ServerAddress.isLoopback(host)) }

    @Test(arguments: [
        "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example", "127.example", "localhost.example", "", "127.0.0.256",
        "128.0.0.1",
    ])
    func `these do not`(host: String) { #expect(!ServerAddress.isLoopback(host)) }

    @Test func `a page of another place is refused, and a name that leads here from elsewhere`() {
        func objection(_ authority: String?, _ origin: String?, _ isLoopback: Bool = true) -> Bool {
            ServerAddress.objection(authority: authority, origin: origin, isLoopback: isLoopback) != nil
        }
        #expect(!objection("localhost:8080", nil) && !objection("[::1]:8080", nil) && !objection("127.0.0.1", nil))
        #expect(!objection("localhost:8080", "http://localhost:8080"))
        #expect(objection("localhost:8080", "http://localhost:9090") && objection("localhost:8080", "null"))
        #expect(objection("evil.example:8080", nil) && objection("evil.example", "http://evil.example"))
        #expect(objection(nil, nil) && objection("", nil))
        #expect(!objection("box.example", nil, false) && objection("box.example", "http://evil.example", false))
    }

    @Test func `addresses are written as clients write them`() {
        #expect(ServerAddress.url(host: "127.0.0.1", port: 80) == "http://127.0.0.1:80")
        #expect(ServerAddress.url(host: "::1", port: 8080) == "http://[::1]:8080")
    }
}
