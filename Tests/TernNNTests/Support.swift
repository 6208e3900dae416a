import Foundation
import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// The tensors of a file of `Fixtures`.
func fixture(_ name: String) throws -> SafetensorsFile {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  return try SafetensorsFile(contentsOf: folder.appending(path: name).path)
}

/// A folder below `TERN_SHARED`, else below `shared` beside the package; `nil` where it is not there.
func sharedFolder(_ name: String) -> String? {
  let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
  let shared = ProcessInfo.processInfo.environment["TERN_SHARED"].map { URL(filePath: $0) }
  let folder = (shared ?? package.appending(path: "../shared").standardizedFileURL).appending(path: name)
  var isFolder: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
  return exists && isFolder.boolValue ? folder.path : nil
}

/// Expects a line among what a process wrote before it stopped.
func expectLine(_ line: String, in bytes: [UInt8]?, sourceLocation: SourceLocation = #_sourceLocation) {
  let written = text(bytes)
  #expect(written.contains(line + "\n"), sourceLocation: sourceLocation)
}

/// Expects all numbers of a tensor within a distance of others.
func expectClose<Scalar: FloatingScalar>(
  _ tensor: Tensor<Scalar>, _ expected: [Double], within tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let actual = tensor.scalars.map(\.number)
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (a, e) in zip(actual, expected) where !(abs(a - e) <= tolerance) {
    Issue.record("\(actual) for \(expected)", sourceLocation: sourceLocation)
    return
  }
}

extension Tensor where Scalar == Double {
  /// Numbers that look random, away from zero and from each other, the same in every run.
  static func spread(_ shape: [Int], from seed: Int = 0) -> Tensor {
    let count = shape.reduce(1, *)
    let step = 0.6180339887498949
    return Tensor(
      (0..<count).map { i in
        let u = (Double(i + seed) * step + 0.137).truncatingRemainder(dividingBy: 1)
        return (u - 0.5) * 3 + (u < 0.5 ? -0.05 : 0.05)
      }, shape: shape)
  }
}

extension Module {
  /// Gives every parameter values from ``TernTensor/Tensor/spread(_:from:)``.
  func spreadParameters() {
    for (i, parameter) in parameters.enumerated() {
      guard let parameter = parameter as? Parameter<Double> else { continue }
      parameter.value = .spread(parameter.shape, from: 31 * i + 5) * 0.5
    }
  }
}

/// What a process that was stopped wrote to standard error.
func lastWords(_ result: ExitTest.Result?) -> String {
  text(result?.standardErrorContent)
}
