/// A text for people, in German and English; both are always there.
package struct LocalizedText: Hashable, Sendable {
  package let german: String
  package let english: String

  package init(de german: String, en english: String) {
    self.german = german
    self.english = english
  }
}
