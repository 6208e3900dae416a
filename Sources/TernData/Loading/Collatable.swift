import TernBackend
import TernTensor

/// A sample that knows how several of its kind make a batch.
///
/// ```swift
/// struct Scene: Collatable {
///   let image: Tensor<Float>
///   let depth: Tensor<Float>
///   static func collate(_ samples: [Scene]) -> (images: Tensor<Float>, depths: Tensor<Float>) {
///     (.collate(samples.map(\.image)), .collate(samples.map(\.depth)))
///   }
/// }
/// ```
public protocol Collatable: Sendable {
  /// What several samples make together.
  associatedtype Batch: Sendable

  /// The batch of `samples`, in their order.
  static func collate(_ samples: [Self]) -> Batch
}

extension Tensor: Collatable {
  /// The tensors beside each other along a new first axis: [samples, …], in the memory order of the first one.
  ///
  /// Stops where their shapes differ: ``PaddedBatch`` takes sequences of different lengths.
  public static func collate(_ samples: [Tensor]) -> Tensor {
    guard let first = samples.first else { return Tensor(zeros: [0]) }
    if let other = samples.firstIndex(where: { $0.shape != first.shape }) {
      fail(
        "collate",
        "sample \(other) of the batch is of shape \(samples[other].shape), the first of \(first.shape); "
          + "samples are brought to one shape with map, sequences padded as SampleSequence")
    }
    let order = first.layout.isDense ? first.layout.memoryOrder : Array(first.shape.indices)
    let result = Tensor(
      uninitialized: Layout([samples.count] + first.shape, order: [0] + order.map { $0 + 1 }))
    if first.isEmpty { return result }
    let part = Layout(first.shape, strides: Array(result.layout.strides.dropFirst()))
    for (row, sample) in samples.enumerated() {
      copyElements(from: sample.body, to: result.view(part, offset: row * first.count).body, Scalar.self)
    }
    return result
  }
}

extension TensorScalar {
  /// The numbers as a vector.
  public static func collate(_ samples: [Self]) -> Tensor<Self> { Tensor(samples) }
}

extension Float: Collatable {}
extension Double: Collatable {}
extension Int: Collatable {}
extension Int32: Collatable {}
extension UInt8: Collatable {}
extension Bool: Collatable {}

extension String: Collatable {
  /// The texts as they are.
  public static func collate(_ samples: [String]) -> [String] { samples }
}

extension Array: Collatable where Element: Collatable {
  /// A batch for each place in the samples' arrays; stops where those are of different lengths.
  public static func collate(_ samples: [[Element]]) -> [Element.Batch] {
    let count = samples.first?.count ?? 0
    if let other = samples.firstIndex(where: { $0.count != count }) {
      fail(
        "collate",
        "sample \(other) of the batch has \(samples[other].count) elements, the first \(count); "
          + "sequences are padded as SampleSequence")
    }
    return (0..<count).map { place in Element.collate(samples.map { $0[place] }) }
  }
}

extension Dictionary: Collatable where Key == String, Value: Collatable {
  /// A batch for each key; stops where the samples' keys differ.
  public static func collate(_ samples: [[String: Value]]) -> [String: Value.Batch] {
    guard let first = samples.first else { return [:] }
    if let other = samples.firstIndex(where: { Set($0.keys) != Set(first.keys) }) {
      func words(_ sample: [String: Value]) -> String { sample.keys.sorted().joined(separator: ", ") }
      fail(
        "collate", "sample \(other) of the batch has the keys \(words(samples[other])), the first \(words(first))")
    }
    return [String: Value.Batch](
      uniqueKeysWithValues: first.keys.map { key in (key, Value.collate(samples.map { $0[key]! })) })
  }
}
