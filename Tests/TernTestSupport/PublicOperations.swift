import Foundation

/// The public functions and operators declared in a folder that no table of a folder calls, by name; of those alone whose
/// declaration holds one of some words, where words are given.
package func operationsWithoutRow(sources: URL, tables: URL, taking words: [String]? = nil) throws -> Set<String> {
  let rows = try files(in: tables).filter { $0.lastPathComponent.hasSuffix("Table.swift") }
    .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
  var missing: Set<String> = []
  for file in try files(in: sources) {
    let text = try String(contentsOf: file, encoding: .utf8)
    for match in text.matches(of: /(?m)^ *public (?:static |mutating |prefix )*func (\S+?)(?: ?\(|<[A-Z])/) {
      let declaration = text[match.range.lowerBound...].prefix { $0 != "{" }.split(separator: "->")[0]
      if let words, !words.contains(where: declaration.contains) { continue }
      let name = String(match.output.1)
      let call = name.first?.isLetter == true ? [name + "(", name + " {"] : [" \(name) ", "(\(name)"]
      if !call.contains(where: rows.contains) { missing.insert(name) }
    }
  }
  return missing
}

/// The names under which operations of a folder are recorded and no row of a table is.
package func operationsNeverRecorded(sources: URL, table: [TensorOperation]) throws -> Set<String> {
  var names: Set<String> = []
  for file in try files(in: sources) {
    for match in try String(contentsOf: file, encoding: .utf8).matches(
      of: /[.\s](?:recorded|recordedPair|moved|unary|combine)\(\s*"([^"]+)"/)
    {
      names.insert(String(match.output.1))
    }
  }
  return table.reduce(into: names) { $0.subtract($1.recordedNames) }
}

/// The Swift files of a folder and of those inside it; a folder without any is an error, so that one which moved is not
/// taken for one without operations.
private func files(in folder: URL) throws -> [URL] {
  let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  let files = (all?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
  if files.isEmpty { throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: folder.path]) }
  return files
}
