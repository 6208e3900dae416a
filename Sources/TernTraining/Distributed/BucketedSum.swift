import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// The sum over ranks of one step's gradients, under way while more of them come: a bucket is sent once it is full and all
/// before it are sent, so that all ranks send in one order.
final class BucketedSum {
  typealias Bucket = GradientReduction.Bucket

  private let communicator: any Communicator
  private let parameters: [(name: String, parameter: any AnyParameter)]
  private let buckets: [Bucket]
  private let blocks: [UnsafeMutableRawBufferPointer]
  /// Each parameter's bucket and its first value there.
  private var places: [(bucket: Int, offset: Int)?]
  private var missing: [Int]
  private var started: [PendingOperation] = []

  /// - Parameter blocks: memory of the buckets' sizes, which outlives this.
  init(
    _ communicator: any Communicator, _ parameters: [(name: String, parameter: any AnyParameter)], _ buckets: [Bucket],
    _ blocks: [UnsafeMutableRawBufferPointer]
  ) {
    (self.communicator, self.parameters, self.buckets, self.blocks) = (communicator, parameters, buckets, blocks)
    missing = buckets.map(\.parameters.count)
    places = parameters.map { _ in nil }
    for (number, bucket) in buckets.enumerated() {
      var offset = 0
      for index in bucket.parameters {
        places[index] = (number, offset)
        offset += parameters[index].parameter.count
      }
    }
  }

  // What is under way uses the memory.
  deinit { for operation in started { try? operation.wait() } }

  /// Whether a parameter is in a bucket.
  func contains(_ index: Int) -> Bool { places[index] != nil }

  /// Takes the gradient of a parameter that is in a bucket, once; `nil` is zeros.
  func add(_ index: Int, _ body: TensorBody?) {
    guard let place = places[index] else { return }
    switch buckets[place.bucket].dtype {
    case .float32: copy(body, to: blocks[place.bucket].bindMemory(to: Float.self), place.offset, index)
    default: copy(body, to: blocks[place.bucket].bindMemory(to: Double.self), place.offset, index)
    }
    missing[place.bucket] -= 1
    while started.count < buckets.count, missing[started.count] == 0 { start(started.count) }
  }

  private func copy<Scalar: FloatingScalar>(
    _ body: TensorBody?, to block: UnsafeMutableBufferPointer<Scalar>, _ offset: Int, _ index: Int
  ) {
    guard let start = block.baseAddress.map({ $0 + offset }) else { return }
    let count = parameters[index].parameter.count
    guard let body else { return start.update(repeating: 0, count: count) }
    Tensor<Scalar>(body: body).withUnsafeScalars { values in
      if let first = values.baseAddress { start.update(from: first, count: count) }
    }
  }

  private func start(_ number: Int) {
    let (block, name) = (blocks[number], GradientReduction.name(number, buckets[number], parameters))
    switch buckets[number].dtype {
    case .float32: started.append(communicator.startSum(block.bindMemory(to: Float.self), name: name))
    default: started.append(communicator.startSum(block.bindMemory(to: Double.self), name: name))
    }
  }

  /// Waits for all buckets, each of which has all of its gradients, and writes the sums of the parameters that are `wanted`.
  func finish(into result: inout ShardGradients, wanted: (Int) -> Bool = { _ in true }) throws(CommunicationError) {
    for (number, operation) in started.enumerated() {
      try operation.wait()
      for index in buckets[number].parameters where wanted(index) {
        let offset = places[index]?.offset ?? 0
        switch buckets[number].dtype {
        case .float32: result.set(index, body(blocks[number].bindMemory(to: Float.self), offset, index))
        default: result.set(index, body(blocks[number].bindMemory(to: Double.self), offset, index))
        }
      }
    }
  }

  private func body<Scalar: FloatingScalar>(
    _ block: UnsafeMutableBufferPointer<Scalar>, _ offset: Int, _ index: Int
  ) -> TensorBody {
    let gradient = Tensor<Scalar>(uninitialized: parameters[index].parameter.shape)
    if let first = block.baseAddress {
      gradient.mutablePointer.update(from: first + offset, count: parameters[index].parameter.count)
    }
    return gradient.body
  }
}
