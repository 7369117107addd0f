internal import EventSourcing

/// Looks at the text of a plan file before the YAML parser sees it, and refuses what could make that parser work
/// without bounds: sheer length, and anchors with aliases, which nest into exponential size ("billion laughs").
///
/// An anchor or alias is `&` or `*` at the start of a token with its name right behind. Telling the start of a token
/// from text in quotes or comments would need the whole grammar of YAML; a plan file can do without such text instead.
enum PlanFileText {
  static let byteCountMax = 4 << 20

  /// Without byte order mark and carriage returns, which editors on other systems add.
  static func normalized(_ text: String) -> String {
    var scalars = Substring(text).unicodeScalars
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    guard scalars.contains("\r") else { return String(scalars) }
    return String(scalars).replacing("\r\n", with: "\n")
  }

  static func findings(_ text: String) -> [ImportFinding] {
    guard text.utf8.count <= byteCountMax else {
      return [
        ImportFinding(
          .fatal, "file-too-large", line: nil, path: "",
          message: LocalizedText(
            de: "Die Datei hat \(text.utf8.count) Bytes; erlaubt sind \(byteCountMax).",
            en: "The file has \(text.utf8.count) bytes; \(byteCountMax) are allowed."))
      ]
    }
    return linesWithAnchors(text).map { line in
      ImportFinding(
        .fatal, "anchor-refused", line: line, path: "",
        message: LocalizedText(
          de: "Anker und Verweise von YAML (& und *) sind in Plandateien nicht erlaubt.",
          en: "YAML anchors and aliases (& and *) are not allowed in plan files."),
        proposal: LocalizedText(
          de: "Den Inhalt ausschreiben; im Text nach & und * ein Leerzeichen setzen.",
          en: "Write the content out; within text, put a space after & and *."))
    }
  }

  private static func linesWithAnchors(_ text: String) -> [Int] {
    var lines: [Int] = []
    var line = 1
    var isTokenStart = true
    var isSign = false
    for byte in text.utf8 {
      let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
      if isSign, !isSpace, lines.last != line { lines.append(line) }
      if byte == UInt8(ascii: "\n") { line += 1 }
      isSign = isTokenStart && (byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"))
      isTokenStart = !isWordByte(byte)
    }
    return lines
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
