import Tern
import Testing

@testable import TernTraining

/// Where values that are not finite begin, in layers of the library, in losses and in modules of modules, forward and backward.
@Suite struct LayerOriginTests {
  /// A model with what goes in.
  private struct Setup {
    var model: any Module
    var batch: Tensor<Float>
    var loss: () -> Tensor<Float>

    init(_ model: any Module, _ batch: Tensor<Float>, _ loss: @escaping () -> Tensor<Float>) {
      (self.model, self.batch, self.loss) = (model, batch, loss)
    }

    /// A row of layers whose output is squared.
    init(_ batch: Tensor<Float>, _ model: Sequential<Float>) {
      self.init(model, batch) { model(batch).square().mean() }
    }
  }

  private struct Cause {
    var name: String
    /// The operation that is blamed; any where nothing is said.
    var operation: String?
    /// Its layer.
    var layer: String?
    var pass = NonFiniteOrigin.Pass.forward
    var kind = NonFiniteOrigin.Kind.operation
    var samples: [Int]?
    /// Makes the model for so many samples.
    var make: @Sendable (_ samples: Int) -> Setup
  }

  /// A layer of one operation.
  private final class Apply: Layer {
    let operation: @Sendable (Tensor<Float>) -> Tensor<Float>
    init(_ operation: @escaping @Sendable (Tensor<Float>) -> Tensor<Float>) { self.operation = operation }
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { operation(x) }
  }

  /// Words that are looked up, and a block of two branches.
  private final class Tagger: Module {
    let words: Embedding<Float>
    let block = Block()
    let head = Dense(4, 2)
    init() { words = Embedding(9, 4) }

    func callAsFunction(_ indices: Tensor<Int>) -> Tensor<Float> { head(block(words(indices))) }

    final class Block: Layer {
      let gate = Dense(4, 4)
      let scale = Parameter(Tensor<Float>(ones: [4]))
      let norm = LayerNorm(4)
      func forward(_ x: Tensor<Float>) -> Tensor<Float> { norm(x + gate(x).exp() * scale.value) }
    }
  }

  private static func normal(_ shape: Int...) -> Tensor<Float> { Tensor<Float>(randomNormal: shape) }

  /// Makes a sample the same number all over.
  private static func flat(_ x: Tensor<Float>, _ sample: Int, _ value: Float = 0) -> Tensor<Float> {
    var x = x
    x[sample] = Tensor(full: Array(x.shape.dropFirst()), value)
    return x
  }

  private static func fill(_ parameter: Parameter<Float>, _ value: Float) {
    parameter.value = Tensor(full: parameter.shape, value)
  }

  private static func change(_ parameter: Parameter<Float>, _ place: Int, _ value: Float) {
    var values = parameter.value.detached().scalars
    values[place] = value
    parameter.value = Tensor(values, shape: parameter.shape)
  }

  private static let layers: [Cause] = [
    Cause(name: "a layer norm's scale that is huge", layer: "1") { n in
      let norm = LayerNorm(4)
      fill(norm.weight!, 3e38)
      return Setup(
        normal(n, 4),
        Sequential {
          Apply { $0 }; norm; Dense(4, 2)
        })
    },
    Cause(name: "an RMS norm's scale that is huge", layer: "0") { n in
      let norm = RMSNorm(4)
      fill(norm.weight!, 3e38)
      return Setup(
        normal(n, 4),
        Sequential {
          norm; Dense(4, 2)
        })
    },
    Cause(name: "a group norm's scale that is huge", layer: "0") { n in
      let norm = GroupNorm(groups: 2, 4)
      fill(norm.weight!, 3e38)
      return Setup(
        normal(n, 4, 3, 3),
        Sequential {
          norm; Flatten(); Dense(36, 2)
        })
    },
    Cause(name: "a batch norm's scale that is huge", layer: "1") { n in
      let norm = BatchNorm1d(4)
      fill(norm.weight!, 3e38)
      return Setup(
        normal(n, 4),
        Sequential {
          Dense(4, 4); norm; ReLU(); Dense(4, 2)
        })
    },
    Cause(name: "a running variance below 0", layer: "0") { n in
      let norm = BatchNorm1d(4)
      norm.runningVar!.value = Tensor([1, 1, -1, 1])
      norm.eval()
      return Setup(
        normal(n, 4),
        Sequential {
          norm; Dense(4, 2)
        })
    },
    Cause(name: "a running mean that is NaN", operation: "0.running_mean", layer: "0", kind: .buffer) { n in
      let norm = BatchNorm1d(4)
      norm.runningMean!.value = Tensor([0, .nan, 0, 0])
      norm.eval()
      return Setup(
        normal(n, 4),
        Sequential {
          norm; Dense(4, 2)
        })
    },
    Cause(name: "kernels that are huge", layer: "0") { n in
      let convolution = Conv2D(2, 3, kernelSize: 3)
      fill(convolution.weight, 3e38)
      return Setup(
        normal(n, 2, 6, 6) * 4,
        Sequential {
          convolution; Flatten(); Dense(48, 2)
        })
    },
    Cause(name: "a pixel that is infinite", operation: "the batch", kind: .data, samples: [4]) { n in
      var images = normal(n, 2, 6, 6)
      images[4, 1, 2, 3] = Tensor(.infinity)
      return Setup(
        images,
        Sequential {
          Conv2D(2, 3, kernelSize: 3); ReLU(); Flatten(); Dense(48, 2)
        })
    },
    Cause(name: "a kernel of a transposed convolution", operation: "0.weight", layer: "0", kind: .parameter) { n in
      let convolution = ConvTranspose2D(2, 3, kernelSize: 3)
      change(convolution.weight, 5, .nan)
      return Setup(
        normal(n, 2, 4, 4),
        Sequential {
          convolution; Flatten(); Dense(108, 2)
        })
    },
    Cause(name: "a recurrent weight", layer: "0", kind: .parameter) { n in
      let network = LSTM(3, 4, batchFirst: true)
      let weight = network.namedParameters[1].parameter as! Parameter<Float>
      change(weight, 3, .infinity)
      return Setup(
        normal(n, 5, 3),
        Sequential {
          network; Flatten(); Dense(20, 2)
        })
    },
    Cause(name: "a recurrence that explodes", layer: "0") { n in
      let network = RNN(3, 4, activation: .relu, batchFirst: true)
      for entry in network.namedParameters { fill(entry.parameter as! Parameter<Float>, 1e6) }
      return Setup(
        normal(n, 9, 3).abs(),
        Sequential {
          network; Flatten(); Dense(36, 2)
        })
    },
    Cause(name: "a step of a sequence in a GRU", operation: "the batch", kind: .data, samples: [6]) { n in
      var steps = normal(n, 5, 3)
      steps[6, 4, 1] = Tensor(.nan)
      return Setup(
        steps,
        Sequential {
          GRU(3, 4, batchFirst: true); Flatten(); Dense(20, 2)
        })
    },
    Cause(name: "queries that are huge", layer: "attention") { n in
      let model = Attending()
      fill(model.attention.inProjWeight!, 1e30)
      let x = normal(n, 3, 4).abs() + 1
      return Setup(model, x) { model(x).square().mean() }
    },
    Cause(name: "a token whose embedding is NaN", operation: "words.weight", layer: "words", kind: .parameter) { n in
      let model = Tagger()
      change(model.words.weight, 4 * 7 + 1, .nan)
      let indices = Tensor((0..<3 * n).map { $0 % 9 }).reshaped([n, 3])
      return Setup(model, Tensor(ones: [n, 3])) { model(indices).square().mean() }
    },
    Cause(name: "exp in a module of a module", operation: "exp", layer: "block") { n in
      let model = Tagger()
      fill(model.block.gate.bias!, 200)
      let indices = Tensor((0..<3 * n).map { $0 % 9 }).reshaped([n, 3])
      return Setup(model, Tensor(ones: [n, 3])) { model(indices).square().mean() }
    },
    Cause(name: "a parameter of a module of a module", operation: "block.scale", layer: "block", kind: .parameter) {
      n in
      let model = Tagger()
      change(model.block.scale, 2, -.infinity)
      let indices = Tensor((0..<3 * n).map { $0 % 9 }).reshaped([n, 3])
      return Setup(model, Tensor(ones: [n, 3])) { model(indices).square().mean() }
    },
  ]

  /// Attention and what makes of it a model.
  private final class Attending: Layer {
    let attention = MultiHeadAttention(4, heads: 2, batchFirst: true)
    let norm: Apply
    init(normalizes: Bool = true) {
      norm = Apply { normalizes ? $0 : vanishing($0).pow(1 / 3) }
    }
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { norm(x + attention(x, x, x)) }
  }

  private static let losses: [Cause] = [
    Cause(name: "rates of Poisson's that are huge", operation: "exp") { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) { poissonNLL(model(x).abs() * 1000 + 100, Tensor(ones: [n, 2])) }
    },
    Cause(name: "a target that is NaN", kind: .constant) { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) { meanSquaredError(model(x), Tensor(full: [n, 2], .nan)) }
    },
    Cause(name: "a square beyond the range", operation: "meanSquaredError") { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) { meanSquaredError(model(x), flat(Tensor(zeros: [n, 2]), 0, 1e30)) }
    },
    Cause(name: "a probability beyond 1", operation: "log", samples: [0]) { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) {
        let p = model(x).sigmoid() + flat(Tensor(zeros: [n, 2]), 0, 1)
        return -((1 - p).log() + p.log()).mean()
      }
    },
    Cause(name: "a temperature of 0", operation: "divide") { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) { crossEntropy(model(x) / 0, Tensor((0..<n).map { $0 % 2 })) }
    },
    Cause(name: "a weighted mean of no weight", operation: "divide") { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) {
        let weight = Tensor<Float>(zeros: [n])
        return (crossEntropy(model(x), Tensor((0..<n).map { $0 % 2 }), reduction: .none) * weight).sum() / weight.sum()
      }
    },
    Cause(name: "a determinant of a singular matrix", layer: nil) { n in
      let (model, x) = (Dense(3, 2, bias: false), normal(n, 3))
      fill(model.weight, 1)
      return Setup(model, x) {
        let y = model(x)
        return (matmul(y.transposed(), y) * 0).determinant().log()
      }
    },
  ]

  private static let backward: [Cause] = [
    Cause(name: "the derivative of a root in a layer", operation: "sqrt", layer: "1", pass: .backward) { n in
      Setup(
        normal(n, 3),
        Sequential {
          Dense(3, 3); Apply { vanishing($0).sqrt() }; Dense(3, 2)
        })
    },
    Cause(name: "the derivative of a power", operation: "pow", layer: "0", pass: .backward) { n in
      Setup(
        normal(n, 3),
        Sequential {
          Scaled { vanishing($0).pow(0.5) }; Dense(3, 2)
        })
    },
    Cause(name: "the derivative of acos at 1", operation: "acos", layer: "0", pass: .backward) { n in
      Setup(
        normal(n, 3),
        Sequential {
          Scaled { (vanishing($0) + 1).acos() }; Dense(3, 2)
        })
    },
    Cause(name: "the derivative of a tiny logarithm", operation: "log", layer: "0", pass: .backward) { n in
      Setup(
        Tensor(ones: [n, 3]),
        Sequential {
          Scaled { (vanishing($0) + 0x1p-130).log() }; Dense(3, 2)
        })
    },
    Cause(name: "gradients that explode", operation: "multiply", layer: "0", pass: .backward) { n in
      let scaled = Scaled { x in
        var state = x
        for _ in 0..<6 { state = state * 1e10 }
        return state
      }
      fill(scaled.scale, 0)
      return Setup(
        Tensor(ones: [n, 3]),
        Sequential {
          scaled; Apply { $0.sin() }; Dense(3, 2)
        })
    },
    Cause(name: "a derivative of one's own in a module of one's own", operation: "broken", layer: "0", pass: .backward)
    { n in
      Setup(
        normal(n, 3),
        Sequential {
          Scaled { x in
            customOperation("broken", x) {
              $0[0] + 1
            } backward: { g, _, _ in
              [g / Tensor(zeros: g.shape)]
            }
          }
          Dense(3, 2)
        })
    },
    Cause(name: "the derivative of a distance of 0", operation: "sqrt", layer: nil, pass: .backward) { n in
      let (model, x) = (Dense(3, 2, bias: false), normal(n, 3))
      return Setup(model, x) { vanishing(model(x).sum(along: [1])).sqrt().mean() }
    },
    Cause(name: "a loss scaled too far", operation: "multiply", layer: nil, pass: .backward) { n in
      let (model, x) = (Dense(3, 2), normal(n, 3))
      return Setup(model, x) { (vanishing(model(x)) * 1e30 * 1e30).sum() }
    },
    Cause(name: "one sample's gradient", operation: "sqrt", layer: "1", pass: .backward, samples: [5]) { n in
      var mask = Tensor<Float>(zeros: [n, 1])
      mask[5, 0] = Tensor(1)
      let kept = mask
      return Setup(
        normal(n, 3),
        Sequential {
          Dense(3, 3); Apply { (($0.square() + 1) * (1 - kept) + vanishing($0) * kept).sqrt() }; Dense(3, 2)
        })
    },
    Cause(name: "a gradient through a recurrence", operation: "sqrt", layer: "2", pass: .backward) { n in
      Setup(
        normal(n, 5, 3),
        Sequential {
          GRU(3, 4, batchFirst: true); Flatten(); Apply { vanishing($0).sqrt() }; Dense(20, 2)
        })
    },
    Cause(name: "a gradient through attention", operation: "pow", layer: "norm", pass: .backward) { n in
      let model = Attending(normalizes: false)
      let x = normal(n, 3, 4)
      return Setup(model, x) { model(x).sum() }
    },
  ]

  /// Values that are 0, through which a gradient flows.
  private static func vanishing(_ x: Tensor<Float>) -> Tensor<Float> { x - x.detached() }

  /// A layer with a parameter before an operation.
  private final class Scaled: Layer {
    let scale = Parameter(Tensor<Float>(ones: [3]))
    let operation: @Sendable (Tensor<Float>) -> Tensor<Float>
    init(_ operation: @escaping @Sendable (Tensor<Float>) -> Tensor<Float>) { self.operation = operation }
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { operation(x * scale.value) }
  }

  private func finding(_ cause: Cause, samples: Int) -> NonFiniteFinding? {
    Random.with(RandomGenerator(seed: 21)) {
      let setup = cause.make(samples)
      func look(_ model: some Module) -> NonFiniteFinding? {
        do {
          try NonFiniteGuard(model).backward(setup.batch, setup.loss)
          return nil
        } catch { return error as? NonFiniteFinding }
      }
      return look(setup.model)
    }
  }

  @Test(arguments: [0, 1, 2]) func plantedCauses(_ family: Int) throws {
    let causes = [Self.layers, Self.losses, Self.backward][family]
    let threads = Workers.count
    defer { Workers.count = threads }
    for cause in causes {
      let found = [1, 2].map { threads in
        Workers.count = threads
        return (finding(cause, samples: 8), finding(cause, samples: 700))
      }
      #expect(
        found[0].0?.description == found[1].0?.description && found[0].1?.description == found[1].1?.description,
        "\(cause.name), on one thread and two: \(found)")
      guard let origin = found[0].0?.origin else {
        Issue.record("\(cause.name): \(found[0].0.map { "\($0)" } ?? "nothing was found")")
        continue
      }
      if let operation = cause.operation {
        #expect(([origin.operation] + origin.enclosing).contains(operation), "\(cause.name): \(origin)")
      }
      #expect(origin.pass == cause.pass && origin.kind == cause.kind, "\(cause.name): \(origin)")
      #expect(origin.layer == cause.layer, "\(cause.name): \(origin)")
      if let samples = cause.samples { #expect(origin.samples == samples, "\(cause.name): \(origin)") }
    }
  }
}
