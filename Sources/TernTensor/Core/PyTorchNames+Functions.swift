// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernBackend

// PyTorch's functions and prefixes, so that the compiler answers them with Tern's.

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
@available(*, unavailable, message: "optimizers have no prefix: optim.Adam is Adam(model, learningRate: 0.001)")
public var optim: PrefixedName { unnamed() }

// MARK: - Makers

@available(*, unavailable, message: "Tensor<Float>(zeros: [2, 3])")
public var zeros: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(ones: [2, 3])")
public var ones: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(full: [2, 3], 0.5)")
public var full: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(randomNormal: [2, 3])")
public var randn: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(rangeFrom: 0, to: 10, by: 2), Tensor(0..<10)")
public var arange: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(linspace: 0, 1, count: 11)")
public var linspace: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(eye: 3)")
public var eye: OtherName<Tensor<Float>> { unnamed() }
@available(*, unavailable, message: "Tensor<Float>(randomUniform: [2, 3])")
public func rand(_ first: Int, _ more: Int...) -> Tensor<Float> { unnamed() }
@available(*, unavailable, message: "Random.seed(0)")
public var manual_seed: OtherName<Void> { unnamed() }

// MARK: - Functions of tensors

@available(*, unavailable, message: "Tensor(zerosLike: x)")
public func zeros_like<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "Tensor(onesLike: x)")
public func ones_like<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "Tensor(randomUniformLike: x)")
public func rand_like<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "Tensor(randomNormalLike: x)")
public func randn_like<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "Tensor(randomBernoulli: p)")
public func bernoulli<Scalar: TensorScalar>(_ p: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "Tensor<Int>(randomPoisson: rates)")
public func poisson<Scalar: TensorScalar>(_ rates: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "weights.multinomial(3, replacing: true)")
public func multinomial<Scalar: TensorScalar>(
  _ weights: Tensor<Scalar>, _ num_samples: Int, replacement: Bool = false
) -> Tensor<Int> { unnamed() }
@available(*, unavailable, message: "x.relu()")
public func relu<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.sigmoid()")
public func sigmoid<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.gelu()")
public func gelu<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.silu()")
public func silu<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.softShrink()")
public func softshrink<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.hardShrink()")
public func hardshrink<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.tanhShrink()")
public func tanhshrink<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "interpolate(x, scale: 2)")
public func upsample<Scalar: TensorScalar>(_ x: Tensor<Scalar>, scale_factor: Double) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.softplus()")
public func softplus<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.sum(), x.sum(along: 1)")
public func sum<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.sum(), x.sum(along: 1)")
public func sum<Scalar: TensorScalar>(_ x: Tensor<Scalar>, dim axes: Any) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.sum(), x.sum(along: 1)")
public func sum<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.mean(), x.mean(along: 1)")
public func mean<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.mean(), x.mean(along: 1)")
public func mean<Scalar: TensorScalar>(_ x: Tensor<Scalar>, dim axes: Any) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.mean(), x.mean(along: 1)")
public func mean<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.softmax(along: 1)")
public func softmax<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.softmax(along: 1)")
public func softmax<Scalar: TensorScalar>(_ x: Tensor<Scalar>, dim axes: Any) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.softmax(along: 1)")
public func softmax<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.logSoftmax(along: 1)")
public func log_softmax<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.logSoftmax(along: 1)")
public func log_softmax<Scalar: TensorScalar>(_ x: Tensor<Scalar>, dim axes: Any) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "x.logSoftmax(along: 1)")
public func log_softmax<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "labels.oneHot(classes: 10)")
public func one_hot(_ labels: Tensor<Int>, _ classes: Int = -1) -> Tensor<Int> { unnamed() }
@available(*, unavailable, message: "labels.oneHot(classes: 10)")
public func one_hot(_ labels: Tensor<Int>, num_classes: Int) -> Tensor<Int> { unnamed() }
@available(*, unavailable, message: "x.shape[0]; of all elements: x.count")
public func len<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Int { unnamed() }

// MARK: - Joining

@available(*, unavailable, message: "concatenate([x, y], along: 0)")
public func cat<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], dim axis: Int = 0) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "concatenate([x, y], along: 0)")
public func cat<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], _ axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "concatenate([x, y], along: 0)")
public func concat<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], dim axis: Int = 0) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "concatenate([x, y], along: 0)")
public func concat<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], _ axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "concatenate([x, y], along: 0)")
public func concatenate<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], dim: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "concatenate([x, y], along: 0)")
public func concatenate<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], axis: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "stack([x, y], along: 0)")
public func stack<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], dim: Int) -> Tensor<Scalar> { unnamed() }
@available(*, unavailable, message: "stack([x, y], along: 0)")
public func stack<Scalar: TensorScalar>(_ tensors: [Tensor<Scalar>], axis: Int) -> Tensor<Scalar> { unnamed() }

@available(*, unavailable, renamed: "withoutGradients(_:)")
public func no_grad<Result>(_ body: () throws -> Result) rethrows -> Result { unnamed() }
