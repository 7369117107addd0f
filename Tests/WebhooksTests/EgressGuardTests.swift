import Coordination
import Testing
import Webhooks

/// Deliveries leave the house and never come in by another door.
struct EgressGuardTests {
  @Test(arguments: [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.9.1",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1", "ff02::1",
  ]) func `no address inside is public`(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(!address.isPublic)
    let host = text.contains(":") ? "[\(text)]" : text
    #expect(EgressGuard().objection(to: try Self.address("https://\(host)/hook")) == .internal)
    let named = try Self.address("https://hooks.example.org/hook")
    #expect(EgressGuard().objection(to: named, resolvedTo: [address]) == .internal)
    #expect(EgressGuard().objection(to: named, resolvedTo: [try #require(IPAddress("8.8.8.8")), address]) == .internal)
  }

  @Test(arguments: [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "169.253.1.1",
    "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.1.1", "198.17.1.1", "198.20.0.1", "223.255.255.255",
    "2a00:1450:4001:810::200e", "2606:4700::1111", "2003::1", "2001:4860::8888",
  ]) func `addresses on the internet are`(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isPublic)
    let named = try Self.address("https://hooks.example.org/hook")
    #expect(EgressGuard().objection(to: named, resolvedTo: [address]) == nil)
  }

  @Test func `only https goes out, to names that lead outside`() throws {
    let guarding = EgressGuard()
    #expect(guarding.objection(to: try Self.address("http://hooks.example.org/")) == .insecure)
    for host in ["localhost", "LOCALHOST", "db.localhost", "intranet", "printer.local", "metadata.google.internal"] {
      #expect(guarding.objection(to: try Self.address("https://\(host)/")) == .internal, "\(host)")
    }
    let named = try Self.address("https://hooks.example.org/")
    #expect(guarding.objection(to: named) == nil)
    #expect(guarding.objection(to: named, resolvedTo: []) == .unresolved)
  }

  @Test func `what the operator allows may be reached as it is`() throws {
    let guarding = EgressGuard(allowed: " fachverfahren.berlin.example , localhost:9000")
    let inside = [try #require(IPAddress("10.1.2.3"))]
    for text in ["http://fachverfahren.berlin.example/a", "https://FACHVERFAHREN.berlin.example:8443/"] {
      #expect(guarding.objection(to: try Self.address(text), resolvedTo: inside) == nil)
    }
    #expect(guarding.objection(to: try Self.address("http://localhost:9000/")) == nil)
    #expect(guarding.objection(to: try Self.address("http://localhost:9001/")) == .insecure)
    #expect(guarding.objection(to: try Self.address("https://other.berlin.example/"), resolvedTo: inside) == .internal)
  }

  @Test(arguments: [
    "ftp://a.example/", "https://", "https:///x", "https://user@a.example/", "https://user:x@a.example/",
    "https://a.example/#x", "https://a.example:0/", "https://a.example:70000/", "https://a.example:x/",
    "https://a .example/", "https://a.example\\@b/", "https://[::1/", "https://[::1]x/", "javascript:alert(1)", "",
    "https://ä.example/",
  ]) func `what is no address of a receiver is none`(text: String) {
    #expect(WebhookAddress(normalized: text) == nil)
  }

  @Test func `an address knows its host and port`() throws {
    let plain = try Self.address("https://Hooks.Example.org/a?b=c")
    #expect(plain.host == "hooks.example.org" && plain.port == 443 && plain.isSecure)
    let six = try Self.address("http://[2001:db8::1]:8080/")
    #expect(six.host == "2001:db8::1" && six.port == 8080 && !six.isSecure)
    #expect(try Self.address("https://a.example").port == 443)
  }

  private static func address(_ text: String) throws -> WebhookAddress {
    try #require(WebhookAddress(normalized: text), "\(text)")
  }
}
