/// A text for people, in German and English; both are always there.
public struct LocalizedText: Hashable, Sendable {
  public let german: String
  public let english: String

  public init(de german: String, en english: String) {
    self.german = german
    self.english = english
  }
}
