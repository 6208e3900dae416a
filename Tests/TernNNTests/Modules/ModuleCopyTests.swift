import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// A module that says how it is copied.
private final class Own: Layer, CopyableModule {
  let hidden: Dense<Float>
  let scale = Parameter(Tensor<Float>(ones: [3]))

  init(features: Int) { hidden = Dense(features, 3) }
  convenience init(copying other: Own) { self.init(features: other.hidden.weight.shape[1]) }

  func forward(_ x: Tensor<Float>) -> Tensor<Float> { hidden(x) * scale.value }
}

/// One that does not.
private final class Silent: Layer {
  let hidden = Dense(2, 2)
  func forward(_ x: Tensor<Float>) -> Tensor<Float> { hidden(x) }
}

@Suite("Copies, replacements and averages of models")
struct ModuleCopyTests {
  private func expectCopied(_ module: some Module, _ place: SourceLocation = #_sourceLocation) {
    module.namedParameters.first?.parameter.isFrozen = true
    for case let entry as any ModeDependent in module.namedModules.map(\.module) { entry.isTraining = false }
    let copy = module.copy()
    #expect(copy.state.map(\.name) == module.state.map(\.name), sourceLocation: place)
    for (a, b) in zip(copy.state, module.state) {
      #expect(
        a.converted(to: Double.self).scalars == b.converted(to: Double.self).scalars, "\(a.name)",
        sourceLocation: place)
    }
    #expect(copy.summary == module.summary, sourceLocation: place)
    for (a, b) in zip(copy.namedParameters, module.namedParameters) {
      #expect(a.parameter !== b.parameter && a.parameter.isFrozen == b.parameter.isFrozen, sourceLocation: place)
    }
    for case let entry as any ModeDependent in copy.namedModules.map(\.module) {
      #expect(!entry.isTraining, sourceLocation: place)
    }
  }

  @Test("Layers and containers copy themselves, with values, buffers, modes and frozen flags")
  func layers() {
    expectCopied(Dense(3, 4, bias: false))
    expectCopied(Conv2D(4, 6, kernelSize: 3, stride: 2, padding: 1, groups: 2))
    expectCopied(Conv1D(2, 3, kernelSize: 3))
    expectCopied(ConvTranspose2D(4, 6, kernelSize: 3, groups: 2))
    expectCopied(ConvTranspose1D(2, 3, kernelSize: 3, bias: false))
    expectCopied(BatchNorm1d<Float>(3))
    expectCopied(BatchNorm3d<Float>(3, affine: false, tracking: false))
    expectCopied(InstanceNorm2d<Float>(3, affine: true, tracking: true))
    expectCopied(LayerNorm(3, 4, bias: false))
    expectCopied(GroupNorm(groups: 2, 4))
    expectCopied(GroupNorm(groups: 2, 4, affine: false))
    expectCopied(RMSNorm(4))
    expectCopied(PReLU(channels: 3))
    expectCopied(RReLU())
    expectCopied(Bilinear(2, 3, 4))
    expectCopied(Embedding(5, 3, paddingIndex: 1))
    expectCopied(Dropout2D(0.3))
    expectCopied(AlphaDropout(0.3))
    expectCopied(StochasticDepth(0.3))
    expectCopied(SqueezeExcitation(16))
    expectCopied(GhostModule(6, 10))
    expectCopied(GhostBottleneck(4, 8, 6, stride: 2, squeeze: 0.25))
    expectCopied(GhostBottleneck(4, 8, 4))
    expectCopied(MultiHeadAttention(8, heads: 2, bias: false))
    expectCopied(MultiHeadAttention(8, heads: 2, keyFeatures: 5))
    expectCopied(TransformerEncoderLayer(8, heads: 2, innerFeatures: 16))
    expectCopied(Transformer(8, heads: 2, encoderLayers: 2, decoderLayers: 1, innerFeatures: 16))
    expectCopied(LSTM(3, 4, layers: 2, bidirectional: true))
    expectCopied(GRU(3, 4, bias: false))
    expectCopied(RNN(3, 4, activation: .relu))
    expectCopied(LSTMCell(3, 4))
    expectCopied(
      Sequential {
        Dense(2, 3)
        BatchNorm1d(3)
        ReLU()
        Residual { Dense(3, 3) }
        Dropout(0.5)
        Own(features: 3)
      })
    expectCopied(Own(features: 5))
  }

  @Test("A copy goes its own way, has no gradients, and answers as its original; what is shared stays shared")
  func apart() {
    let tied = Dense(3, 3)
    let net = Sequential([tied, ReLU<Float>(), tied, Dropout<Float>(0.5, generator: RandomGenerator(seed: 3))])
    let x = Tensor<Float>(randomNormal: [4, 3])
    net(x).sum().backward()
    let copy = net.copy()
    #expect(copy.typedParameters.count == 2 && copy[0] === copy[2] && copy[0] !== net[0])
    #expect(copy.typedParameters.allSatisfy { $0.gradient == nil } && tied.weight.gradient != nil)
    // Generators go on from the same place, apart from each other.
    #expect(net(x) == copy(x) && net(x) == copy(x))
    let before = tied.weight.value
    copy[0, as: Dense.self].weight.add(Tensor(ones: [3, 3]))
    #expect(tied.weight.value == before && copy[0, as: Dense.self].weight.value == before + 1)
  }

  @Test("A module that does not say how it is copied is given one to copy into")
  func into() async {
    let original = Silent()
    let copy = original.copy(into: Silent())
    #expect(copy.hidden.weight.value == original.hidden.weight.value)
    let message = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Sequential { Silent() }.copy()
    }
    #expect(lastWords(message).contains("copy: Silent does not say how it is copied"))
    let other = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Own(features: 2).copy(into: Own(features: 3))
    }
    #expect(lastWords(other).contains("copy: hidden.weight is [3, 2] of float32 here, [3, 3] of float32 in the other"))
  }

  @Test("A layer put in the place of another runs, fused or not, nested too")
  func replaced() {
    let inner = Sequential {
      Dense(3, 4)
      Dense(4, 4)
    }
    let net = Sequential([inner, ReLU<Float>(), Dense(4, 2)])
    let x = Tensor<Float>(randomNormal: [5, 3])
    func byHand() -> Tensor<Float> { net.reduce(x) { value, layer in layer.forward(value) } }
    withoutGradients {
      #expect(net(x) == byHand())
      inner[1] = Tanh()
      #expect(net(x) == inner[0, as: Dense.self](x).tanh().relu().apply(net[2, as: Dense.self]))
      inner[1] = Dense(4, 4)
      net[2] = Dense(4, 6)
      net[1] = Sigmoid()
      #expect(net(x).shape == [5, 6] && net(x) == byHand())
      net[1] = ReLU()
      #expect(net(x) == byHand())
      let block = Residual(
        Sequential {
          Dense(3, 3); BatchNorm1d(3)
        }, shortcut: nil)
      let before = block(x)
      if let body = block.body as? Sequential<Float> { body[1] = Identity() }
      #expect(block(x) != before && block(x) == block.body.forward(x) + x)
    }
    #expect(net.count == 3 && net.map { "\(type(of: $0))" } == ["Sequential<Float>", "ReLU<Float>", "Dense<Float>"])
  }

  @Test("Positions and types that are not there stop with one line")
  func positions() async {
    let position = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Sequential { ReLU() }[1] = ReLU()
    }
    #expect(lastWords(position).contains("Sequential: layer 1 is not one of the 1"))
    let type = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Sequential { ReLU() }[0, as: Dense.self]
    }
    #expect(lastWords(type).contains("Sequential: layer 0 is a ReLU<Float>, not a Dense<Float>"))
  }

  @Test("A teacher moves toward its student: d·t + (1 − d)·s, floating buffers too, counts copied")
  func blending() async {
    let student = Sequential {
      Dense(2, 2)
      BatchNorm1d(2)
    }
    let teacher = student.copy()
    let dense = (teacher[0, as: Dense.self], student[0, as: Dense.self])
    dense.0.weight.value = Tensor([[1, 2], [3, 4]])
    dense.1.weight.value = Tensor([[5, 6], [7, 9]])
    let norms = (teacher[1, as: BatchNorm1d.self], student[1, as: BatchNorm1d.self])
    norms.1.runningMean?.value = Tensor([8, -8])
    norms.1.numBatchesTracked?.value = Tensor(7)
    let held = dense.0.weight.value
    teacher.blend(student, decay: 0.75)
    #expect(dense.0.weight.value == Tensor([[2, 3], [4, 5.25]]) && held == Tensor([[1, 2], [3, 4]]))
    #expect(norms.0.runningMean?.value == Tensor([2, -2]) && norms.0.numBatchesTracked?.value == Tensor(7))
    // A factor of 0 leaves its term out.
    dense.0.weight.value = Tensor(full: [2, 2], .infinity)
    norms.0.runningMean?.value = Tensor([.nan, -.infinity])
    teacher.blend(student, decay: 0)
    #expect(dense.0.weight.value == dense.1.weight.value && norms.0.runningMean?.value == Tensor([8, -8]))
    let mean = student.copy()
    dense.0.weight.value = Tensor([[1, 2], [3, 5]])
    mean.setToAverage(of: [teacher, student])
    #expect(mean[0, as: Dense.self].weight.value == Tensor([[3, 4], [5, 7]]))
    let message = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Sequential { Dense(2, 2) }.blend(Sequential { Dense(2, 3) }, decay: 0.5)
    }
    #expect(lastWords(message).contains("blend: 0.weight is [3, 2] of float32 here, [2, 2] of float32 in the other"))
  }

  @Test("A parameter is updated by a formula, in one pass")
  func formulas() async {
    let p = Parameter(Tensor<Double>([1, 2, 3]))
    p.lerp(to: Tensor([5, 6, 7]), weight: 0.25)
    #expect(p.value.scalars == [2, 3, 4])
    p.add(Tensor([1, 10, 100]), scaledBy: -0.5)
    #expect(p.value.scalars == [1.5, -2, -46])
    p.add(p.value)
    #expect(p.value.scalars == [3, -4, -92] && p.gradient == nil)
    let model = Dense(2, 1)
    model(Tensor<Float>([[3, 4]])).sum().backward()
    #expect(
      model.parameters.map { $0.gradientNorm } == [5, 1] && model.parameters[1].value(as: Double.self).count == 1)
    #expect(model.parameters[0].gradient(as: Double.self)?.scalars == [3, 4])
    let message = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Parameter(Tensor<Float>([1])).lerp(to: Tensor([1, 2]), weight: 0.5)
    }
    #expect(lastWords(message).contains("lerp: values of shape [2] for a parameter of shape [1]"))
  }
}

extension Tensor where Scalar == Float {
  fileprivate func apply(_ layer: Dense<Float>) -> Tensor { layer.forward(self) }
}

@Suite("States of tied weights")
struct TiedStateTests {
  private func tied() -> Sequential<Float> {
    let shared = Dense(2, 2)
    return Sequential([shared, ReLU<Float>(), shared])
  }

  @Test("Both names are read, either alone is enough, and both are written on request")
  func names() throws {
    let source = tied()
    #expect(source.state.map(\.name) == ["0.weight", "0.bias"])
    let all = source.stateWithTiedNames
    #expect(Set(all.map(\.name)) == ["0.weight", "2.weight", "0.bias", "2.bias"])
    for names in [["0.weight", "0.bias"], ["2.weight", "2.bias"], ["0.weight", "2.bias"], all.map(\.name)] {
      let model = tied()
      #expect(try model.load(all.filter { names.contains($0.name) }).isEmpty)
      #expect(model[0, as: Dense.self].weight.value == source[0, as: Dense.self].weight.value)
    }
    var other = all
    other[1] = StateEntry(name: other[1].name, Tensor<Float>(zeros: [2, 2]))
    let error = #expect(throws: StateMismatch.self) { try tied().load(other) }
    #expect(error?.differing == ["0.weight and 2.weight"])
    #expect(
      error?.description == "the state does not fit the module; tied, with different values: 0.weight and 2.weight")
  }

  @Test("What was missing and unexpected is returned; names can be changed or left out")
  func returned() throws {
    let model = Dense(2, 1)
    let state = [StateEntry(name: "old.weight", Tensor<Float>([[1, 2]])), StateEntry(name: "head", Tensor<Float>(0))]
    let found = try model.load(state, strict: false)
    #expect(found.missing == ["weight", "bias"] && found.unexpected == ["old.weight", "head"])
    let renamed = try model.load(state, strict: false) { $0 == "head" ? nil : $0.replacing("old.", with: "") }
    #expect(renamed.missing == ["bias"] && renamed.unexpected.isEmpty && model.weight.value == Tensor([[1, 2]]))
    #expect(throws: StateMismatch.self) { try model.load(state) { $0.replacing("old.", with: "") } }
  }
}
