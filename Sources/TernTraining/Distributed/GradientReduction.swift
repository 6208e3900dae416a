import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// Adds gradients over ranks, in buckets of 4 MB from the last parameter to the first; the first bucket is small, so that it
/// is under way early. What comes last is sent when nothing is left to compute, and is to be short.
final class GradientReduction {
  /// Bytes of a bucket.
  var bucketBytes = (first: 1 << 20, others: 4 << 20)

  /// Parameters of one type whose gradients travel together.
  struct Bucket: Equatable {
    let dtype: DType
    /// The parameters' numbers, the last first.
    var parameters: [Int]
    var count: Int
  }

  private let communicator: any Communicator
  private let tree: ShardTree
  private var memory: [UnsafeMutableRawBufferPointer] = []

  init(_ communicator: any Communicator, _ tree: ShardTree) { (self.communicator, self.tree) = (communicator, tree) }

  deinit { for block in memory { block.deallocate() } }

  /// The buckets of the parameters that have gradients on some rank.
  func buckets(
    _ parameters: [(name: String, parameter: any AnyParameter)], _ isPresent: [Bool]
  ) -> [Bucket] {
    var result: [Bucket] = []
    for dtype in [DType.float32, .float64] {
      var bucket = Bucket(dtype: dtype, parameters: [], count: 0)
      for index in parameters.indices.reversed() where isPresent[index] && parameters[index].parameter.dtype == dtype {
        let limit = result.isEmpty ? bucketBytes.first : bucketBytes.others
        let count = parameters[index].parameter.count
        if bucket.count > 0, (bucket.count + count) * dtype.byteCount > limit {
          result.append(bucket)
          bucket = Bucket(dtype: dtype, parameters: [], count: 0)
        }
        bucket.parameters.append(index)
        bucket.count += count
      }
      if !bucket.parameters.isEmpty { result.append(bucket) }
    }
    return result
  }

  /// The sum over ranks of what each has of its subtrees, one after the other in the tree's order.
  func sum(
    _ own: [(subtree: Range<Int>, gradients: ShardGradients)],
    _ parameters: [(name: String, parameter: any AnyParameter)], _ isPresent: [Bool]
  ) throws -> ShardGradients {
    var result = ShardGradients(count: parameters.count)
    if tree.ranks == 1 { return own.first?.gradients ?? result }
    if tree.isAligned, let own = own.first?.gradients {
      let sum = begin(parameters, isPresent)
      for index in parameters.indices.reversed() { sum.add(index, own.bodies[index]) }
      try sum.finish(into: &result)
      return result
    }
    for (number, bucket) in buckets(parameters, isPresent).enumerated() {
      let name = Self.name(number, bucket, parameters)
      switch bucket.dtype {
      case .float32: try sumAlongTree(own, bucket, parameters, name, &result, Float.self)
      default: try sumAlongTree(own, bucket, parameters, name, &result, Double.self)
      }
    }
    return result
  }

  static func name(
    _ number: Int, _ bucket: Bucket, _ parameters: [(name: String, parameter: any AnyParameter)]
  ) -> String {
    "bucket \(number + 1) (\(bucket.parameters.first.map { parameters[$0].name } ?? ""))"
  }

  // MARK: A power of two of ranks with one subtree each

  /// A sum of the gradients of the parameters that may have one on some rank, which goes on while they come.
  func begin(
    _ parameters: [(name: String, parameter: any AnyParameter)], _ isPresent: [Bool]
  ) -> BucketedSum {
    let buckets = self.buckets(parameters, isPresent)
    let blocks = buckets.enumerated().map { block($0, $1.count * $1.dtype.byteCount) }
    return BucketedSum(communicator, parameters, buckets, blocks)
  }

  /// Memory for a bucket, which is kept for the next step.
  private func block(_ number: Int, _ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    while memory.count <= number { memory.append(.allocate(byteCount: 0, alignment: 64)) }
    if memory[number].count < byteCount {
      memory[number].deallocate()
      memory[number] = .allocate(byteCount: byteCount, alignment: 64)
    }
    return UnsafeMutableRawBufferPointer(rebasing: memory[number][..<byteCount])
  }

  // MARK: Any number of ranks

  private func pack<Scalar: FloatingScalar>(
    _ gradients: ShardGradients, _ bucket: Bucket, _ parameters: [(name: String, parameter: any AnyParameter)],
    _ block: UnsafeMutableBufferPointer<Scalar>
  ) {
    var out = block.baseAddress
    for index in bucket.parameters {
      let count = parameters[index].parameter.count
      if let body = gradients.bodies[index], let start = out {
        Tensor<Scalar>(body: body).withUnsafeScalars { values in
          if let first = values.baseAddress { start.update(from: first, count: count) }
        }
      } else {
        out?.update(repeating: 0, count: count)
      }
      out = out.map { $0 + count }
    }
  }

  private func unpack<Scalar: FloatingScalar>(
    _ bucket: Bucket, _ parameters: [(name: String, parameter: any AnyParameter)],
    _ block: UnsafeBufferPointer<Scalar>, _ result: inout ShardGradients
  ) {
    var at = 0
    for index in bucket.parameters {
      let (shape, count) = (parameters[index].parameter.shape, parameters[index].parameter.count)
      let gradient = Tensor<Scalar>(uninitialized: shape)
      if let first = block.baseAddress { gradient.mutablePointer.update(from: first + at, count: count) }
      result.set(index, gradient.body)
      at += count
    }
  }

  /// The owner of a subtree is the rank of its first shard. It takes the right half from that half's owner, where that is
  /// another; rank 0 ends up with the sum, and gives it to all.
  private func sumAlongTree<Scalar: FloatingScalar & CommunicableNumber>(
    _ own: [(subtree: Range<Int>, gradients: ShardGradients)], _ bucket: Bucket,
    _ parameters: [(name: String, parameter: any AnyParameter)], _ name: String, _ result: inout ShardGradients,
    _: Scalar.Type
  ) throws {
    let owners = (0..<tree.ranks).flatMap { rank in tree.shards(of: rank).map { _ in rank } }
    func values(_ gradients: ShardGradients) -> [Scalar] {
      [Scalar](unsafeUninitializedCapacity: bucket.count) { block, count in
        self.pack(gradients, bucket, parameters, UnsafeMutableBufferPointer(rebasing: block[..<bucket.count]))
        count = bucket.count
      }
    }
    func sum(_ subtree: Range<Int>) throws -> [Scalar]? {
      let owner = owners[subtree.lowerBound]
      if owner == owners[subtree.upperBound - 1] {
        if owner != communicator.rank { return nil }
        return own.first { $0.subtree == subtree }.map { values($0.gradients) }
      }
      let (left, right) = ShardTree.halves(subtree)
      let (first, second) = (try sum(left), try sum(right))
      let other = owners[right.lowerBound]
      if owner == other {
        guard var first, let second else { return nil }
        for index in first.indices { first[index] += second[index] }
        return first
      }
      if communicator.rank == other {
        _ = try communicator.exchange(second ?? [], with: owner, name: name)
        return nil
      }
      guard communicator.rank == owner, var first else { return nil }
      let received = try communicator.exchange([Scalar](), with: other, name: name)
      // Where a rank stands in for all, so that memory is planned, nothing comes from a peer.
      if received.isEmpty && communicator is RankStandIn { return first }
      guard received.count == first.count else {
        throw CommunicationError.disagreement(
          "rank \(other) gives \(received.count) numbers of \(name), \(first.count) are expected")
      }
      for index in first.indices { first[index] += received[index] }
      return first
    }
    var total = try sum(0..<tree.shards) ?? [Scalar](repeating: 0, count: bucket.count)
    try communicator.broadcast(&total, name: name)
    total.withUnsafeBufferPointer { unpack(bucket, parameters, $0, &result) }
  }
}
