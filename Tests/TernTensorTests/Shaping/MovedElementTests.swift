import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Elements in other places and again, beside loops that say where each comes from.
@Suite struct MovedElementTests {
  private func numbers(_ shape: [Int]) -> Tensor<Double> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: 5))
  }

  private func rolled(_ x: Tensor<Double>, _ shifts: [Int], _ axes: [Int]) -> Tensor<Double> {
    var result = x
    for (shift, axis) in zip(shifts, axes) {
      let extent = x.shape[axis]
      let from = (0..<extent).map { ((($0 - shift) % extent) + extent) % extent }
      result = result.taking(Tensor<Int>(from), along: axis)
    }
    return result
  }

  @Test(arguments: [[7], [5, 6], [320, 33], [3, 1, 9], [2, 3, 4, 5], [0, 4]])
  func rolling(_ shape: [Int]) {
    let axes = Array(shape.indices)
    for (label, x) in everyLayout(numbers(shape)).map({ ($0.label, $0.tensor) }) {
      for shifts in [shape.map { _ in 1 }, shape.map { _ in -2 }, shape.map { $0 }, shape.map { $0 / 2 + 7 }] {
        if shape.contains(0) {
          #expect(x.rolled(by: shifts, along: axes).shape == shape)
          continue
        }
        #expect(x.rolled(by: shifts, along: axes) == rolled(x, shifts, axes), "\(shifts) of \(shape) \(label)")
        #expect(x.rolled(by: 3, along: -1) == rolled(x, [3], [shape.count - 1]), "the last axis \(label)")
        #expect(x.rolled(by: [2, 3], along: [0, 0]) == rolled(x, [5], [0]), "an axis twice \(label)")
      }
    }
    if shape.contains(0) || shape.reduce(1, *) > 120 { return }
    let shifts = shape.map { $0 / 2 + 1 }
    let result = checkGradients(at: [numbers(shape)]) { $0[0].rolled(by: shifts, along: axes).sin() }
    #expect(result.passes(), "\(result)")
  }

  @Test(arguments: [[9], [16, 33], [4, 5, 6], [64, 48]])
  func turningRound(_ shape: [Int]) {
    let cotangent = numbers(shape)
    for axes in [[0], [shape.count - 1], Array(shape.indices)] {
      let x = numbers(shape).asVariable()
      let gradient = gradients(of: x.flipped(axes), at: [x], gradient: cotangent)[0]
      #expect(gradient == cotangent.flipped(axes).clone(), "the gradient of \(shape) flipped along \(axes)")
    }
    if shape.count < 2 { return }
    for turns in 1...3 {
      let x = numbers(shape).asVariable()
      let y = x.rotated(quarterTurns: turns)
      let cotangent = numbers(y.shape)
      let gradient = gradients(of: y, at: [x], gradient: cotangent)[0]
      #expect(gradient == cotangent.rotated(quarterTurns: -turns), "the gradient of \(turns) quarter turns")
    }
  }

  @Test func copiesOfViewsThatRunBackwards() {
    let x = numbers([6, 37, 41])
    for view in [
      x.flipped([1, 2]), x.transposed().flipped([1]), x.flipped([2]).transposed(),
      x.flipped([0, 1, 2]).permuted(2, 0, 1),
      x[.slice(step: -2), .slice(step: -3), .slice(step: -1)],
    ] {
      let copy = view.clone().asContiguous()
      #expect(copy.isContiguous)
      var isSame = true
      for i in 0..<view.shape[0] {
        for j in 0..<view.shape[1] {
          for k in 0..<view.shape[2] where copy[i, j, k].item != view[i, j, k].item { isSame = false }
        }
      }
      #expect(isSame, "a copy of \(view.layout.strides)")
      var target = Tensor<Double>(zeros: [6, 37, 41])
      target[.slice(step: -1), .all, .slice(step: -1)] = x
      #expect(target == x.flipped([0, 2]))
    }
  }

  @Test func partsOfOneTensor() {
    let x = numbers([10, 7]).asVariable()
    let parts = x.split([3, 3, 0, 4], along: 0)
    #expect(parts.map(\.shape) == [[3, 7], [3, 7], [0, 7], [4, 7]])
    #expect(concatenate(parts) == x)
    let weights = numbers([4, 7])
    let gradient = gradients(of: (parts[3] * weights).sum() + parts[1].sum(), at: [x])[0]
    #expect(gradient[3..<6] == Tensor(ones: [3, 7]))
    #expect(gradient[6..<10] == weights)
    #expect(gradient[0..<3] == Tensor(zeros: [3, 7]))
    let slices = x.unstacked(along: 1)
    #expect(stack(slices, along: 1) == x)
    #expect(gradients(of: slices[2].sum(), at: [x])[0].sum(along: 0).scalars == [0, 0, 10, 0, 0, 0, 0])
  }

  @Test(arguments: [1, 2, 3, 4])
  func choices(_ k: Int) {
    for n in [0, 1, 2, 5, 9] {
      for repeating in [false, true] {
        let indices = Tensor<Int>(0..<n).combinations(of: k, repeating: repeating)
        var expected: [[Int]] = [[]]
        for _ in 0..<k {
          expected = expected.flatMap { row in
            (0..<n).filter { i in row.last.map { repeating ? i >= $0 : i > $0 } ?? true }.map { row + [$0] }
          }
        }
        #expect(indices.shape == [expected.count, k], "\(k) of \(n)")
        #expect(indices.scalars == expected.flatMap { $0 }, "\(k) of \(n)")
        let x = numbers([n])
        #expect(x.combinations(of: k, repeating: repeating) == x.taking(indices), "\(k) of \(n)")
      }
    }
    let result = checkGradients(at: [numbers([5])]) { $0[0].combinations(of: k).sin() }
    #expect(result.passes(), "\(result)")
  }

  @Test func pairsOfTwoVectors() {
    let (a, b) = (Tensor<Int32>([1, 2, 3]), Tensor<Int32>([7, 8]))
    #expect(cartesianProduct([a, b]).scalars == [1, 7, 1, 8, 2, 7, 2, 8, 3, 7, 3, 8])
    #expect(cartesianProduct([a, Tensor<Int32>([])]).shape == [0, 2])
    let (x, y) = (numbers([40]), numbers([33]))
    let (first, second) = (meshgrid([x, y])[0].flattened(), meshgrid([x, y])[1].flattened())
    #expect(cartesianProduct([x, y]) == stack([first, second], along: 1))
    let result = checkGradients(at: [numbers([4])]) { cartesianProduct([$0[0], $0[0].sin()]).square() }
    #expect(result.passes(), "\(result)")
  }
}
