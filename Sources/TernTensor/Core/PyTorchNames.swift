// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernBackend

// PyTorch's names, so that the compiler answers them with Tern's.

/// What stands behind another library's name of a function: takes whatever it is called with, so that the compiler gets to
/// say what to write instead.
@dynamicCallable
public struct OtherName<Result> {
  @discardableResult
  public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<String, Any>) -> Result { unnamed() }
}

/// Tensors, for names that a tensor has as a property and PyTorch as a method.
public protocol PyTorchNamed {
  /// The type of the elements.
  associatedtype Scalar
}

extension Tensor: PyTorchNamed {}

extension PyTorchNamed {
  @available(*, unavailable, message: "x.item is a property, without parentheses")
  public func item() -> Scalar { unnamed() }
  @available(
    *, unavailable, message: "x.asContiguous(); operations read views as they are, x.scalars is in row-major order"
  )
  public func contiguous() -> Self { unnamed() }
}

// MARK: - Shapes and parts

extension Tensor {
  @available(*, unavailable, renamed: "transposed()")
  public var T: Tensor { unnamed() }
  @available(*, unavailable, renamed: "transposed()")
  public var mT: Tensor { unnamed() }
  @available(*, unavailable, renamed: "transposed()")
  public func t() -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.transposed(0, 1)")
  public var transpose: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.permuted(0, 2, 1)")
  public var permute: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.transposed(0, 1)")
  public var swapaxes: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.reshaped(-1, 3)")
  public var view: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.reshaped(-1, 3)")
  public var reshape: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.reshaped(y.shape)")
  public var view_as: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.flattened(from: 1)")
  public var flatten: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.expandedAxis(at: 0)")
  public var unsqueeze: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.squeezed(0)")
  public var squeeze: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.broadcast(to: [4, 3])")
  public var expand: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.broadcast(to: y.shape)")
  public var expand_as: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.tiled(2, 3)")
  public var `repeat`: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.tiled(2, 3)")
  public var tile: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.repeatingElements(2, along: 0)")
  public var repeat_interleave: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.taking(index, along: 0)")
  public var index_select: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.gathered(index, along: 1)")
  public var gather: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.scattering(source, at: index, along: 1)")
  public var scatter: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.scatterAdding(source, at: index, along: 1)")
  public var scatter_add: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.filled(with: 0, where: mask)")
  public var masked_fill: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.elements(where: mask)")
  public var masked_select: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.scatterReducing(source, at: index, along: 1, by: .mean)")
  public var scatter_reduce: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.reducing(source, at: index, along: 0, by: .mean)")
  public var index_reduce: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.adding(source, at: index, along: 0)")
  public var index_add: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacing(index, along: 0, with: source)")
  public var index_copy: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacing(index, along: 0, with: Tensor(7))")
  public var index_fill: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.elements(at: places)")
  public var take: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacingElements(at: places, with: values)")
  public var put: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacingElements(where: mask, with: values)")
  public var masked_scatter: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.gathered(broadcasting: index, along: 1)")
  public var take_along_dim: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.uniqueConsecutive()")
  public var unique_consecutive: OtherName<(values: Tensor, inverse: Tensor<Int>, counts: Tensor<Int>)> { unnamed() }
  @available(*, unavailable, message: "x.windows(along: 0, size: 3, step: 1)")
  public var unfold: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.diagonalMatrices()")
  public var diag_embed: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.rotated(quarterTurns: 1, axes: 0, 1)")
  public var rot90: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.sum(to: [3, 1])")
  public var sum_to_size: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.reshaped(y.shape)")
  public var reshape_as: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.split(into: 3, along: 0), x.split(at: [1, 3], along: 0)")
  public var tensor_split: OtherName<[Tensor]> { unnamed() }
  @available(*, unavailable, message: "x.split(into: 3, along: 1)")
  public var hsplit: OtherName<[Tensor]> { unnamed() }
  @available(*, unavailable, message: "x.split(into: 3, along: 0)")
  public var vsplit: OtherName<[Tensor]> { unnamed() }
  @available(*, unavailable, message: "x.unflattened(1, to: [2, 3])")
  public var unflatten: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.movingAxis(0, to: -1)")
  public var movedim: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.flipped([1])")
  public var fliplr: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.flipped([0])")
  public var flipud: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.narrowed(axis: 0, start: 1, length: 2)")
  public var narrow: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.chunks(4, along: 0)")
  public var chunk: OtherName<[Tensor]> { unnamed() }
  @available(*, unavailable, message: "x.unstacked(along: 0)")
  public var unbind: OtherName<[Tensor]> { unnamed() }
  @available(*, unavailable, message: "x.split(every: 2, along: 0)")
  public func split(_ length: Int, dim axis: Int = 0) -> [Tensor] { unnamed() }
  @available(*, unavailable, message: "x.split([1, 3], along: 0)")
  public func split(_ lengths: [Int], dim axis: Int) -> [Tensor] { unnamed() }
  @available(*, unavailable, message: "x.rolled(by: 1, along: 0)")
  public var roll: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.flipped([0])")
  public var flip: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.upperTriangle(diagonal: 0)")
  public var triu: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.lowerTriangle(diagonal: 0)")
  public var tril: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.nonZero(): the indices of elements that are not zero")
  public var nonzero: OtherName<Tensor<Int>> { unnamed() }
  @available(*, unavailable, message: "concatenate([x, y], along: 0): a tensor is a value")
  public func append(_ other: Tensor) { unnamed() }
  @available(*, unavailable, message: "x.shape; x.size(0) is x.shape[0]")
  public var size: OtherName<Int> { unnamed() }
  @available(*, unavailable, message: "x.rank")
  public var dim: OtherName<Int> { unnamed() }
  @available(*, unavailable, renamed: "rank")
  public var ndim: Int { unnamed() }
  @available(*, unavailable, message: "x.count")
  public var numel: OtherName<Int> { unnamed() }
  @available(*, unavailable, message: "x.scalars; one number: x.item")
  public var tolist: OtherName<[Scalar]> { unnamed() }
  @available(*, unavailable, message: "x.scalars")
  public var numpy: OtherName<[Scalar]> { unnamed() }
  @available(
    *, unavailable, message: "x.isContiguous; operations read views as they are, x.scalars is in row-major order"
  )
  public var is_contiguous: OtherName<Bool> { unnamed() }
}

// MARK: - Values, element types, devices and gradients

extension Tensor {
  @available(*, unavailable, message: "tensors lie in the memory of the CPU, there is nothing to move")
  public var cuda: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "tensors lie in the memory of the CPU, there is nothing to move")
  public var cpu: OtherName<Tensor> { unnamed() }
  @available(
    *, unavailable,
    message: "another element type: x.cast(to: Float.self); there are no devices, tensors lie in the memory of the CPU"
  )
  public var to: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "tensors lie in the memory of the CPU, there are no devices")
  public var device: String { unnamed() }
  @available(*, unavailable, message: "tensors lie in the memory of the CPU, there are no devices")
  public var is_cuda: Bool { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Float.self)")
  public var float: OtherName<Tensor<Float>> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Double.self)")
  public var double: OtherName<Tensor<Double>> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Int.self)")
  public var long: OtherName<Tensor<Int>> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Int32.self)")
  public var int: OtherName<Tensor<Int32>> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Bool.self)")
  public var bool: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Float.self): there is no Float16")
  public var half: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = Tensor(full: x.shape, 1): a tensor is a value")
  public var fill_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = Tensor(zeros: x.shape): a tensor is a value")
  public var zero_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = y: a tensor is a value")
  public var copy_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x += y: a tensor is a value")
  public var add_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x -= y: a tensor is a value")
  public var sub_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x *= y: a tensor is a value")
  public var mul_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x /= y: a tensor is a value")
  public var div_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.pow(2): a tensor is a value")
  public var pow_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.abs(): a tensor is a value")
  public var abs_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.relu(): a tensor is a value")
  public var relu_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.clamped(min: 0, max: 1): a tensor is a value")
  public var clamp_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.exp(): a tensor is a value")
  public var exp_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.sqrt(): a tensor is a value")
  public var sqrt_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = Tensor(randomNormal: x.shape): a tensor is a value")
  public var normal_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = Tensor(randomUniform: x.shape): a tensor is a value")
  public var uniform_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.filled(with: 0, where: mask): a tensor is a value")
  public var masked_fill_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x = x.detached(): a tensor is a value")
  public var detach_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, renamed: "detached()")
  public func detach() -> Tensor { unnamed() }
  @available(*, unavailable, message: "x.asVariable()")
  public var requires_grad_: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.requiresGradient; x.asVariable() is a tensor that has gradients")
  public var requires_grad: Bool {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, renamed: "gradient")
  public var grad: Tensor? {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, message: "x.requiresGradient says whether the tensor is recorded")
  public var grad_fn: String? { unnamed() }
  @available(*, unavailable, message: "only variables have gradients: x = x.asVariable()")
  public var retain_grad: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.backward(retainGraph: true)")
  public func backward(retain_graph: Bool) { unnamed() }
}

extension Tensor {
  @available(*, unavailable, message: "Tensor<Float>(zeros: [2, 3])")
  public static var zeros: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(ones: [2, 3])")
  public static var ones: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(full: [2, 3], 0.5)")
  public static var full: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(randomUniform: [2, 3])")
  public static var rand: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(randomNormal: [2, 3])")
  public static var randn: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(rangeFrom: 0, to: 10, by: 2), Tensor(0..<10)")
  public static var arange: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "Tensor<Float>(eye: 3)")
  public static var eye: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "of a shape: Tensor<Float>(zeros: [2, 3]); of elements: Tensor<Float>([2, 3])")
  public init(_ extent: Int, _ second: Int, _ more: Int...) { unnamed() }
}

/// The body of what is never called: the compiler refuses the name.
package func unnamed() -> Never { fail("names", "a name of PyTorch's was called") }
