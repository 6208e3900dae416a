import Tern

/// Work whose time is measured.
package struct Workload {
  /// The group, a slash, and what it is.
  package let name: String
  /// Makes the models and tensors, and answers with what is timed; `nil` where there is nothing to time.
  package let make: () throws -> (() -> Void)?

  package init(_ name: String, _ make: @escaping () -> () -> Void) {
    self.name = name
    self.make = make
  }

  init(throwing name: String, _ make: @escaping () throws -> (() -> Void)?) {
    self.name = name
    self.make = make
  }

  /// The part of the name before the slash.
  package var group: String { String(name.prefix { $0 != "/" }) }

  /// All of them, in the order they run in.
  package static var all: [Workload] {
    [
      training, inference, ofOtherProducts, convolutions, neighbors, normalizations, elementwise, reductions, shaping,
      matrixProducts, linearAlgebra, overheads, updates, machine,
    ].flatMap { $0 }
  }

  /// Workloads of products beside Tern, which this target does not import; who does sets them once, at the start.
  nonisolated(unsafe) package static var ofOtherProducts: [Workload] = []
}

/// Numbers of a normal distribution.
func random(_ shape: Int...) -> Tensor<Float> { Tensor(randomNormal: shape) }

/// Images [n, c, h, w] that lie channels-last, as the library's own results do.
func images(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Tensor<Float> { random(n, h, w, c).permuted(0, 3, 1, 2) }

/// Numbers of a shape; those of rank 4 are images.
func input(_ shape: [Int]) -> Tensor<Float> {
  shape.count == 4 ? images(shape[0], shape[1], shape[2], shape[3]) : Tensor(randomNormal: shape)
}

/// Random classes of n examples.
func labels(_ n: Int, classes: Int = 10) -> Tensor<Int> { Tensor(randomIntegers: [n], in: 0..<classes) }

/// The function and its gradients at all inputs, from a random cotangent.
func forwardBackward(
  _ inputs: [Tensor<Float>], _ function: @escaping ([Tensor<Float>]) -> Tensor<Float>
) -> () -> Void {
  let parameters = inputs.map { Parameter($0) }
  let cotangent = input(withoutGradients { function(inputs) }.shape)
  return {
    for parameter in parameters { parameter.gradient = nil }
    function(parameters.map(\.value)).backward(cotangent)
  }
}

/// The function without recording.
func unrecorded(_ function: @escaping () -> Void) -> () -> Void {
  { withoutGradients { function() } }
}
