import Tern

extension Workload {
  /// What recording and running a graph costs where the numbers cost nothing.
  static var overheads: [Workload] {
    [
      Workload("overhead/add_4_elements_with_gradient") {
        let (a, b) = (random(4).asVariable(), random(4))
        return {
          var sum = a
          for _ in 0..<100 { sum = sum + b }
        }
      },
      Workload("overhead/backward_through_1000_adds_of_4_elements") {
        let (a, b, one) = (Parameter(random(4)), random(4), Tensor<Float>(ones: [4]))
        return {
          a.gradient = nil
          var sum = a.value
          for _ in 0..<1000 { sum = sum + b }
          sum.backward(one)
        }
      },
    ]
  }
}
