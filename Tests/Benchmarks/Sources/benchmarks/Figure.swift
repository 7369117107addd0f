import Foundation

/// One line of the result: ours, theirs, and what the ratio must be.
struct Figure {
  enum Goal {
    case atLeast(floor: Double, aim: Double)
    case atMost(floor: Double, aim: Double)
    case none
  }

  let name: String
  let ours: String
  let theirs: String
  /// What is compared with the goal.
  let value: Double
  let unit: String
  let goal: Goal

  /// Ours divided by theirs.
  static func ratio(
    _ name: String, _ ours: Double, _ theirs: Double, unit: String, _ goal: Goal
  ) -> Figure {
    Figure(
      name: name, ours: number(ours) + " " + unit, theirs: number(theirs) + " " + unit, value: ours / theirs, unit: "×",
      goal: goal)
  }

  /// An absolute figure.
  static func absolute(_ name: String, _ value: Double, unit: String, _ goal: Goal) -> Figure {
    Figure(name: name, ours: number(value) + " " + unit, theirs: "–", value: value, unit: unit, goal: goal)
  }

  /// A figure for information.
  static func note(_ name: String, _ ours: String, _ theirs: String = "–") -> Figure {
    Figure(name: name, ours: ours, theirs: theirs, value: .nan, unit: "", goal: .none)
  }

  private var columns: [String] {
    let shown = value.isNaN ? "" : Self.number(value) + " " + unit
    switch goal {
    case .none: return [name, ours, theirs, shown, "", "", ""]
    case .atLeast(let floor, let aim):
      let met = value >= aim ? "aim" : value >= floor ? "floor" : "NO"
      return [name, ours, theirs, shown, "≥ \(Self.number(floor))", "≥ \(Self.number(aim))", met]
    case .atMost(let floor, let aim):
      let met = value <= aim ? "aim" : value <= floor ? "floor" : "NO"
      return [name, ours, theirs, shown, "≤ \(Self.number(floor))", "≤ \(Self.number(aim))", met]
    }
  }

  /// A Markdown table whose columns are aligned for a terminal too.
  static func table(_ figures: [Figure]) -> String {
    let header = ["figure", "ours", "theirs", "ratio", "floor", "aim", "met?"]
    let rows = [header] + figures.map(\.columns)
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
    return ([line(header), rule] + rows.dropFirst().map { line($0) }).joined(separator: "\n")
  }

  static func number(_ value: Double) -> String {
    switch abs(value) {
    case 1000...: grouped(Int(value.rounded()))
    case 100...: String(format: "%.0f", value)
    case 10...: String(format: "%.1f", value)
    case 0: "0"
    default: String(format: "%.2f", value)
    }
  }

  private static func grouped(_ value: Int) -> String {
    let digits = String(value)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += " " }
      text.append(digit)
    }
    return text
  }
}

extension [Double] {
  /// The middle value; the smaller of two.
  var median: Double { isEmpty ? .nan : sorted()[(count - 1) / 2] }
}
