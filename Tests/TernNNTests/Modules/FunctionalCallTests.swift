import TernBackend
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Modules with other tensors in place of their parameters, lists of parameters, vectors and averages.
@Suite struct FunctionalCallTests {
  private struct Stopped: Error {}

  @Test func gradientsFlowToTheTensors() throws {
    let layer = Dense<Double>(2, 1)
    let x = Tensor<Double>([3, 5], shape: [1, 2])
    let weight = Tensor<Double>([1, 2], shape: [1, 2]).asVariable()
    let before = layer.weight.value.detached().scalars
    let y = functionalCall(layer, ["weight": weight, "bias": Tensor([10])], x)
    #expect(y.detached().scalars == [23])
    let found = gradients(of: y.sum(), at: [weight])
    #expect(found[0].scalars == [3, 5])
    #expect(layer.weight.gradient == nil)
    #expect(layer.weight.value.detached().scalars == before)
    #expect(throws: Stopped.self) { try layer.withParameters(["weight": weight]) { _ in throw Stopped() } }
    #expect(layer.weight.value.detached().scalars == before)
  }

  @Test func buffersAreGivenAndPutBack() {
    let layer = BatchNorm1d<Double>(1, affine: false)
    layer.eval()
    let mean = StateEntry(name: "running_mean", Tensor<Double>([7]))
    let none: [String: Tensor<Double>] = [:]
    let y = functionalCall(layer, none, Tensor([7], shape: [1, 1]), buffers: [mean])
    #expect(y.detached().scalars == [0])
    #expect(layer.runningMean!.value.scalars == [0])
  }

  @Test func unknownNamesAndShapesAreNamed() async {
    let unknown = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = functionalCall(Dense<Float>(2, 1), ["wait": Tensor([1])], Tensor([1, 2]))
    }
    expectLine("withParameters: there is no parameter wait of float32", in: unknown?.standardErrorContent)
    let computed = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Sequential<Float>([Dense<Float>(2, 1)])
      model[0, as: Dense.self].weight.parametrize(with: WeightNormalization())
      _ = functionalCall(model, ["0.weight": Tensor([1, 2])], Tensor([1, 2]))
    }
    expectLine(
      "withParameters: there is no parameter 0.weight of float32: it is computed from "
        + "0.parametrizations.weight.original0 and 0.parametrizations.weight.original1",
      in: computed?.standardErrorContent)
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = functionalCall(Dense<Float>(2, 1), ["bias": Tensor([1, 2])], Tensor([1, 2]))
    }
    expectLine(
      "withParameters: bias is a tensor of shape [2] for a parameter of shape [1]", in: shape?.standardErrorContent)
  }

  private final class Holder: Module, CopyableModule {
    let rows = ParameterList([Tensor<Float>([1, 2]), Tensor<Float>([3])])
    let named = ParameterDictionary(["b": Parameter(Tensor<Float>([4])), "a": Parameter(Tensor<Float>([5]))])
    init() {}
    init(copying other: Holder) {}
  }

  @Test func listsAndDictionariesAreListedByPath() {
    let holder = Holder()
    let names = holder.namedParameters.map { $0.name }
    #expect(names == ["rows.0", "rows.1", "named.a", "named.b"])
    let copy = holder.rows.copy()
    #expect(copy.count == 2 && copy[0] !== holder.rows[0] && copy[0].value.scalars == [1, 2])
    let vector = holder.parameterVector()
    #expect(vector.scalars == [1, 2, 3, 5, 4])
    holder.setParameters(from: vector * 2)
    #expect(holder.rows[1].value.detached().scalars == [6])
    holder.rows[0].gradient = Tensor([3, 4])
    holder.rows[1].gradient = Tensor([12])
    #expect(holder.gradientNorms().map { $0.norm } == [5, 12] && holder.totalGradientNorm() == 13)
    #expect(holder.gradientNorms(order: .infinity).map { $0.norm } == [4, 12])
  }

  @Test func averagesOfModels() {
    let model = Dense<Double>(1, 1, bias: false)
    let mean = AveragedModel(model)
    let exponential = AveragedModel(model, average: .exponential(decay: 0.75))
    for value in [1.0, 2, 6] {
      model.weight.value = Tensor([value], shape: [1, 1])
      mean.update(with: model)
      exponential.update(with: model)
    }
    expectClose(mean.module.weight.value, [3], within: 1e-15)
    expectClose(exponential.module.weight.value, [0.75 * 1.25 + 0.25 * 6], within: 1e-15)
    #expect(mean.state.map { $0.name } == ["n_averaged", "module.weight"])
    #expect(mean.nAveraged.value.item == 3)
    expectClose(mean(Tensor([2], shape: [1, 1])), [6], within: 1e-15)
  }

  @Test(arguments: [false, true]) func buffersOfAveragesAreAveragedOrCopied(averagesBuffers: Bool) async {
    let model = BatchNorm1d<Double>(2)
    model.runningMean!.value = Tensor([.nan, .infinity])
    let average = AveragedModel(model, average: .exponential(decay: 0.75), averagesBuffers: averagesBuffers)
    let mean = AveragedModel(model, averagesBuffers: averagesBuffers)
    for (step, values) in [[4.0, 8], [12, 0]].enumerated() {
      model.runningMean!.value = Tensor(values)
      model.runningVar!.value = Tensor(values) + 1
      model.numBatchesTracked!.value = Tensor(step + 5)
      model.weight!.value = Tensor(values)
      average.update(with: model)
      mean.update(with: model)
    }
    #expect(average.module.weight!.value.scalars == [6, 6] && mean.module.weight!.value.scalars == [8, 4])
    #expect(average.module.runningMean!.value.scalars == (averagesBuffers ? [6, 6] : [12, 0]))
    #expect(average.module.runningVar!.value.scalars == (averagesBuffers ? [7, 7] : [13, 1]))
    #expect(mean.module.runningMean!.value.scalars == (averagesBuffers ? [8, 4] : [12, 0]))
    #expect(average.module.numBatchesTracked!.value.item == 6 && average.nAveraged.value.item == 2)
  }

  @Test func averagesOfOtherStructuresAreRefused() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      AveragedModel(Dense<Float>(2, 1)).update(with: Dense<Float>(3, 1))
    }
    expectLine(
      "AveragedModel: weight is [1, 3] of float32 here, [1, 2] of float32 in the other module",
      in: result?.standardErrorContent)
  }

  @Test func statisticsOfBatchNormalizationAreTheMeanOverBatches() {
    let layer = BatchNorm1d<Double>(1)
    layer.eval()
    let batches = [Tensor<Double>([1, 3], shape: [2, 1]), Tensor<Double>([5, 9], shape: [2, 1])]
    layer.updateBatchNorm(over: batches)
    expectClose(layer.runningMean!.value, [4.5], within: 1e-15)
    expectClose(layer.runningVar!.value, [5], within: 1e-14)
    #expect(layer.momentum == 0.1 && !layer.isTraining && layer.numBatchesTracked!.value.item == 2)
  }
}
