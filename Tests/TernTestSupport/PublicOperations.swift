import Foundation

/// The public functions and operators declared in a folder that no table of a folder calls, by name.
package func operationsWithoutRow(sources: URL, tables: URL) throws -> Set<String> {
  let rows = try files(in: tables).filter { $0.lastPathComponent.hasSuffix("Table.swift") }
    .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
  var missing: Set<String> = []
  for file in try files(in: sources) {
    for match in try String(contentsOf: file, encoding: .utf8).matches(
      of: /(?m)^ *public (?:static |mutating |prefix )*func (\S+?)(?: ?\(|<[A-Z])/)
    {
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

private func files(in folder: URL) throws -> [URL] {
  let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  return (all?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
}
