import TernBackend
import TernTensor

/// The keys and values of the positions that an attention has seen: decoding computes those of new positions alone.
///
/// Memory grows by doubling, so that L positions one by one cost O(L). Nothing of it is recorded.
///
/// ```swift
/// let cache = KeyValueCache<Float>()
/// let (k, v) = (Tensor<Float>(ones: [2, 8, 1, 64]), Tensor<Float>(ones: [2, 8, 1, 64]))  // [N, heads, 1, E]
/// let (keys, values) = cache.append(k, v)  // all so far: [N, heads, length, E]
/// ```
public final class KeyValueCache<Scalar: FloatingScalar> {
  private var keys: Tensor<Scalar>?
  private var values: Tensor<Scalar>?
  /// How many positions it holds.
  public private(set) var count = 0

  /// Creates an empty cache.
  public init() {}

  /// Creates an empty cache with `Float` values.
  public init() where Scalar == Float {}

  /// Adds the keys and values of new positions, [N, heads, L, E]; returns those of all positions so far.
  ///
  /// Stops where they are of another batch, number of heads or width than what it holds.
  public func append(
    _ newKeys: Tensor<Scalar>, _ newValues: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> (keys: Tensor<Scalar>, values: Tensor<Scalar>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      newKeys.rank == 4 && newValues.rank == 4 && newKeys.shape[..<3] == newValues.shape[..<3], "KeyValueCache",
      "keys \(newKeys.shape) and values \(newValues.shape) are not [N, heads, L, E] for the same positions")
    let length = newKeys.shape[2]
    return withoutGradients {
      let grownKeys = room(keys, newKeys, length)
      let grownValues = room(values, newValues, length)
      (keys, values) = (nil, nil)
      let (held, answers) = (
        written(grownKeys, newKeys.detached(), length), written(grownValues, newValues.detached(), length)
      )
      (keys, values) = (held, answers)
      count += length
      return (held[.all, .all, .slice(0, count)], answers[.all, .all, .slice(0, count)])
    }
  }

  /// Forgets all positions.
  public func removeAll() {
    (keys, values) = (nil, nil)
    count = 0
  }

  /// Memory for `length` more positions, with what is held.
  private func room(_ held: Tensor<Scalar>?, _ new: Tensor<Scalar>, _ length: Int) -> Tensor<Scalar> {
    guard let held else {
      var shape = new.shape
      shape[2] = max(64, length)
      return Tensor(zeros: shape)
    }
    check(
      held.shape[0] == new.shape[0] && held.shape[1] == new.shape[1] && held.shape[3] == new.shape[3], "KeyValueCache",
      "\(new.shape) after \(held.shape[0]) sequences of \(held.shape[1]) heads of \(held.shape[3])")
    let needed = count + length
    if needed <= held.shape[2] { return held }
    var shape = held.shape
    shape[2] = max(needed, 2 * held.shape[2]) - held.shape[2]
    return concatenate([held, Tensor(zeros: shape)], along: 2)
  }

  private func written(_ held: consuming Tensor<Scalar>, _ new: Tensor<Scalar>, _ length: Int) -> Tensor<Scalar> {
    held[.all, .all, .slice(count, count + length)] = new
    return held
  }
}
