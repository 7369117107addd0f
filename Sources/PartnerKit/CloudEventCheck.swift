public import EventSourcing

/// Whether bytes are one of our events: a CloudEvent 1.0 in canonical JSON.
public enum CloudEventCheck {
  /// The event, or what is wrong with it.
  public static func read(_ body: [UInt8]) -> Result<JSON, Fault> {
    guard CanonicalJSON.isCanonical(body), let event = try? JSONParser.parse(body), let members = event.members else {
      return .failure(Fault(text: "the body is no object of canonical JSON (RFC 8785)"))
    }
    guard event["specversion"] == "1.0" else { return .failure(Fault(text: "specversion is not 1.0")) }
    for name in ["id", "source", "type"] where event[name]?.string?.isEmpty ?? true {
      return .failure(Fault(text: "\(name) is missing"))
    }
    for member in members where !member.key.utf8.allSatisfy(isNameByte) {
      return .failure(Fault(text: "\(member.key) is no name of an attribute"))
    }
    if let time = event["time"]?.string, Timestamp(time) == nil {
      return .failure(Fault(text: "time is none (RFC 3339)"))
    }
    return .success(event)
  }

  public struct Fault: Error, Hashable {
    public let text: String
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
