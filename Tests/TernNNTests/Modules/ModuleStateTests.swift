import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Saving and loading under PyTorch's names.
@Suite struct ModuleStateTests {
  private func makeModel() -> Sequential<Double> {
    Sequential<Double> {
      Dense(2, 3)
      BatchNorm1d(3)
      Residual { Dense(3, 3, bias: false) }
    }
  }

  @Test func entriesStandInPyTorchsOrderUnderItsNames() {
    let names = makeModel().state.map(\.name)
    #expect(
      names == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
        "2.body.0.weight",
      ])
    #expect(
      makeModel().state.map(\.dtype) == [.float64, .float64, .float64, .float64, .float64, .float64, .int64, .float64])
  }

  @Test func aLoadedModelAnswersTheSame() throws {
    let (one, other) = (makeModel(), makeModel())
    let x = Tensor<Double>.spread([5, 2])
    _ = one(x)
    try other.load(one.state)
    #expect(one.with(.evaluation) { one(x) }.scalars == other.with(.evaluation) { other(x) }.scalars)
    #expect((other[1] as? BatchNorm1d<Double>)?.numBatchesTracked?.value.item == 1)
  }

  @Test func whatIsLoadedLaterStaysItsOwn() throws {
    let (one, other) = (makeModel(), makeModel())
    try other.load(one.state)
    let kept = other.state.flatMap { $0.tensor(Double.self)?.scalars ?? [] }
    let optimizer = SGD(one, learningRate: 1)
    one(Tensor<Double>.spread([5, 2])).sum().backward()
    optimizer.step()
    #expect(other.state.flatMap { $0.tensor(Double.self)?.scalars ?? [] } == kept)
  }

  @Test func floatsAreConvertedToTheModelsType() throws {
    let float = Dense(2, 1)
    let double = Dense<Double>(2, 1)
    try double.load(float.state)
    #expect(double.weight.value.scalars == float.weight.value.scalars.map(Double.init))
  }

  @Test func everythingThatDoesNotFitIsListedAndNothingLoaded() {
    let model = makeModel()
    let before = model.state.flatMap { $0.tensor(Double.self)?.scalars ?? [] }
    var state = makeModel().state
    state.removeAll { $0.name == "0.bias" || $0.name == "1.running_var" }
    state[0] = StateEntry(name: "0.weight", Tensor<Double>(zeros: [2, 3]))
    state.append(StateEntry(name: "3.weight", Tensor<Double>(0)))
    state.append(StateEntry(name: "1.num_batches_tracked", Tensor<Double>(0)))
    do {
      try model.load(state)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.missing == ["0.bias", "1.running_var"])
      #expect(error.unexpected == ["3.weight"])
      #expect(
        error.mismatched == ["0.weight [2, 3] for [3, 2]", "1.num_batches_tracked of float64 for int64"])
      #expect(
        error.description == "the state does not fit the module; missing: 0.bias, 1.running_var; unexpected: 3.weight; "
          + "other shapes: 0.weight [2, 3] for [3, 2], 1.num_batches_tracked of float64 for int64")
    }
    #expect(model.state.flatMap { $0.tensor(Double.self)?.scalars ?? [] } == before)
  }

  @Test func looselyOnlyShapesMatter() throws {
    let model = makeModel()
    try model.load(
      [StateEntry(name: "0.bias", Tensor<Double>([1, 2, 3])), StateEntry(name: "x", Tensor<Double>(0))], strict: false)
    #expect((model[0] as? Dense<Double>)?.bias?.value.scalars == [1, 2, 3])
    #expect(throws: StateMismatch.self) {
      try model.load([StateEntry(name: "0.bias", Tensor<Double>([1, 2]))], strict: false)
    }
  }
}
