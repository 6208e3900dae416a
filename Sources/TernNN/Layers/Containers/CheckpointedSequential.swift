import TernBackend
import TernTensor

/// A sequence of layers in segments of which backward runs all but the last again, so that only their inputs are kept, as
/// `torch.utils.checkpoint.checkpoint_sequential`.
///
/// ```swift
/// let network = Sequential { for _ in 0..<50 { Residual { Dense(64, 64); ReLU(); Dense(64, 64) } } }
/// let model = network.checkpointed(segments: 7)
/// ```
///
/// It has the sequence's parameters under their names, and its results and gradients to the bit. About √n segments for n layers
/// keep least; fewer take less time.
public final class CheckpointedSequential<Scalar: FloatingScalar>: Layer, Nesting {
  /// The layers.
  public let sequence: Sequential<Scalar>
  /// How many segments there are at most.
  public let segments: Int

  fileprivate init(_ sequence: Sequential<Scalar>, _ segments: Int) {
    self.sequence = sequence
    self.segments = segments
  }

  /// The layers stand right below its path.
  public var savedNames: [String: String] { ["sequence": ""] }

  var nesting: Int { sequence.nesting }

  /// The last layer's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    guard Recording.isOn, segments > 1 else { return sequence(input) }
    let bounds = sequence.segmentBounds(segments)
    var result = input
    for (start, end) in zip(bounds.dropLast(), bounds.dropFirst()) {
      if end == sequence.count {
        sequence.advance(from: start, end, &result)
      } else {
        result = checkpoint(result) { [sequence] in
          var value = $0
          sequence.advance(from: start, end, &value)
          return value
        }
      }
    }
    return result
  }
}

extension Sequential {
  /// This sequence in segments of which backward runs all but the last again, instead of keeping what is inside them.
  ///
  /// Stops for fewer than one segment.
  ///
  /// - Parameter segments: how many parts it is divided into, the last half as long again; about √n for n layers keep least.
  public func checkpointed(
    segments: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> CheckpointedSequential<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(segments >= 1, "checkpointed", "\(segments) segments (at least 1)")
    return CheckpointedSequential(self, segments)
  }

  /// Where segments begin, and the end: none divides layers that run as one.
  fileprivate func segmentBounds(_ segments: Int) -> [Int] {
    // A ReLU runs with the layer before it, a normalization with its convolution.
    let starts = layers.indices.filter { $0 == 0 || !isFused(after: $0 - 1) }
    // The last is not run again, and half as long again as the others.
    let size = Double(starts.count) / (Double(segments) + 0.5)
    let bounds = (0..<segments).map { Int((Double($0) * size).rounded(.up)) }
    return bounds.enumerated().compactMap { index, bound in
      bound < starts.count && (index == 0 || bounds[index - 1] < bound) ? starts[bound] : nil
    } + [layers.count]
  }
}

extension CheckpointedSequential: SelfCopying {
  func duplicate() -> any Module { CheckpointedSequential(CopyScope.copied(sequence), segments) }
}
