import TernBackend
import TernTensor

/// What takes its figures from training samples and changes those and any others by the same figures.
///
/// ```swift
/// let scaling = try Standardization(of: train)
/// let (trainInputs, testInputs) = (scaling(train), scaling(test))
/// try scaling.save(to: "scaling.safetensors")
/// ```
///
/// Fitted to the training samples alone: figures that have seen the test samples tell about them. The figures are computed
/// and kept in double precision, whatever the samples are. The result of a call is recorded, as of any other operation.
public protocol FittedTransform: Sendable, Equatable {
  /// What it is called in files.
  static var name: String { get }

  /// The transformed samples, along the same first axis; stops where they are of another shape than those fitted to.
  func callAsFunction<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Tensor<Scalar>

  /// The samples that were transformed, as far as they can be told from the result.
  func inverse<Scalar: FloatingScalar>(_ transformed: Tensor<Scalar>) -> Tensor<Scalar>

  /// The figures under their names, as a file holds them.
  var figures: [(name: String, array: StoredArray)] { get }

  /// The choices that are no numbers.
  var choices: [String: String] { get }

  /// The transform of the figures and choices in a file.
  ///
  /// - Throws: `DataError` where one is missing or wrong.
  init(figuresOf file: SafetensorsFile) throws(DataError)
}

extension FittedTransform {
  /// None.
  public var choices: [String: String] { [:] }

  /// Writes the figures as a safetensors file, whole or not at all; read back, they are the same to the last bit.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func save(to path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try SafetensorsFile.write(
      figures, metadata: choices.merging(["transform": Self.name]) { _, name in name }, to: path)
  }

  /// Reads what ``save(to:file:line:)`` wrote.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where the file cannot be read, is of another transform, or holds figures that are none.
  public init(contentsOf path: String) throws(DataError) {
    let file = try SafetensorsFile(contentsOf: path)
    let name = file.metadata["transform"]
    guard name == Self.name else {
      throw DataError(
        .mismatch, file: path, name.map { "holds a transform called \"\($0)\"" } ?? "holds no transform",
        expected: "\"\(Self.name)\"")
    }
    try self.init(figuresOf: file)
  }
}

extension SafetensorsFile {
  /// The finite numbers called `name`; `shape` has `nil` where any extent from 1 on will do.
  func figures(_ name: String, _ shape: [Int?]) throws(DataError) -> [Double] {
    guard let array = self[name] else {
      throw DataError(.notFound, file: file, "there is no \"\(name)\"", expected: "the figures of a transform")
    }
    let wanted = shape.map { $0.map { "\($0)" } ?? "any" }.joined(separator: ", ")
    let fits = array.shape.count == shape.count && zip(array.shape, shape).allSatisfy { $1 == nil ? $0 > 0 : $0 == $1 }
    guard fits else {
      throw DataError(.mismatch, file: file, "\"\(name)\" is of shape \(array.shape)", expected: "[\(wanted)]")
    }
    let values = try array.doubles()
    try require(values.allSatisfy(\.isFinite), "\"\(name)\" holds a NaN or an infinity", expected: "numbers")
    return values
  }

  /// Throws unless `condition` holds.
  func require(_ condition: Bool, _ what: String, expected: String) throws(DataError) {
    if !condition { throw DataError(.malformed, file: file, what, expected: expected) }
  }
}

/// Samples that a transform cannot be fitted to.
public struct FittingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong with the samples.
  public enum Reason: Equatable, Sendable {
    /// There are none.
    case noSamples
    /// The values of this channel or feature have no finite mean: one of them is a NaN or an infinity.
    case notFinite(channel: Int)
    /// They vary in fewer directions than are asked for.
    case fewDirections(found: Int, asked: Int)
    /// Their directions cannot be computed.
    case noDirections(LinearAlgebraError)
  }

  /// The transform that was to be fitted.
  public let transform: String
  /// The samples' shape.
  public let shape: [Int]
  /// What is wrong with them.
  public let reason: Reason

  /// One line: the transform, the samples' shape and what is wrong.
  public var description: String {
    let samples = "\(transform): samples \(shape)"
    return switch reason {
    case .noSamples: "\(samples): there is nothing to fit to"
    case .notFinite(let channel): "\(samples): a NaN or an infinity in channel \(channel)"
    case .fewDirections(let found, let asked):
      "\(samples): directions in which they vary: \(found), asked for: \(asked)"
    case .noDirections(let error): "\(samples): \(error)"
    }
  }
}
