import TernConformance
import TernData
import TernTensor

/// The whole vocabulary of operations as workloads, from a file of rows that a program of the peer reads too.
package struct Vocabulary {
  private let rows: [VocabularyRow]
  private let extents: [String: [String: Int]]
  /// The rows that are measured at four elements, where all that is left is what a call costs.
  private let tiny: Set<String>
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
    tiny = Set((json["tiny"]?.array ?? []).compactMap(\.string))
  }

  /// The operations' names in the rows.
  package var operations: Set<String> { Set(rows.map(\.operation)) }

  /// The rows, and at all sizes but four elements the layers and optimizers, as workloads
  /// `vocabulary/ROW/SIZE/TYPE/LAYOUT/forward`, at one of the sizes of the file.
  package func workloads(
    size: String, double: Bool = false, layout: VocabularyLayout = .contiguous, backward: Bool = false
  ) throws -> [Workload] {
    guard let extents = extents[size] else {
      throw ConformanceError("\(file): no size \(size) (there are \(extents.keys.sorted().joined(separator: ", ")))")
    }
    let pass = backward ? "backward" : "forward"
    let suffix = "\(size)/\(double ? "double" : "float")/\(layout.rawValue)/\(pass)"
    let operations = rows.compactMap { row -> Workload? in
      if size == "4" ? !tiny.contains(row.name) : row.sizes?.contains(size) == false { return nil }
      if backward && !row.hasBackward { return nil }
      return Workload(throwing: "vocabulary/\(row.name)/\(suffix)") {
        double
          ? try row.call(Double.self, extents, layout: layout, backward: backward)
          : try row.call(Float.self, extents, layout: layout, backward: backward)
      }
    }
    if size == "4" { return operations }
    func others<Scalar: FloatingScalar>(_: Scalar.Type) -> [Workload] {
      VocabularyLayers.workloads(Scalar.self, extents, layout: layout, backward: backward, suffix: suffix)
        + (backward || layout != .contiguous
          ? [] : VocabularyOptimizers.workloads(Scalar.self, size: size, suffix: suffix))
    }
    return operations + (double ? others(Double.self) : others(Float.self))
  }
}
