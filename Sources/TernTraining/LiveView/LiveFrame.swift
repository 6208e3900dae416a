/// A frame of a view as a terminal takes it: the view is below the rows in which the program's own lines scroll, and the
/// cursor is theirs before and after it.
struct LiveFrame {
  let rows: [LiveRow]
  let terminal: (rows: Int, columns: Int)
  let isColored: Bool
  /// Whether the screen has no room for the view yet, or what is there is of another size.
  let isNew: Bool

  /// All that is written, in one go.
  var text: String {
    // Kept are the cursor and its attributes; what is too long is not to wrap.
    var text = "\u{1B}7"
    if isNew {
      text += Self.noMargins + "\u{1B}[J"
      if rows.isEmpty { return text + "\u{1B}[?25h" }
      // Down, where the screen scrolls at its end, and up again: then there is room below, and the column is the same.
      text += String(repeating: "\u{1B}D", count: rows.count) + "\u{1B}[\(rows.count)A"
      text += "\u{1B}7\u{1B}[1;\(terminal.rows - rows.count)r\u{1B}8"
    }
    if rows.isEmpty { return "" }
    text += "\u{1B}[?25l\u{1B}[?7l"
    for (index, row) in rows.enumerated() {
      text += "\u{1B}[\(terminal.rows - rows.count + 1 + index);1H\u{1B}[0m\u{1B}[2K"
      text += row.line(columns: terminal.columns, isColored: isColored)
    }
    return text + "\u{1B}[0m\u{1B}[?7h\u{1B}8"
  }

  /// Takes the margins away, which moves the cursor, and brings it back.
  private static let noMargins = "\u{1B}[r\u{1B}8"
}
