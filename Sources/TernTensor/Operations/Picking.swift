import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// Elements at positions of the row-major order, a vector; the positions are inside.
  package func picked(_ positions: Tensor<Int>) -> Tensor {
    let source = detached().contiguous
    let indices = positions.contiguous
    let result = Tensor(uninitialized: [positions.count])
    Scalar.gather(positions.count, result.mutablePointer, source.pointer, 1, indices.pointer)
    return result.recorded("pick", from: self) { [shape] d in
      d.send(0) { d.gradient.placed(at: indices, in: shape) }
    }
  }

  /// Zeros of a shape with the elements of this vector added at positions of the row-major order.
  package func placed(at positions: Tensor<Int>, in shape: [Int]) -> Tensor {
    let source = detached().contiguous
    let indices = positions.contiguous
    let result = Tensor(zeros: shape)
    Scalar.scatterAdd(positions.count, result.mutablePointer, 1, indices.pointer, source.pointer)
    return result.recorded("place", from: self) { d in d.send(0) { d.gradient.picked(indices) } }
  }
}
