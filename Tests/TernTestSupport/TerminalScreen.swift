/// A terminal's screen as a program's bytes leave it: what a view uses of the VT100, and lines that scroll.
package struct TerminalScreen {
  package private(set) var rows: Int
  package private(set) var columns: Int
  package private(set) var cells: [[Character]]
  /// Lines that left the screen at its top.
  package private(set) var history: [String] = []
  /// The cursor, from 0.
  package private(set) var row = 0
  package private(set) var column = 0
  package private(set) var isCursorVisible = true
  package private(set) var wraps = true
  /// The first and the last row that scroll, from 0.
  package private(set) var margins: ClosedRange<Int>
  /// What was not understood.
  package private(set) var unknown: [String] = []
  private var saved = (row: 0, column: 0)
  private var pending: [UInt8] = []

  package init(rows: Int, columns: Int) {
    (self.rows, self.columns, margins) = (rows, columns, 0...rows - 1)
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// The rows without the spaces at their ends.
  package var lines: [String] { cells.map(Self.trimmed) }

  /// All that was printed, also what left the screen.
  package var text: String { (history + lines).joined(separator: "\n") }

  private static func trimmed(_ cells: [Character]) -> String {
    String(cells[..<(cells.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0)])
  }

  /// Takes another size: rows below the cursor are dropped first, as terminals do.
  package mutating func resize(rows newRows: Int, columns newColumns: Int) {
    while cells.count > newRows {
      if row < cells.count - 1 {
        cells.removeLast()
      } else {
        history.append(Self.trimmed(cells.removeFirst()))
        row -= 1
      }
    }
    while cells.count < newRows { cells.append([]) }
    cells = cells.map {
      Array($0.prefix(newColumns)) + Array(repeating: " ", count: max(newColumns - $0.count, 0))
    }
    (rows, columns, margins) = (newRows, newColumns, 0...newRows - 1)
    column = min(column, columns - 1)
    saved = (min(saved.row, rows - 1), min(saved.column, columns - 1))
  }

  /// Takes what a program writes, in parts of any length.
  package mutating func feed(_ bytes: some Sequence<UInt8>) {
    pending += bytes
    while let length = nextLength() {
      let unit = Array(pending[..<length])
      pending.removeFirst(length)
      obey(unit)
    }
  }

  /// The bytes of the next character or command, where all of them are there.
  private func nextLength() -> Int? {
    guard let first = pending.first else { return nil }
    if first == 0x1B {
      guard pending.count > 1 else { return nil }
      if pending[1] != UInt8(ascii: "[") { return 2 }
      return pending.dropFirst(2).firstIndex { (0x40...0x7E).contains($0) }.map { $0 + 1 }
    }
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    return pending.count >= length ? length : nil
  }

  private mutating func obey(_ unit: [UInt8]) {
    switch unit[0] {
    case 0x1B: unit.count == 2 ? escape(unit[1]) : control(String(decoding: unit.dropFirst(2), as: UTF8.self))
    case 0x0A: lineFeed()
    case 0x0D: column = 0
    case 0x08: column = max(column - 1, 0)
    case 0..<0x20: break
    default: put(Character(String(decoding: unit, as: UTF8.self)))
    }
  }

  private mutating func put(_ character: Character) {
    if column >= columns {
      if wraps {
        column = 0
        lineFeed()
      } else {
        column = columns - 1
      }
    }
    cells[row][column] = character
    column += 1
    if column >= columns && !wraps { column = columns - 1 }
  }

  private mutating func lineFeed() {
    if row == margins.upperBound {
      let top = cells.remove(at: margins.lowerBound)
      if margins.lowerBound == 0 { history.append(Self.trimmed(top)) }
      cells.insert(Array(repeating: " ", count: columns), at: row)
    } else if row < rows - 1 {
      row += 1
    }
  }

  private mutating func escape(_ code: UInt8) {
    switch code {
    case UInt8(ascii: "7"): saved = (row, column)
    case UInt8(ascii: "8"): (row, column) = saved
    case UInt8(ascii: "D"): lineFeed()
    default: unknown.append("ESC \(Character(UnicodeScalar(code)))")
    }
  }

  private mutating func control(_ text: String) {
    let numbers = text.dropLast().drop { $0 == "?" }.split(separator: ";", omittingEmptySubsequences: false).map {
      Int($0)
    }
    func number(_ index: Int, _ other: Int) -> Int { index < numbers.count ? numbers[index] ?? other : other }
    switch text.last {
    case "A": row = max(row - number(0, 1), 0)
    case "H": (row, column) = (min(number(0, 1), rows) - 1, min(number(1, 1), columns) - 1)
    case "J" where number(0, 0) == 0:
      erase(from: column)
      for below in row + 1..<max(rows, row + 1) { cells[below] = Array(repeating: " ", count: columns) }
    case "K" where number(0, 0) == 0: erase(from: column)
    case "K" where number(0, 0) == 2: erase(from: 0)
    case "m": break
    case "r":
      let (top, bottom) = (number(0, 1) - 1, min(number(1, rows), rows) - 1)
      if top < bottom { margins = top...bottom }
      (row, column) = (0, 0)
    case "h" where text == "?25h", "l" where text == "?25l": isCursorVisible = text.last == "h"
    case "h" where text == "?7h", "l" where text == "?7l": wraps = text.last == "h"
    default: unknown.append("CSI \(text)")
    }
  }

  private mutating func erase(from start: Int) {
    for index in min(start, columns)..<columns { cells[row][index] = " " }
  }
}
