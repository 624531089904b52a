import Testing

@testable import StoaTools

@Suite struct HTTPHostTests {
    private func allows(_ entries: [String], _ url: String) throws -> Bool {
        try HTTPHosts(entries).allows(#require(HTTPOrigin.split(url)).origin)
    }

    @Test func `only what is listed is allowed, port by port`() throws {
        let list = ["api.example.com", "local.example:8080", "*.data.example", "[2606:2800::1]:8443"]
        for url in [
            "https://api.example.com/", "http://API.example.com/x", "https://api.example.com:443/",
            "http://local.example:8080", "https://a.data.example/?q", "https://b.a.data.example",
            "https://[2606:2800::1]:8443/",
        ] { #expect(try allows(list, url), "\(url)") }
        for url in [
            "https://example.com/", "https://api.example.com.evil.net/", "https://api.example.com:8443/",
            "http://local.example/", "https://data.example/", "https://evildata.example/", "https://[2606:2800::1]/",
            "http://127.0.0.1/",
        ] { #expect(try !allows(list, url), "\(url)") }
        #expect(try !allows([], "https://api.example.com/"))
    }

    @Test(arguments: [
        "ftp://api.example.com/", "api.example.com", "https://user@api.example.com/", "https://", "https:///x",
        "https://api.example.com:0/", "https://api.example.com:99999/", "https://*.example.com/", "https://a b/",
        "https://api.example.com:+80/", "https://[::1/", "https://exa\u{301}mple.com/", "https://a..b/",
    ])
    func `what is no plain URL has no origin`(url: String) { #expect(HTTPOrigin.split(url) == nil) }

    @Test(arguments: ["", " ", "a b", "host:x", "https://host", "host env:", "*.", "a..b"])
    func `an entry of another form is refused`(entry: String) {
        let error = #expect(throws: ToolError.self) { try HTTPHosts([entry]) }
        #expect(error?.message.hasPrefix("http_hosts: expected HOST[:PORT]") == true)
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fd12::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001::1",
    ])
    func `these addresses are not public`(address: String) throws {
        #expect(try !#require(IPAddress(address)).isPublic)
        let origin = try #require(HTTPOrigin.split("http://name.example/")).origin
        #expect(try !HTTPHosts(["name.example", "*.example"]).allows(address: address, for: origin))
    }

    @Test(arguments: ["93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
    func `these are`(address: String) throws { #expect(try #require(IPAddress(address)).isPublic) }

    @Test func `an address that is not public is allowed where it is listed itself`() throws {
        let name = try #require(HTTPOrigin.split("http://box.example:9000/")).origin
        #expect(try HTTPHosts(["box.example:9000", "10.0.0.5:9000"]).allows(address: "10.0.0.5", for: name))
        #expect(try !HTTPHosts(["box.example:9000", "10.0.0.5:9000"]).allows(address: "10.0.0.6", for: name))
        #expect(try !HTTPHosts(["box.example:9000", "10.0.0.5"]).allows(address: "10.0.0.5", for: name))
        let local = try #require(HTTPOrigin.split("http://localhost:9000/")).origin
        #expect(try HTTPHosts(["localhost:9000"]).allows(address: "127.0.0.1", for: local))
        #expect(try HTTPHosts(["localhost:9000"]).allows(address: "::1", for: local))
        #expect(try !HTTPHosts(["localhost:9000"]).allows(address: "10.0.0.1", for: local))
        let number = try #require(HTTPOrigin.split("http://127.0.0.1:81/")).origin
        #expect(try HTTPHosts(["127.0.0.1:81"]).allows(address: "127.0.0.1", for: number))
    }
}
