// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernBackend

// PyTorch's names, so that the compiler answers them with Tern's.

extension Tensor {
  @available(*, unavailable, renamed: "transposed()")
  public var T: Tensor { unnamed() }
  @available(*, unavailable, renamed: "transposed()")
  public var mT: Tensor { unnamed() }
  @available(*, unavailable, renamed: "transposed()")
  public func t() -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "transposed(_:_:)")
  public func transpose(_ first: Int, _ second: Int) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "permuted(_:)")
  public func permute(_ order: Int...) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "reshaped(_:)")
  public func view(_ shape: Int...) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "reshaped(_:)")
  public func reshape(_ shape: Int...) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "flattened(from:)")
  public func flatten(_ first: Int = 0) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "expandedAxis(at:)")
  public func unsqueeze(_ axis: Int) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "squeezed(_:)")
  public func squeeze(_ axes: Int...) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "broadcast(to:)")
  public func expand(_ shape: Int...) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "tiled(_:)")
  public func `repeat`(_ counts: Int...) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "taking(_:along:)")
  public func index_select(_ axis: Int, _ index: Tensor<Int>) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "gathered(_:along:)")
  public func gather(_ axis: Int, _ index: Tensor<Int>) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "filled(with:where:)")
  public func masked_fill(_ mask: Tensor<Bool>, _ value: Scalar) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "elements(where:)")
  public func masked_select(_ mask: Tensor<Bool>) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "shape")
  public func size() -> [Int] { unnamed() }
  @available(*, unavailable, message: "x.size(0) is x.shape[0]")
  public func size(_ axis: Int) -> Int { unnamed() }
  @available(*, unavailable, renamed: "rank")
  public func dim() -> Int { unnamed() }
  @available(*, unavailable, renamed: "rank")
  public var ndim: Int { unnamed() }
  @available(*, unavailable, renamed: "count")
  public func numel() -> Int { unnamed() }
  @available(*, unavailable, renamed: "scalars")
  public func tolist() -> [Scalar] { unnamed() }
  @available(*, unavailable, renamed: "scalars")
  public func numpy() -> [Scalar] { unnamed() }
  @available(*, unavailable, renamed: "detached()")
  public func detach() -> Tensor { unnamed() }
  @available(*, unavailable, message: "a tensor is a value: let copy = x")
  public func clone() -> Tensor { unnamed() }
  @available(*, unavailable, message: "tensors lie in the memory of the CPU, there is nothing to move")
  public func cuda() -> Tensor { unnamed() }
  @available(*, unavailable, message: "tensors lie in the memory of the CPU, there is nothing to move")
  public func cpu() -> Tensor { unnamed() }
  @available(*, unavailable, message: "another element type: x.cast(to: Float.self); there are no devices to move to")
  public func to(_ target: Any) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Float.self)")
  public func float() -> Tensor<Float> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Double.self)")
  public func double() -> Tensor<Double> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Int.self)")
  public func long() -> Tensor<Int> { unnamed() }
  @available(*, unavailable, renamed: "asVariable()")
  public func requires_grad_() -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "requiresGradient")
  public var requires_grad: Bool { unnamed() }
  @available(*, unavailable, renamed: "gradient")
  public var grad: Tensor? { unnamed() }
}

extension Tensor where Scalar: NumericScalar {
  @available(*, unavailable, renamed: "sum(along:)")
  public func sum(dim axis: Int, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "mean(along:)")
  public func mean(dim axis: Int, keepdim: Bool = false) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "product(along:)")
  public func prod(dim axis: Int? = nil) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "max(along:)")
  public func max(dim axis: Int) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, renamed: "min(along:)")
  public func min(dim axis: Int) -> (values: Tensor, indices: Tensor<Int>) { unnamed() }
  @available(*, unavailable, renamed: "argmax(along:)")
  public func argmax(dim axis: Int) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, renamed: "argmin(along:)")
  public func argmin(dim axis: Int) -> Tensor<Int> { unnamed() }
  @available(*, unavailable, renamed: "softmax(along:)")
  public func softmax(dim axis: Int) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "logSoftmax(along:)")
  public func log_softmax(dim axis: Int) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "standardDeviation(along:)")
  public func std(dim axis: Int? = nil) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "variance(along:)")
  public func `var`(dim axis: Int? = nil) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "cumulativeSum(along:)")
  public func cumsum(dim axis: Int) -> Tensor { unnamed() }
  @available(*, unavailable, renamed: "clamped(min:max:)")
  public func clamp(min: Scalar? = nil, max: Scalar? = nil) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x = x.relu(): a tensor is a value")
  public func relu_() -> Tensor { unnamed() }
  @available(*, unavailable, message: "x = Tensor(zeros: x.shape): a tensor is a value")
  public func zero_() -> Tensor { unnamed() }
  @available(*, unavailable, message: "x += y: a tensor is a value")
  public func add_(_ other: Tensor) -> Tensor { unnamed() }
  @available(*, unavailable, message: "x *= y: a tensor is a value")
  public func mul_(_ other: Tensor) -> Tensor { unnamed() }
}

extension Tensor where Scalar: NumericScalar {
  @available(*, unavailable, message: "elementwise: x .> 0; of numbers: x.item > 0")
  public static func > (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @available(*, unavailable, message: "elementwise: x .< 0; of numbers: x.item < 0")
  public static func < (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @available(*, unavailable, message: "elementwise: x .>= 0; of numbers: x.item >= 0")
  public static func >= (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @available(*, unavailable, message: "elementwise: x .<= 0; of numbers: x.item <= 0")
  public static func <= (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
}

/// What stands behind PyTorch's prefixes: anything, so that the compiler gets to say what to write instead.
@dynamicMemberLookup @dynamicCallable
public struct PrefixedName {
  public subscript(dynamicMember name: String) -> PrefixedName { self }
  @discardableResult
  public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<String, Any>) -> PrefixedName { self }
}

@available(*, unavailable, message: "layers have no prefix and have names: nn.Linear is Dense, nn.Conv2d is Conv2D")
public var nn: PrefixedName { unnamed() }
@available(
  *, unavailable,
  message: "functions have no prefix: F.cross_entropy(x, y) is crossEntropy(x, y), F.relu(x) is x.relu()"
)
public var F: PrefixedName { unnamed() }
@available(
  *, unavailable,
  message:
    "no prefix: torch.zeros(2, 3) is Tensor<Float>(zeros: [2, 3]), torch.cat is concatenate, torch.matmul is matmul"
)
public var torch: PrefixedName { unnamed() }

@available(*, unavailable, renamed: "concatenate(_:along:)")
public func cat<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], dim axis: Int = 0) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, renamed: "withoutGradients(_:)")
public func no_grad<Result>(_ body: () throws -> Result) rethrows -> Result { unnamed() }

private func unnamed() -> Never { fail("names", "a name of PyTorch's was called") }
