import TernData
import TernTensor

/// The cases of one family, with the tensors they name.
package struct Manifest: Sendable {
  package let family: String
  package let cases: [ConformanceCase]
  private let tensors: SafetensorsFile

  /// Reads `FAMILY.json` and the tensors' file beside it.
  package init(contentsOf path: String) throws {
    let json = try JSON(parsing: FileIO.read(path)[...], file: path)
    guard json["format"]?.int == 1 else { throw ConformanceError("\(path): the format is not 1") }
    guard let family = json["family"]?.string, let file = json["tensors"]?.string, let cases = json["cases"]?.array
    else { throw ConformanceError("\(path): family, tensors or cases are missing") }
    self.family = family
    self.cases = try cases.map { try ConformanceCase($0) }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    tensors = try SafetensorsFile(contentsOf: folder.isEmpty ? file : "\(folder)/\(file)")
  }

  /// A tensor of the file, as the case views it.
  func tensor(_ reference: TensorReference) throws -> AnyTensor {
    guard let stored = tensors[reference.key] else { throw ConformanceError("no tensor \"\(reference.key)\"") }
    return try AnyTensor(stored).viewed(permute: reference.permute, slice: reference.slice)
  }

  func tensors(_ references: [TensorReference?]) throws -> [AnyTensor?] {
    try references.map { try $0.map(tensor) }
  }
}

/// A stored tensor, and how it is viewed.
struct TensorReference: Sendable {
  let key: String
  let permute: [Int]?
  let slice: [[Int]]?

  /// From a key alone, or from an object with the view; `nil` for null.
  static func list(_ json: JSON?) throws -> [TensorReference?]? {
    guard let json, json != .null else { return nil }
    guard let values = json.array else { throw ConformanceError("\(json) is not a list of tensors") }
    return try values.map { value in
      if value == .null { return nil }
      if let key = value.string { return TensorReference(key: key, permute: nil, slice: nil) }
      guard let key = value["tensor"]?.string else { throw ConformanceError("\(value) names no tensor") }
      let view = try Attributes(value)
      let slice = try view.optionalIntLists("slice")?.map { $0.compactMap { $0 } }
      if let slice, !slice.allSatisfy({ $0.count == 3 }) {
        throw ConformanceError("\(value): a slice is not [start, stop, step]")
      }
      return TensorReference(key: key, permute: try view.ints("permute"), slice: slice)
    }
  }
}

/// One case: an operation, its inputs, and what is expected of it.
package struct ConformanceCase: Sendable {
  package let name: String
  package let operation: String
  let attributes: Attributes
  let inputs: [TensorReference?]
  let outputs: [TensorReference?]
  let cotangents: [TensorReference?]?
  let gradients: [TensorReference?]?
  let tangents: [TensorReference?]?
  let secondGradients: [TensorReference?]?
  let tolerance: Tolerance

  init(_ json: JSON) throws {
    guard let name = json["name"]?.string, let operation = json["op"]?.string else {
      throw ConformanceError("a case without name or op: \(json)")
    }
    self.name = name
    self.operation = operation
    attributes = try Attributes(json["attributes"])
    inputs = try TensorReference.list(json["inputs"]) ?? []
    outputs = try TensorReference.list(json["outputs"]) ?? []
    cotangents = try TensorReference.list(json["cotangents"])
    gradients = try TensorReference.list(json["gradients"])
    tangents = try TensorReference.list(json["second_order"]?["tangents"])
    secondGradients = try TensorReference.list(json["second_order"]?["gradients"])
    let bounds = try Attributes(json["tolerance"])
    tolerance = Tolerance(
      relative: try bounds.number("relative", default: 0), absolute: try bounds.number("absolute", default: 0))
  }
}
