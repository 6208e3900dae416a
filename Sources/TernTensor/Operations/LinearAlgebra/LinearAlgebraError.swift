import TernBackend

/// Which triangle of a matrix is meant.
public typealias MatrixTriangle = TernBackend.MatrixTriangle

/// On which side of a product a matrix stands.
public typealias MatrixSide = TernBackend.MatrixSide

/// A matrix that a factorization or a solution does not exist for, or was not found for.
public struct LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with the matrix.
  public enum Reason: Equatable, Sendable {
    /// The pivot of this number, counted from 1, is exactly zero.
    case singular(pivot: Int)
    /// The leading minor of this order is not positive.
    case notPositiveDefinite(order: Int)
    /// This many elements that an iteration makes small stayed large.
    case noConvergence(remaining: Int)
    /// The matrix holds a NaN or an infinity, where an iteration would not end or return wrong numbers.
    case notFinite
  }

  /// The operation that was asked for.
  public let operation: String
  /// The matrix's index in the batch; empty for a single matrix.
  public let matrix: [Int]
  /// What is wrong with it.
  public let reason: Reason

  /// One line: the operation, the matrix, and LAPACK's info in words.
  public var description: String {
    let name = matrix.isEmpty ? "the matrix" : "matrix \(matrix) of the batch"
    switch reason {
    case .singular(let pivot): return "\(operation): \(name) is singular: its pivot \(pivot) is exactly zero"
    case .notPositiveDefinite(let order):
      return "\(operation): \(name) is not positive definite: its leading minor of order \(order) is not positive"
    case .noConvergence(let remaining):
      return "\(operation): \(name): the iteration did not converge: \(remaining) off-diagonal elements are not zero"
    case .notFinite: return "\(operation): \(name) holds a NaN or an infinity"
    }
  }

  init(_ operation: String, _ batch: [Int], _ index: Int, _ reason: Reason) {
    self.operation = operation
    var remainder = index
    matrix = batch.reversed().map { extent in
      defer { remainder /= extent }
      return remainder % extent
    }.reversed()
    self.reason = reason
  }

  /// The same of another operation, which met it on its way.
  init(renaming error: LinearAlgebraError, _ operation: String) {
    self.operation = operation
    (matrix, reason) = (error.matrix, error.reason)
  }
}
