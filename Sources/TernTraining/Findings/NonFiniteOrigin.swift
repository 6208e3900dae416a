import TernBackend
import TernTensor

/// Where a value that is not finite began: the first operation with such a result from inputs that are finite, from which a
/// loss or a gradient descends that is not.
public struct NonFiniteOrigin: Sendable, Equatable, CustomStringConvertible {
  /// Where in a step.
  public enum Pass: String, Sendable {
    /// While the loss was computed.
    case forward
    /// While the gradients were.
    case backward
  }

  /// What it is.
  public enum Kind: String, Sendable {
    /// An operation's result, or a gradient that its derivative sent.
    case operation
    /// A parameter was not finite before the step.
    case parameter
    /// A buffer was not finite before the step.
    case buffer
    /// A value of the batch.
    case data
    /// A value that the program made by no operation.
    case constant
  }

  /// The extent of a tensor's values.
  public struct Range: Sendable, Equatable, CustomStringConvertible {
    /// The shape.
    public var shape: [Int]
    /// The least value that is finite; NaN where none is.
    public var minimum = Double.nan
    /// The largest value that is finite; NaN where none is.
    public var maximum = Double.nan
    /// How many are NaN.
    public var nanCount = 0
    /// How many are ∞ or −∞.
    public var infinityCount = 0

    /// Whether all are finite.
    public var isFinite: Bool { nanCount == 0 && infinityCount == 0 }

    /// `[64, 10] from -1.5 to 3.25, 2 NaN`
    public var description: String {
      var text = "\(shape)"
      if !minimum.isNaN { text += minimum == maximum ? " of \(minimum)" : " from \(minimum) to \(maximum)" }
      if nanCount > 0 { text += ", \(nanCount) NaN" }
      if infinityCount > 0 { text += ", \(infinityCount) infinite" }
      return text
    }
  }

  /// What it is.
  public var kind = Kind.operation
  /// The operation, as messages name it: `log`; the name of a parameter or buffer; else what the value is.
  public var operation: String
  /// The operations of one's own that it is a part of, innermost first.
  public var enclosing: [String] = []
  /// The path of the layer that ran it; empty for the model itself, `nil` outside of its layers.
  public var layer: String?
  /// What that layer is: `Dense`.
  public var layerKind: String?
  /// Whether it was in the forward or in the backward pass.
  public var pass = Pass.forward
  /// The values that it was computed from; in the backward pass those of the operation, and then the gradient that came.
  public var inputs: [Range] = []
  /// What it made.
  public var output: Range?
  /// The samples it reached, by their places in the data set, or in the batch where those are not known; empty where that
  /// cannot be told.
  public var samples: [Int] = []
  /// What else was found, such as weights that are very large.
  public var notes: [String] = []

  /// One line.
  public var description: String {
    var text: String
    switch kind {
    case .operation:
      text = "it began in \(pass == .forward ? operation : "the derivative of \(operation)")"
      for name in enclosing where name != operation { text += " in \(name)" }
    case .parameter: text = "it began before the step: the parameter \(operation) is not finite"
    case .buffer: text = "it began before the step: the buffer \(operation) is not finite"
    case .data: text = "it began in the data"
    case .constant: text = "it began in \(operation)"
    }
    if kind == .operation {
      if let layer {
        text += " of " + (layer.isEmpty ? layerKind ?? "the model" : layer + (layerKind.map { " (\($0))" } ?? ""))
      } else {
        text += " outside of the model's layers"
      }
      if !inputs.isEmpty { text += ", from " + inputs.map { "\($0)" }.joined(separator: " and ") }
    } else if let output {
      text += ": \(output)"
    }
    if !samples.isEmpty {
      let shown = samples.prefix(8).map { "\($0)" }.joined(separator: ", ")
      text += "; samples \(shown)" + (samples.count > 8 ? " and \(samples.count - 8) more" : "")
    }
    for note in notes { text += "; \(note)" }
    return text
  }
}

extension NonFiniteOrigin.Range {
  init(_ body: TensorBody) {
    shape = body.layout.shape
    switch body.dtype {
    case .float32: measure(Tensor<Float>(body: body.detached))
    case .float64: measure(Tensor<Double>(body: body.detached))
    default: break
    }
  }

  private mutating func measure<Scalar: FloatingScalar>(_ tensor: Tensor<Scalar>) {
    let (low, high, nans, infinities) = OperationObservers.silently {
      withoutGradients { tensor.contiguous }
    }.withUnsafeScalars { scalars in
      var (low, high, nans, infinities) = (Double.infinity, -Double.infinity, 0, 0)
      for scalar in scalars {
        let value = scalar.number
        if value.isNaN {
          nans += 1
        } else if value.isInfinite {
          infinities += 1
        } else {
          low = Swift.min(low, value)
          high = Swift.max(high, value)
        }
      }
      return (low, high, nans, infinities)
    }
    if low <= high { (minimum, maximum) = (low, high) }
    (nanCount, infinityCount) = (nans, infinities)
  }
}

extension TensorBody {
  /// Whether it has a value that is NaN or infinite.
  var isBroken: Bool {
    switch dtype {
    case .float32: !Tensor<Float>(body: detached).isAllFinite
    case .float64: !Tensor<Double>(body: detached).isAllFinite
    default: false
    }
  }

  /// Along the first axis, where there are so many, what has a value that is not finite.
  func brokenRows(_ count: Int) -> [Int]? {
    guard let first = layout.shape.first, first == count, count > 0, layout.count > 0 else { return nil }
    func rows<Scalar: FloatingScalar>(_ tensor: Tensor<Scalar>) -> [Int] {
      let scalars = withoutGradients { tensor.contiguous }.scalars
      let size = scalars.count / count
      return (0..<count).filter { row in !scalars[row * size..<(row + 1) * size].allSatisfy { $0.isFinite } }
    }
    switch dtype {
    case .float32: return rows(Tensor<Float>(body: detached))
    case .float64: return rows(Tensor<Double>(body: detached))
    default: return nil
    }
  }
}
