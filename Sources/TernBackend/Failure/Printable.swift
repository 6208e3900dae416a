/// `text` on one line of at most `limit` characters, for a message: what would steer a terminal is escaped as `\\u{1B}`, and
/// what is too long is truncated.
package func printable(_ text: String, limit: Int = 600) -> String {
  var result = String.UnicodeScalarView()
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < limit else { return String(result) + "… (\(text.utf8.count) bytes)" }
    count += 1
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// Names of a file for a message: each as ``printable(_:limit:)`` gives it, and of many the first.
package func printable(_ names: [String]) -> String {
  let shown = names.prefix(100).map { printable($0, limit: 200) }.joined(separator: ", ")
  return names.count > 100 ? "\(shown) and \(names.count - 100) more" : shown
}
