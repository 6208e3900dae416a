import TernBackend
import TernData
import TernTensor

/// A tensor of any of the scalar types, as the cases' files hold them.
package enum AnyTensor: Sendable {
  case float(Tensor<Float>)
  case double(Tensor<Double>)
  case int(Tensor<Int>)
  case int32(Tensor<Int32>)
  case uint8(Tensor<UInt8>)
  case bool(Tensor<Bool>)

  package init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    switch Scalar.dtype {
    case .float32: self = .float(Tensor(body: tensor.body))
    case .float64: self = .double(Tensor(body: tensor.body))
    case .int64: self = .int(Tensor(body: tensor.body))
    case .int32: self = .int32(Tensor(body: tensor.body))
    case .uint8: self = .uint8(Tensor(body: tensor.body))
    case .bool: self = .bool(Tensor(body: tensor.body))
    case .bfloat16: self = .float(Tensor<BFloat16>(body: tensor.body).widened)
    }
  }

  package init(_ stored: StoredArray) throws {
    let shape = stored.shape
    switch stored.type {
    case .float32: self = .float(Tensor(try stored.floats(), shape: shape))
    case .float64: self = .double(Tensor(try stored.doubles(), shape: shape))
    case .int64: self = .int(Tensor(try stored.ints(), shape: shape))
    case .int32: self = .int32(Tensor(try stored.int32s(), shape: shape))
    case .uint8: self = .uint8(Tensor(try stored.uint8s(), shape: shape))
    case .bool: self = .bool(Tensor(try stored.bools(), shape: shape))
    default: throw ConformanceError("tensors of \(stored.type.rawValue) are not read")
    }
  }

  /// The tensor when it has this scalar type.
  package func typed<Scalar: TensorScalar>(_: Scalar.Type = Scalar.self) -> Tensor<Scalar>? {
    body.dtype == Scalar.dtype ? Tensor(body: body) : nil
  }

  package var body: TensorBody {
    switch self {
    case .float(let tensor): tensor.body
    case .double(let tensor): tensor.body
    case .int(let tensor): tensor.body
    case .int32(let tensor): tensor.body
    case .uint8(let tensor): tensor.body
    case .bool(let tensor): tensor.body
    }
  }

  package var shape: [Int] { body.layout.shape }
  package var dtype: DType { body.dtype }

  /// The tensor seen through a permutation of its axes and then a slice of each, without a copy.
  func viewed(permute: [Int]?, slice: [[Int]]?) -> AnyTensor {
    switch self {
    case .float(let tensor): .float(tensor.viewed(permute, slice))
    case .double(let tensor): .double(tensor.viewed(permute, slice))
    case .int(let tensor): .int(tensor.viewed(permute, slice))
    case .int32(let tensor): .int32(tensor.viewed(permute, slice))
    case .uint8(let tensor): .uint8(tensor.viewed(permute, slice))
    case .bool(let tensor): .bool(tensor.viewed(permute, slice))
    }
  }
}

extension Tensor {
  fileprivate func viewed(_ permute: [Int]?, _ slice: [[Int]]?) -> Tensor {
    var view = self
    if let permute { view = view.permuted(permute) }
    if let slice { view = view[slice.map { AxisIndex.slice($0[0], $0[1], step: $0[2]) }] }
    return view
  }
}

/// The results of an operation as the runner compares them.
package func results<each Scalar: TensorScalar>(_ tensors: repeat Tensor<each Scalar>) -> [AnyTensor] {
  var list: [AnyTensor] = []
  repeat list.append(AnyTensor(each tensors))
  return list
}

/// What keeps a case from being run.
package struct ConformanceError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = printable(description) }
}
