import TernBackend

// Elements chosen by a mask.

extension Tensor {
  /// One value where the mask holds, the elements elsewhere; mask and tensor broadcast.
  ///
  /// Gradient: 0 where the mask holds.
  public func filled(with value: Scalar, where mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return select(mask, value, self)
  }

  /// The elements where the mask holds, a vector in row-major order; mask and tensor broadcast.
  ///
  /// Gradient: goes back to where the elements came from, 0 elsewhere.
  public func elements(where mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let whole = broadcastShape(shape, mask.shape, "elements")
    let positions = truePositions(mask.broadcast(to: whole).contiguous)
    return broadcast(to: whole).reshaped([Layout.product(whole)]).taking(positions, along: 0)
  }

  /// The indices of all elements that are not zero (or true), [count, rank], in row-major order.
  public func nonZero() -> Tensor<Int> {
    let positions = truePositions(detached().test(.isNonZero).contiguous)
    let (shape, rank) = (shape, rank)
    return Tensor<Int>(shape: [positions.count, rank]) { out in
      let at = positions.pointer
      for i in 0..<positions.count {
        var remainder = at[i]
        for axis in stride(from: rank - 1, through: 0, by: -1) {
          out[i * rank + axis] = remainder % shape[axis]
          remainder /= shape[axis]
        }
      }
    }
  }
}

/// Where a contiguous mask holds, as positions of the row-major order.
package func truePositions(_ mask: Tensor<Bool>) -> Tensor<Int> {
  mask.withUnsafeScalars { flags in
    Tensor<Int>(shape: [flags.count(where: \.self)]) { out in
      var count = 0
      for (position, flag) in flags.enumerated() where flag {
        out[count] = position
        count += 1
      }
    }
  }
}
