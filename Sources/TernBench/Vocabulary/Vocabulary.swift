import TernConformance
import TernData
import TernTensor

/// The whole vocabulary of operations as workloads, from a file of rows that a program of the peer reads too.
package struct Vocabulary {
  private let rows: [VocabularyRow]
  private let extents: [String: [String: Int]]
  private let file: String

  /// Reads `vocabulary.json`.
  package init(contentsOf path: String) throws {
    let json = try JSON(parsing: FileIO.read(path)[...], file: path)
    guard let sizes = json["sizes"]?.members, let rows = json["rows"]?.array else {
      throw ConformanceError("\(path): sizes or rows are missing")
    }
    file = path
    extents = Dictionary(
      uniqueKeysWithValues: sizes.map { size in
        (size.key, Dictionary(uniqueKeysWithValues: (size.value.members ?? []).map { ($0.key, $0.value.int ?? 0) }))
      })
    self.rows = try rows.map { try VocabularyRow($0, file: path) }
  }

  /// The operations' names in the rows.
  package var operations: Set<String> { Set(rows.map(\.operation)) }

  /// The rows as workloads `vocabulary/ROW/SIZE/TYPE/LAYOUT/forward`, at one of the sizes of the file.
  package func workloads(
    size: String, double: Bool = false, layout: VocabularyLayout = .contiguous, backward: Bool = false
  ) throws -> [Workload] {
    guard let extents = extents[size] else {
      throw ConformanceError("\(file): no size \(size) (there are \(extents.keys.sorted().joined(separator: ", ")))")
    }
    return rows.compactMap { row in
      if row.sizes?.contains(size) == false || (backward && !row.hasBackward) { return nil }
      let pass = backward ? "backward" : "forward"
      let name = "vocabulary/\(row.name)/\(size)/\(double ? "double" : "float")/\(layout.rawValue)/\(pass)"
      return Workload(throwing: name) {
        double
          ? try row.call(Double.self, extents, layout: layout, backward: backward)
          : try row.call(Float.self, extents, layout: layout, backward: backward)
      }
    }
  }
}
