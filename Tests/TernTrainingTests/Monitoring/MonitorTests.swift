import Foundation
import Tern
import Testing

/// Numbers from inside a network, against closed forms.
@Suite struct TrainingMonitorTests {
  /// A hundred and one inputs 0, 1, …, 100 that a layer passes on as they are, doubled.
  private func doubler() -> Dense<Double> {
    let layer = Dense<Double>(1, 1)
    layer.weight.value = Tensor([[2]])
    layer.bias?.value = Tensor([1])
    return layer
  }

  @Test func percentilesLieBetweenNeighborsAsInNumPy() {
    let values = Tensor<Double>([7, 1, 3, 5, 100])
    #expect(percentiles(of: values, at: [0, 25, 50, 62.5, 100]) == [1, 3, 5, 6, 100])
    // np.percentile([1, 2, 3, 4], [15, 50, 85]) = [1.45, 2.5, 3.55]
    for (found, expected) in zip(
      percentiles(of: Tensor<Float>([[4, 2], [1, 3]]).transposed(), at: [15, 50, 85]), [1.45, 2.5, 3.55])
    {
      #expect(abs(found - expected) < 1e-6)
    }
    #expect(percentiles(of: Tensor<Double>([3]), at: [0, 50, 100]) == [3, 3, 3])
    #expect(percentiles(of: Tensor<Double>(zeros: [0, 3]), at: [50]).allSatisfy { $0.isNaN })
    #expect(percentiles(of: Tensor<Double>([1, .nan, 2]), at: [0, 50]) == [1, 2], "NaN is the greatest")
    #expect(percentiles(of: Tensor<Double>(2).asVariable(), at: [50]) == [2])
  }

  @Test func activationsOfEveryLayerOnBothSides() {
    let model = Sequential<Double> {
      doubler()
      Sigmoid<Double>()
    }
    let inputs = Tensor<Double>((0...100).reversed().map { Double($0) }).reshaped(101, 1)
    let (outputs, given) = (ActivationMonitor(model), ActivationMonitor(model, side: .input) { path, _ in path != "1" })
    #expect(outputs.paths == ["0", "1"] && given.paths == ["", "0"])
    _ = model(inputs)
    #expect(outputs.statistics.map(\.path) == ["0", "1"] && outputs.statistics.map(\.kind) == ["Dense", "Sigmoid"])
    #expect(outputs.statistics[0].percentiles == [31, 101, 171] && outputs.statistics[0].count == 101)
    #expect(outputs.statistics[0].saturated == nil && outputs.statistics[0].dead == nil)
    // 1/(1 + e^-(2x + 1)) is below 0.95 for x = 0 (0.731) alone: at x = 1 it is 0.9526.
    #expect(outputs.statistics[1].saturated == 100.0 / 101 && outputs.statistics[1].dead == 0)
    #expect(given.statistics.map(\.percentiles) == [[15, 50, 85], [15, 50, 85]])
    #expect(given.statistics.allSatisfy { $0.saturated == nil })
    outputs.isWatching = false
    _ = model(inputs * 3)
    #expect(outputs.statistics[0].percentiles == [31, 101, 171] && given.statistics[0].percentiles == [45, 150, 255])
    outputs.isWatching = true
    outputs.reset()
    #expect(outputs.statistics.isEmpty)
    _ = model(inputs)
    #expect(outputs.statistics.count == 2)
  }

  @Test func saturatedValuesAndDeadUnitsAreCounted() {
    let values = Tensor<Float>([[0, 1, -1, 2], [0, 0, 3, 4]])
    #expect(Saturation.relu.shares(of: values) == (0.5, 0.25))
    #expect(Saturation.tanh.shares(of: Tensor<Double>([[0.9, -0.95], [0.89, -1]])) == (0.75, 0.5))
    #expect(Saturation.sigmoid.shares(of: Tensor<Double>([0.05, 0.06, 0.94, 1])) == (0.5, 0.5))
    // Channels are units: the first is 0 everywhere, the second but for one place.
    let images = Tensor<Float>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0], shape: [2, 2, 2, 2])
    #expect(Saturation.relu.shares(of: images) == (15.0 / 16, 0.5))
    #expect(Saturation(low: 0, high: 6).shares(of: images) == (1, 1))
    let none = Saturation.relu.shares(of: Tensor<Float>(zeros: [0, 4]))
    #expect(none.values.isNaN && none.units.isNaN)
    let known: [(any Module, Saturation?)] = [
      (Sigmoid(), .sigmoid), (Tanh<Double>(), .tanh), (ReLU(), .relu), (ReLU6(), Saturation(low: 0, high: 6)),
      (HardTanh(low: -2, high: 3), Saturation(low: -2, high: 3)), (HardSigmoid(), Saturation(low: 0, high: 1)),
      (GELU(), nil), (Dense(1, 1), nil),
    ]
    for (module, expected) in known { #expect(Saturation(of: module) == expected, "\(module)") }
  }

  @Test func aLayersOwnFlatEndsCanBeNamed() {
    let model = Sequential<Double> { doubler() }
    let monitor = ActivationMonitor(model, saturation: ["0": Saturation(high: 101)])
    _ = model(Tensor<Double>((0...100).map { Double($0) }).reshaped(101, 1))
    #expect(monitor.statistics.first?.saturated == 51.0 / 101)
  }

  @Test func gradientNormsAndUpdateRatiosAreThoseOfTheClosedForm() throws {
    // L = Σ (w·x)², at w = (3, 4), x = (1, 2): ∂L/∂w = 2·11·(1, 2), of length 22√5; ∂L/∂b = 22.
    let layer = Dense<Double>(2, 1)
    layer.weight.value = Tensor([[3, 4]])
    layer.bias?.value = Tensor([0])
    #expect(gradientNorms(of: layer).isEmpty)
    let rate = 0.01
    let optimizer = SGD(layer, learningRate: rate)
    let output = layer(Tensor<Double>([[1, 2]]))
    (output * output).sum().backward()
    let norms = gradientNorms(of: layer)
    #expect(norms.map(\.name) == ["weight", "bias"])
    #expect(abs(norms[0].value - 22 * 5.0.squareRoot()) < 1e-12 && abs(norms[1].value - 22) < 1e-12)
    let monitor = UpdateMonitor(layer)
    #expect(monitor.ratios.map(\.value) == [0, 0])
    optimizer.step()
    // η·|g|/|w|: |w| was 5, the bias 0.
    #expect(abs(monitor.ratios[0].value - rate * norms[0].value / 5) < 1e-12, "\(monitor.ratios)")
    #expect(monitor.ratios[1].value == .infinity)
    layer.freeze()
    #expect(UpdateMonitor(layer).ratios.isEmpty)
  }
}
