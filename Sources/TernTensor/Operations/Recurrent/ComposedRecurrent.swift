import TernBackend

// Recurrent layers made of recorded operations, a time after the other: for projections, and for gradients of gradients.

/// The states after a time from the input's part of the gates, [N, G·H], the weights and the states before.
typealias RecurrentStep<Scalar: FloatingScalar> = (
  Tensor<Scalar>, RecurrentWeights<Scalar>, [Tensor<Scalar>]
) -> [Tensor<Scalar>]

/// A layer in all its directions, with the parameters and results of `fusedLayer`.
func composedLayer<Scalar: FloatingScalar>(
  _ unit: RecurrentUnit, _ data: Tensor<Scalar>, _ rows: RecurrentRows, _ initial: [[Tensor<Scalar>]],
  _ weights: [RecurrentWeights<Scalar>]
) -> (output: Tensor<Scalar>, ends: [[Tensor<Scalar>]]) {
  let step: RecurrentStep<Scalar>
  var joinsBiases = true
  switch unit {
  case .plain(let activation): step = plainStep(activation)
  case .gated: (step, joinsBiases) = (gatedStep, false)
  case .memory: step = memoryStep
  }
  var (outputs, all) = ([Tensor<Scalar>](), [[Tensor<Scalar>]]())
  for (index, weight) in weights.enumerated() {
    var bias = weight.inputBias
    // The hidden bias may be added to the input's part once for all times.
    if joinsBiases, let other = weight.hiddenBias { bias = bias.map { $0 + other } ?? other }
    let gates = linear(data, weight.input, bias: bias)
    let (output, ends) =
      index == 0
      ? forward(gates, rows.sizes, initial[index], weight, step)
      : backward(gates, rows.sizes, initial[index], weight, step)
    outputs.append(output.isEmpty ? Tensor(zeros: [0, weight.hidden.shape[1]]) : concatenate(output, along: 0))
    all.append(ends)
  }
  return (outputs.count == 1 ? outputs[0] : concatenate(outputs, along: 1), all)
}

/// From the first time on: sequences leave at their end.
private func forward<Scalar: FloatingScalar>(
  _ gates: Tensor<Scalar>, _ sizes: [Int], _ initial: [Tensor<Scalar>], _ weight: RecurrentWeights<Scalar>,
  _ step: RecurrentStep<Scalar>
) -> ([Tensor<Scalar>], [Tensor<Scalar>]) {
  var (current, output, place) = (initial, [Tensor<Scalar>](), 0)
  // The states of those that left, the shortest first.
  var left = initial.map { _ in [Tensor<Scalar>]() }
  for size in sizes {
    let before = current[0].shape[0]
    if size < before {
      for slot in current.indices {
        left[slot].append(current[slot].narrowed(axis: 0, start: size, length: before - size))
        current[slot] = current[slot].narrowed(axis: 0, start: 0, length: size)
      }
    }
    current = step(gates.narrowed(axis: 0, start: place, length: size), weight, current)
    output.append(current[0])
    place += size
  }
  let ends = current.indices.map { slot in
    left[slot].isEmpty ? current[slot] : concatenate([current[slot]] + left[slot].reversed(), along: 0)
  }
  return (output, ends)
}

/// From the last time back: sequences join at their end.
private func backward<Scalar: FloatingScalar>(
  _ gates: Tensor<Scalar>, _ sizes: [Int], _ initial: [Tensor<Scalar>], _ weight: RecurrentWeights<Scalar>,
  _ step: RecurrentStep<Scalar>
) -> ([Tensor<Scalar>], [Tensor<Scalar>]) {
  var current = initial.map { $0.narrowed(axis: 0, start: 0, length: 0) }
  var (output, place) = ([Tensor<Scalar>](), gates.shape[0])
  func join(_ size: Int) {
    let before = current[0].shape[0]
    if size == before { return }
    for slot in current.indices {
      let joining = initial[slot].narrowed(axis: 0, start: before, length: size - before)
      current[slot] = before == 0 ? joining : concatenate([current[slot], joining], along: 0)
    }
  }
  for size in sizes.reversed() {
    join(size)
    place -= size
    current = step(gates.narrowed(axis: 0, start: place, length: size), weight, current)
    output.append(current[0])
  }
  // Sequences of no times keep their states.
  join(initial[0].shape[0])
  return (output.reversed(), current)
}

/// One time of a plain network.
private func plainStep<Scalar: FloatingScalar>(_ activation: RecurrentActivation) -> RecurrentStep<Scalar> {
  { gates, weight, states in
    let sum = addmm(gates, states[0], weight.hidden.transposed())
    return [activation == .tanh ? sum.tanh() : sum.relu()]
  }
}

/// One time of a gated network.
private func gatedStep<Scalar: FloatingScalar>(
  _ gates: Tensor<Scalar>, _ weight: RecurrentWeights<Scalar>, _ states: [Tensor<Scalar>]
) -> [Tensor<Scalar>] {
  let (h, width) = (states[0], states[0].shape[1])
  let inner = linear(h, weight.hidden, bias: weight.hiddenBias)
  func part(_ x: Tensor<Scalar>, _ first: Int, _ count: Int) -> Tensor<Scalar> {
    x.narrowed(axis: 1, start: first * width, length: count * width)
  }
  let both = (part(gates, 0, 2) + part(inner, 0, 2)).sigmoid()
  let (reset, update) = (part(both, 0, 1), part(both, 1, 1))
  let new = (part(gates, 2, 1) + reset * part(inner, 2, 1)).tanh()
  return [new + update * (h - new)]
}

/// One time of a network with long short-term memory.
private func memoryStep<Scalar: FloatingScalar>(
  _ gates: Tensor<Scalar>, _ weight: RecurrentWeights<Scalar>, _ states: [Tensor<Scalar>]
) -> [Tensor<Scalar>] {
  let width = states[1].shape[1]
  let sum = addmm(gates, states[0], weight.hidden.transposed())
  func part(_ x: Tensor<Scalar>, _ first: Int, _ count: Int) -> Tensor<Scalar> {
    x.narrowed(axis: 1, start: first * width, length: count * width)
  }
  let both = part(sum, 0, 2).sigmoid()
  let cell = part(both, 1, 1) * states[1] + part(both, 0, 1) * part(sum, 2, 1).tanh()
  let hidden = part(sum, 3, 1).sigmoid() * cell.tanh()
  return [weight.projection.map { linear(hidden, $0) } ?? hidden, cell]
}
