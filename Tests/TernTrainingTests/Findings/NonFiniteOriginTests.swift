import Foundation
import Tern
import Testing

@testable import TernTraining

/// Where values that are not finite begin: planted causes, each found by operation, layer and pass.
@Suite struct NonFiniteOriginTests {
  /// A layer of one operation.
  private final class Apply: Layer {
    let operation: @Sendable (Tensor<Float>) -> Tensor<Float>
    init(_ operation: @escaping @Sendable (Tensor<Float>) -> Tensor<Float>) { self.operation = operation }
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { operation(x) }
  }

  private struct Cause {
    var name: String
    /// The operation that is blamed, its layer and pass.
    var operation: String
    var layer: String?
    var pass = NonFiniteOrigin.Pass.forward
    var kind = NonFiniteOrigin.Kind.operation
    var samples: [Int]?
    var middle: @Sendable (Tensor<Float>) -> Tensor<Float> = { $0 }
    var loss: @Sendable (Tensor<Float>) -> Tensor<Float> = { $0.square().mean() }
    var prepare: @Sendable (Sequential<Float>) -> Void = { _ in }
    var input: @Sendable (inout Tensor<Float>) -> Void = { _ in }
  }

  private static func dense(_ model: Sequential<Float>, _ index: Int) -> Dense<Float> {
    guard let dense = model[index] as? Dense<Float> else { fatalError("layer \(index) is not dense") }
    return dense
  }

  /// Rows of which the first is 0.
  private static func firstRowZero(_ x: Tensor<Float>) -> Tensor<Float> {
    var mask = Tensor<Float>(ones: [x.shape[0], 1])
    mask[0, 0] = Tensor(0)
    return x * mask
  }

  /// Rows of which the first is 0 as a difference, through which a gradient flows.
  private static func firstRowVanishing(_ x: Tensor<Float>) -> Tensor<Float> {
    var mask = Tensor<Float>(zeros: [x.shape[0], 1])
    mask[0, 0] = Tensor(1)
    return x - x * mask
  }

  private static let causes: [Cause] = [
    Cause(name: "log of 0", operation: "log", layer: "1", samples: [0], middle: { firstRowZero($0.abs()).log() }),
    Cause(name: "log of a negative number", operation: "log", layer: "1", middle: { (-$0.abs() - 1).log() }),
    Cause(
      name: "log of 0 times 0", operation: "log", layer: "1", samples: [0],
      middle: { x in
        let z = firstRowZero(x.abs())
        return z.log() * z
      }),
    Cause(
      name: "derivative of the square root at 0", operation: "sqrt", layer: "1", pass: .backward, samples: [0],
      middle: { firstRowVanishing($0.abs()).sqrt() }),
    Cause(
      name: "square root below 0", operation: "sqrt", layer: "1", middle: { (-$0.abs() - 1).sqrt() }),
    Cause(name: "overflow of exp", operation: "exp", layer: "1", middle: { ($0.abs() * 100 + 100).exp() }),
    Cause(
      name: "0/0", operation: "divide", layer: "1", samples: [0],
      middle: { x in
        let z = firstRowZero(x)
        return z / z.abs().sum(along: [1], keepingAxes: true)
      }),
    Cause(
      name: "a deviation of 0", operation: "divide", layer: "1",
      middle: { x in
        let c = x * 0 + 1
        let centered = c - c.mean()
        return centered / centered.square().mean().sqrt()
      }),
    Cause(
      name: "a bad sample", operation: "the batch", kind: .data, samples: [5], input: { $0[5, 2] = Tensor(.nan) }),
    Cause(
      name: "an infinite sample", operation: "the batch", kind: .data, samples: [3],
      input: { $0[3, 0] = Tensor(.infinity) }),
    Cause(
      name: "weights that are NaN", operation: "0.weight", layer: "0", kind: .parameter,
      prepare: { dense($0, 0).weight.value = Tensor(full: [4, 4], .nan) }),
    Cause(
      name: "one infinite bias", operation: "2.bias", layer: "2", kind: .parameter,
      prepare: {
        var bias = dense($0, 2).bias!.value.detached()
        bias[1] = Tensor(.infinity)
        dense($0, 2).bias!.value = bias
      }),
    Cause(
      name: "a mask with a derivative that is NaN", operation: "root", layer: "1", pass: .backward, samples: [0],
      middle: { x in
        let z = firstRowVanishing(x.abs())
        let root = customOperation("root", z) {
          $0[0].sqrt()
        } backward: { g, _, y in
          [g / (y * 2)]
        }
        return select(z .> 0, root, 0)
      }),
    Cause(
      name: "a power of a negative base", operation: "pow", layer: "1", middle: { (-$0.abs() - 1).pow(0.5) }),
    Cause(
      name: "rows that are masked all over", operation: "softmax", layer: "1", samples: [2],
      middle: { x in
        var mask = Tensor<Float>(zeros: x.shape)
        for column in 0..<4 { mask[2, column] = Tensor(-.infinity) }
        return (x + mask).softmax(along: 1)
      }),
    Cause(
      name: "rows that are selected away", operation: "softmax", layer: "1", samples: [1],
      middle: { x in
        var keeps = Tensor<Float>(ones: x.shape)
        for column in 0..<4 { keeps[1, column] = Tensor(0) }
        return select(keeps .> 0, x, -.infinity).softmax(along: 1)
      }),
    Cause(
      name: "an infinite score in attention", operation: "matmul", layer: "1",
      middle: { x in
        let q = x * 1e30
        return matmul(matmul(q, q.permuted([1, 0])).softmax(along: 1), x)
      }),
    Cause(name: "acos beyond 1", operation: "acos", layer: "1", middle: { ($0.abs() + 2).acos() }),
    Cause(
      name: "loss times ∞", operation: "multiply", layer: nil, loss: { $0.square().mean() * Float.infinity }),
    Cause(
      name: "log softmax of log probabilities of 0", operation: "log", layer: nil, samples: [0],
      loss: { y in -firstRowZero(y.softmax(along: 1)).log().mean() }),
    Cause(
      name: "a target that is NaN", operation: "a value that the program made", layer: nil, kind: .constant,
      loss: { y in (y - Tensor(full: y.shape, .nan)).square().mean() }),
    Cause(
      name: "a root of a sum of 0", operation: "sqrt", layer: nil, pass: .backward, samples: [0],
      loss: { y in firstRowVanishing(y.abs()).sum(along: [1]).sqrt().mean() }),
    Cause(
      name: "overflow of a square", operation: "square", layer: nil, loss: { ($0 * 1e25).square().mean() }),
    Cause(
      name: "a custom operation", operation: "reciprocal", layer: "1", samples: [0],
      middle: { x in
        customOperation("reciprocal", firstRowZero(x)) {
          Tensor<Float>(ones: [1]) / $0[0]
        } backward: { g, _, y in
          [-g * y * y]
        }
      }),
    Cause(
      name: "a custom derivative", operation: "halting", layer: "1", pass: .backward,
      middle: { x in
        customOperation("halting", x) {
          $0[0] * 2
        } backward: { g, _, _ in
          [g / (g - g)]
        }
      }),
    Cause(
      name: "weights that are huge", operation: "linear", layer: "2",
      prepare: { dense($0, 2).weight.value = Tensor(full: [3, 4], 3e38) }),
    Cause(
      name: "the variance of one element", operation: "divide", layer: "1",
      middle: { x in
        let one = x[0, 0].reshaped([1])
        return x * (one - one.mean()).square().sum() / Float(one.count - 1)
      }),
    Cause(
      name: "exploding recurrence", operation: "multiply", layer: "1",
      middle: { x in
        var state = x.abs() + 1
        for _ in 0..<12 { state = state * state }
        return state
      }),
    Cause(
      name: "division by a sum of 0", operation: "divide", layer: "1", samples: [0],
      middle: { x in
        let z = firstRowZero(x.relu() + 0.1)
        return x / z.sum(along: [1], keepingAxes: true)
      }),
    Cause(
      name: "∞ less ∞ that a mask put there", operation: "subtract", layer: "1", samples: [0],
      middle: { x in
        var mask = Tensor<Float>(zeros: x.shape)
        mask[0, 1] = Tensor(.infinity)
        let y = x + mask
        return y - y.amax(along: [1], keepingAxes: true)
      }),
  ]

  private func model(_ middle: @escaping @Sendable (Tensor<Float>) -> Tensor<Float>) -> Sequential<Float> {
    Random.with(RandomGenerator(seed: 9)) {
      Sequential {
        Dense(4, 4)
        Apply(middle)
        Dense(4, 3)
      }
    }
  }

  private func input(rows: Int = 8) -> Tensor<Float> {
    Random.with(RandomGenerator(seed: 10)) { Tensor<Float>(randomNormal: [rows, 4]) }
  }

  private func finding(_ cause: Cause, rows: Int = 8) -> NonFiniteFinding? {
    let model = model(cause.middle)
    cause.prepare(model)
    var x = input(rows: rows)
    cause.input(&x)
    do {
      try NonFiniteGuard(model).backward(x) { cause.loss(model(x)) }
      return nil
    } catch { return error as? NonFiniteFinding }
  }

  @Test func plantedCauses() throws {
    #expect(Self.causes.count == 30)
    let threads = Workers.count
    defer { Workers.count = threads }
    for cause in Self.causes {
      let found = finding(cause)
      // So many rows that two threads share them; attention has a score for each pair.
      let both = [1, 2].map { threads in
        Workers.count = threads
        return finding(cause, rows: cause.name.contains("attention") ? 300 : 5000)
      }
      let samples = both.map { $0?.origin?.samples }
      #expect(
        both[0]?.origin != nil && samples[0] == samples[1] && both[0]?.description == both[1]?.description,
        "\(cause.name), on one thread and two: \(both)")
      guard let origin = found?.origin else {
        Issue.record("\(cause.name): \(found.map { "\($0)" } ?? "nothing was found")")
        continue
      }
      let names = [origin.operation] + origin.enclosing
      #expect(names.contains(cause.operation), "\(cause.name): \(origin)")
      #expect(origin.pass == cause.pass && origin.kind == cause.kind, "\(cause.name): \(origin)")
      #expect(origin.layer == cause.layer, "\(cause.name): \(origin)")
      if let samples = cause.samples { #expect(origin.samples == samples, "\(cause.name): \(origin)") }
    }
  }

  /// An infinite scale of a normalization, which is made of finite operations.
  @Test func scalesOfNormalizations() {
    let x = input()
    for (path, layer) in [
      ("1", LayerNorm(4) as any Layer<Float>), ("1", RMSNorm(4)), ("1", BatchNorm1d(4)), ("1", GroupNorm(groups: 2, 4)),
    ] {
      let model = Sequential {
        Dense(4, 4)
        layer
        Dense(4, 2)
      }
      let scale = layer.typedParameters[0]
      var value = scale.value.detached()
      value[2] = Tensor(.infinity)
      scale.value = value
      let error = #expect(throws: NonFiniteFinding.self) {
        try NonFiniteGuard(model).backward(x) { model(x).square().mean() }
      }
      let origin = error?.origin
      #expect(
        origin?.kind == .parameter && origin?.operation == "\(path).weight" && origin?.layer == path,
        "\(type(of: layer)): \(String(describing: error))")
    }
  }

  /// Layers that answer what is finite to what is not, and have no derivative there.
  @Test func saturatedLayersHideWhatCame() {
    var x = input(rows: 30).reshaped(6, 5, 4)
    x[4, 2, 1] = Tensor(.infinity)
    for batchFirst in [true, false] {
      let model = LSTM(4, 6, batchFirst: batchFirst)
      let batch = batchFirst ? x : x.permuted([1, 0, 2])
      let error = #expect(throws: NonFiniteFinding.self) {
        try NonFiniteGuard(model).backward(batchFirst ? x : batch) { model(batch).square().mean() }
      }
      #expect(error?.origin?.kind == .data, "\(String(describing: error))")
      if batchFirst { #expect(error?.origin?.samples == [4], "\(String(describing: error))") }
    }
    // The first operation that made an infinite value is blamed, not the recurrence that squashed it.
    let model = self.model { x in (x.abs() * 100 + 100).exp() }
    nonisolated(unsafe) let recurrent = LSTM(4, 6, batchFirst: true)
    let both = Sequential {
      model[0]
      model[1]
      Apply { recurrent($0.reshaped(1, 8, 4)) }
    }
    let y = input()
    let error = #expect(throws: NonFiniteFinding.self) {
      try NonFiniteGuard(both).backward(y) { both(y).square().mean() }
    }
    #expect(
      error?.origin?.operation == "exp" && error?.origin?.layer == "1" && error?.origin?.pass == .forward,
      "\(String(describing: error))")
  }

  /// Infinities that do no harm.
  @Test func whatIsNotBlamed() throws {
    let masked = model { x in
      var mask = Tensor<Float>(zeros: x.shape)
      mask[2, 1] = Tensor(-.infinity)
      return (x + mask).softmax(along: 1)
    }
    let x = input()
    let loss = try NonFiniteGuard(masked).backward(x) { masked(x).square().mean() }
    #expect(loss.isAllFinite)
    // Beside such a mask, and a logarithm that is chosen away, the cause is found.
    let both = model { x in
      var mask = Tensor<Float>(zeros: x.shape)
      mask[2, 1] = Tensor(-.infinity)
      let weights = (x + mask).softmax(along: 1)
      let chosen = select(weights .> 0, weights.log(), 0)
      return (chosen * 0 + x.abs() * 100 + 90).exp()
    }
    let error = #expect(throws: NonFiniteFinding.self) {
      try NonFiniteGuard(both).backward(x) { both(x).square().mean() }
    }
    #expect(error?.origin?.operation == "exp" && error?.origin?.layer == "1", "\(String(describing: error))")
  }

  @Test func theSameBitsWithAGuard() throws {
    func train(_ guarded: Bool) throws -> [[Float]] {
      try Random.with(RandomGenerator(seed: 3)) {
        let model = Sequential {
          Dense(4, 8)
          BatchNorm1d(8)
          Dropout(0.5)
          Dense(8, 3)
        }
        let optimizer = SGD(model, learningRate: 0.1)
        let finder = NonFiniteGuard(model)
        for _ in 0..<5 {
          let x = Tensor<Float>(randomNormal: [8, 4])
          optimizer.zeroGradients()
          if guarded {
            try finder.backward(x) { model(x).square().mean() }
          } else {
            model(x).square().mean().backward()
          }
          optimizer.step()
        }
        return model.state.compactMap { $0.tensor(Float.self)?.scalars }
      }
    }
    #expect(try train(true) == train(false))
  }

  /// The random numbers, buffers and samples are those of the step.
  @Test func aTrainerNamesTheSamples() throws {
    let count = 40
    let data = Random.with(RandomGenerator(seed: 5)) {
      var inputs = Tensor<Float>(randomNormal: [count, 4])
      for column in 0..<4 { inputs[23, column] = Tensor(0) }
      return TensorDataset(inputs, Tensor((0..<count).map { $0 % 3 }))
    }
    let middle = Apply { x in x / x.square().sum(along: [1], keepingAxes: true) }
    let model = Sequential {
      middle
      Dropout(0.1)
      Dense(4, 3)
    }
    let trainer = try Trainer(model, optimizer: Adam(model), train: data, batchSize: 8, seed: 2)
    trainer.accumulation = 2
    let error = #expect(throws: NonFiniteError.self) { try trainer.run(epochs: 1) }
    #expect(error?.origin?.operation == "divide" && error?.origin?.samples == [23], "\(String(describing: error))")
    #expect(
      error?.layer == "0" && "\(String(describing: error))".contains("it began in divide of 0 (Apply)"),
      "\(String(describing: error))")
  }

  @Test func aTrainerStopsAtAGradient() throws {
    let data = TensorDataset(Tensor<Float>(ones: [16, 4]), Tensor([Int](repeating: 1, count: 16)))
    let model = model { x in (x - x).sqrt() + x }
    let before = model.state.compactMap { $0.tensor(Float.self)?.scalars }
    let trainer = try Trainer(model, optimizer: SGD(model, learningRate: 0.1), train: data, batchSize: 8, seed: 2)
    let error = #expect(throws: NonFiniteError.self) { try trainer.run(epochs: 1) }
    #expect(
      error?.step == 1 && error?.what == "a gradient is not finite" && error?.layer == "1",
      "\(String(describing: error))")
    #expect(error?.origin?.operation == "sqrt" && error?.origin?.pass == .backward, "\(String(describing: error))")
    #expect(model.state.compactMap { $0.tensor(Float.self)?.scalars } == before)
  }
}
