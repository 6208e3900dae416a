import TernBackend
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Parameters that are computed from others: numbers of PyTorch 2.13 over three steps of SGD, names, copies and removal.
@Suite struct ParametrizationTests {
  /// The same numbers as in Python: ((7919·i + 104729·seed) mod 1009)/1009 − 1/2.
  private static func grid(_ shape: [Int], _ seed: Int) -> Tensor<Double> {
    let values = (0..<shape.reduce(1, *)).map { Double(($0 * 7919 + seed * 104729) % 1009) / 1009 - 0.5 }
    return Tensor(values, shape: shape)
  }

  /// Loads the state of the fixture, under PyTorch's names, and trains; returns the losses and the weight in evaluation.
  private static func train<L: Layer>(
    _ layer: L, _ weight: Parameter<Double>, _ input: Tensor<Double>, original: Tensor<Double>? = nil
  ) throws -> (losses: [Double], weight: [Double]) where L.Scalar == Double {
    let state = layer.state.map { entry -> StateEntry in
      var value = grid(entry.shape, entry.name.count)
      if entry.name.hasSuffix("_u") || entry.name.hasSuffix("_v") { value = value.normalized(along: [0]) }
      if entry.name.hasSuffix("base") {
        let n = entry.shape[0]
        value = Tensor((0..<n * n).map { $0 / n + $0 % n == n - 1 ? 1 : 0 }, shape: [n, n])
      }
      if let original, entry.name == "parametrizations.weight.original" { value = original }
      return StateEntry(name: entry.name, value)
    }
    try layer.load(state)
    let optimizer = SGD(layer, learningRate: 0.1, momentum: 0.9)
    var losses: [Double] = []
    for _ in 0..<3 {
      optimizer.zeroGradients()
      let y = layer(input)
      let loss = (y * y * y).sum() + (y * grid(y.shape, 3)).sum()
      loss.backward()
      optimizer.step()
      losses.append(loss.detached().item)
    }
    layer.eval()
    return (losses, weight.value.detached().scalars)
  }

  private static func expectClose(_ found: [Double], _ expected: [Double], _ name: String) {
    let worst = zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
    #expect(found.count == expected.count && worst < 1e-11, "\(name): \(found), expected \(expected)")
  }

  @Test func weightNormalizationTrainsAsPyTorchs() throws {
    let rows: [(axis: Int?, losses: [Double], weight: [Double])] = [
      (
        0, [-0.10690408386797179, -0.4495515622817959, -2.363818487048],
        [0.16439728078, 0.2668204604269, -0.2796500673983, -0.274721910771, 0.1181302756712, -0.3307699455394]
      ),
      (
        1, [-0.13318116346001027, -0.4591454536369462, -2.3232841164593774],
        [0.1591049382259, 0.327749147127, 0.3676593114105, -0.1637235210335, 0.0680000558951, -0.4222992841364]
      ),
      (
        nil, [-0.15277623714963529, -0.4588577925319248, -2.1018758816915946],
        [0.1189460248121, 0.1915016355008, -0.1984424964492, -0.1118647141544, -0.0099267915248, -0.0514187395815]
      ),
    ]
    for row in rows {
      let layer = Dense<Double>(3, 2)
      layer.weight.parametrize(with: WeightNormalization(axis: row.axis))
      let names = layer.state.map { $0.name }
      #expect(names == ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"])
      let found = try Self.train(layer, layer.weight, Self.grid([2, 3], 11))
      Self.expectClose(found.losses, row.losses, "losses, axis \(row.axis ?? -1)")
      Self.expectClose(found.weight, row.weight, "weight, axis \(row.axis ?? -1)")
    }
  }

  @Test func spectralNormalizationTrainsAsPyTorchs() throws {
    let layer = Dense<Double>(3, 2)
    layer.weight.parametrize(with: SpectralNormalization())
    let names = layer.state.map { $0.name }
    let expected = ["bias", "parametrizations.weight.original", "parametrizations.weight.0._u"]
    #expect(names == expected + ["parametrizations.weight.0._v"])
    let found = try Self.train(layer, layer.weight, Self.grid([2, 3], 11))
    Self.expectClose(found.losses, [-0.6226527133491335, -1.620886370114263, -9.489344273240206], "losses")
    Self.expectClose(
      found.weight,
      [0.1493632839039, 0.2853000364147, -0.9262500354692, 0.1322676936173, 0.6938333165886, -1.738181994726], "weight")

    let transposed = ConvTranspose1D<Double>(3, 2, kernelSize: 2)
    transposed.weight.parametrize(with: SpectralNormalization(iterations: 2, axis: 1))
    let other = try Self.train(transposed, transposed.weight, Self.grid([2, 3, 4], 11))
    Self.expectClose(other.losses, [-2.275370375626941, -35.70444573756193, -5953.298730024937], "losses, transposed")

    let stacked = Dense<Double>(3, 2)
    stacked.weight.parametrize(with: WeightNormalization())
    stacked.weight.parametrize(with: SpectralNormalization())
    #expect(stacked.namedBuffers.map { $0.name } == ["parametrizations.weight.1._u", "parametrizations.weight.1._v"])
    let both = try Self.train(stacked, stacked.weight, Self.grid([2, 3], 11))
    Self.expectClose(both.losses, [-0.2612553134802544, -1.1378579380310125, -5.85556239160468], "losses, stacked")
    Self.expectClose(
      both.weight,
      [0.1287504331767, 0.5929534067823, -0.9166540346142, -0.2108790383797, 0.3527363100899, -0.5842280472721],
      "weight, stacked")
  }

  @Test func orthogonalMatricesTrainAsPyTorchs() throws {
    typealias Map = OrthogonalParametrization<Double>.Map
    let rows: [(map: Map, isWide: Bool, losses: [Double])] = [
      (.matrixExponential, false, [-0.3995674115543365, -1.062569049505731, -4.350275377671771]),
      (.matrixExponential, true, [-0.6512008400681052, -1.7155962520869696, -9.98528153041523]),
      (.cayley, false, [-0.42244195649703575, -1.0819529863492399, -4.339809050038754]),
      (.cayley, true, [-0.6728420314921375, -1.7415124584288757, -10.076217998076235]),
      (.householder, false, [-0.7383961153771235, -1.3981960873949795, -5.2832987026137515]),
      (.householder, true, [-0.3223154860011812, -0.9596866099847348, -4.899171057976469]),
    ]
    for row in rows {
      let layer = row.isWide ? Dense<Double>(3, 2) : Dense<Double>(2, 3)
      layer.weight.parametrize(with: OrthogonalParametrization(map: row.map))
      let names = layer.state.map { $0.name }
      #expect(names == ["bias", "parametrizations.weight.original", "parametrizations.weight.0.base"])
      let wide = Tensor<Double>([-1.25, 0.3, 0.2, 0.4, 1.5, -0.7], shape: [2, 3])
      // PyTorch takes the whole part of the diagonal for its sign.
      let tall =
        row.map == .householder
        ? Tensor<Double>([1.3, -0.2, 0.4, -1.25, -0.6, 0.5], shape: [3, 2]) : Self.grid([3, 2], 1) * 2.6
      let original = row.isWide ? wide : tall
      let found = try Self.train(layer, layer.weight, Self.grid([2, row.isWide ? 3 : 2], 11), original: original)
      Self.expectClose(found.losses, row.losses, "losses, \(row.map), wide \(row.isWide)")
      let q = layer.weight.value.detached()
      let products = row.isWide ? matmul(q, q.transposed()) : matmul(q.transposed(), q)
      Self.expectClose(products.scalars, [1, 0, 0, 1], "orthonormal, \(row.map)")
    }
  }

  @Test func reflectionsTakeTheSignOfTheDiagonal() {
    let layer = Dense<Double>(2, 3, bias: false)
    layer.weight.parametrize(with: OrthogonalParametrization(map: .householder))
    let whole = Tensor<Double>([-1, 0.2, 0.4, 1, -0.6, 0.5], shape: [3, 2])
    layer.weight.originals[0].value = whole
    let expected = layer.weight.value.detached().scalars
    // As weight decay makes it, and at 0.
    for (first, second) in [(-0.9, 0.99), (-0.01, 0), (-3.5, 2)] {
      layer.weight.originals[0].value = Tensor([first, 0.2, 0.4, second, -0.6, 0.5], shape: [3, 2])
      let q = layer.weight.value.detached()
      #expect(q.scalars == expected)
      Self.expectClose(matmul(q.transposed(), q).scalars, [1, 0, 0, 1], "orthonormal, diagonal \(first) and \(second)")
    }
  }

  @Test func settingAValueTakesTheQOfItsDecomposition() {
    let layer = Dense<Double>(3, 3, bias: false)
    let before = layer.weight.value.detached()
    let (q, r) = before.qrDecomposition()
    let expected = q * r.diagonal(axes: -2, -1).sign().expandedAxis(at: -2)
    layer.weight.parametrize(with: OrthogonalParametrization())
    Self.expectClose(layer.weight.value.detached().scalars, expected.scalars, "the QR decomposition's Q")
    let permutation = Tensor<Double>([0, 1, 0, 0, 0, 1, 1, 0, 0], shape: [3, 3])
    layer.weight.value = permutation
    Self.expectClose(layer.weight.value.detached().scalars, permutation.scalars, "a permutation stays")
    // Those without full rank give orthonormal columns too.
    let values: [[Double]] = [[0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 2, 3, 3, -1, -2, -2, 1]]
    for value in values {
      layer.weight.value = Tensor(value, shape: [3, 3])
      let q = layer.weight.value.detached()
      Self.expectClose(matmul(q.transposed(), q).scalars, [1, 0, 0, 0, 1, 0, 0, 0, 1], "from \(value)")
    }
    let tall = Dense<Double>(2, 3, bias: false)
    tall.weight.value = Tensor(zeros: [3, 2])
    tall.weight.parametrize(with: OrthogonalParametrization())
    let columns = tall.weight.value.detached()
    Self.expectClose(matmul(columns.transposed(), columns).scalars, [1, 0, 0, 1], "from zeros, tall")
  }

  @Test func gradientsAgreeWithDifferences() {
    let weighted = Dense<Double>(3, 2)
    weighted.weight.parametrize(with: WeightNormalization())
    let spectral = Dense<Double>(3, 2)
    spectral.weight.parametrize(with: SpectralNormalization())
    spectral.eval()
    let orthogonal = Dense<Double>(2, 3)
    orthogonal.weight.parametrize(with: OrthogonalParametrization())
    orthogonal.weight.originals[0].update { $0 = Self.grid([3, 2], 5) - Tensor(eye: 3, columns: 2) }
    for (layer, inputs) in [(weighted, 3), (spectral, 3), (orthogonal, 2)] {
      let check = checkGradients(of: layer, at: Self.grid([2, inputs], 4))
      #expect(check.passes(), "\(check)")
    }
  }

  @Test func valuesStayAndComeBack() {
    let layer = Dense<Double>(3, 2)
    let value = layer.weight.value.detached()
    layer.weight.parametrize(with: WeightNormalization())
    #expect(layer.weight.isParametrized && layer.weight.originals.count == 2 && layer.parameterCount == 10)
    Self.expectClose(layer.weight.value.detached().scalars, value.scalars, "parametrized")
    layer.weight.value = value * 2
    Self.expectClose(layer.weight.originals[1].value.detached().scalars, (value * 2).scalars, "set")
    layer.weight.removeParametrizations()
    #expect(!layer.weight.isParametrized && layer.namedParameters.map { $0.name } == ["weight", "bias"])
    Self.expectClose(layer.weight.value.detached().scalars, (value * 2).scalars, "kept")
    layer.weight.parametrize(with: SpectralNormalization())
    layer.weight.removeParametrizations(keepingValue: false)
    Self.expectClose(layer.weight.value.detached().scalars, (value * 2).scalars, "the original")
  }

  @Test func copiesAndAveragesAndPredictorsHaveThem() throws {
    let model = Sequential<Double>([Dense<Double>(3, 3), ReLU<Double>(), Dense<Double>(3, 2)])
    model[0, as: Dense.self].weight.parametrize(with: WeightNormalization())
    model[2, as: Dense.self].weight.parametrize(with: SpectralNormalization())
    let names = model.namedParameters.map { $0.name }
    let first = ["0.bias", "0.parametrizations.weight.original0", "0.parametrizations.weight.original1"]
    #expect(names == first + ["2.bias", "2.parametrizations.weight.original"])
    model.eval()
    let x = Self.grid([4, 3], 2)
    let expected = model(x).detached().scalars
    let copy = model.copy()
    #expect(copy.namedParameters.map { $0.name } == names && copy(x).detached().scalars == expected)
    #expect(copy[0, as: Dense.self].weight.originals[0] !== model[0, as: Dense.self].weight.originals[0])
    let average = AveragedModel(model)
    average.update(with: model)
    average.eval()
    #expect(average(x).detached().scalars == expected)
    let predictor = Predictor(model)
    #expect(predictor(x).scalars == expected)
    let isPlain = predictor.run { !$0[0, as: Dense.self].weight.isParametrized }
    #expect(isPlain)
    try copy.load(model.state)
    model.freeze()
    #expect(model[0, as: Dense.self].weight.isFrozen && model(x).scalars == expected)
    let twice = model[0, as: Dense.self].weight.originals[0].value.detached() * 2
    let doubled = functionalCall(
      copy[0, as: Dense.self], ["parametrizations.weight.original0": twice, "bias": Tensor(zeros: [3])], x)
    let plain = linear(x, model[0, as: Dense.self].weight.value) * 2
    Self.expectClose(doubled.detached().scalars, plain.scalars, "a call with another length")
  }

  @Test func mistakesAreNamed() async {
    let axis = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Dense<Float>(3, 2).weight.parametrize(with: WeightNormalization(axis: 2))
    }
    expectLine("WeightNormalization: axis 2 of a parameter [2, 3]", in: axis?.standardErrorContent)
    let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Dense<Float>(3, 2).bias?.parametrize(with: OrthogonalParametrization())
    }
    expectLine(
      "OrthogonalParametrization: a parameter [2], expected [.., rows, columns]", in: vector?.standardErrorContent)
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SpectralNormalization<Float>(iterations: 0)
    }
    expectLine("SpectralNormalization: 0 iterations", in: none?.standardErrorContent)
    let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let layer = Dense<Float>(3, 2)
      layer.weight.parametrize(with: SpectralNormalization())
      layer.weight.parametrize(with: WeightNormalization())
    }
    expectLine(
      "WeightNormalization: 1 originals, expected 2: it has to be the parameter's first parametrization",
      in: second?.standardErrorContent)
    let several = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let layer = Dense<Float>(3, 2)
      layer.weight.parametrize(with: WeightNormalization())
      layer.weight.removeParametrizations(keepingValue: false)
    }
    expectLine(
      "removeParametrizations: the originals [[2, 1], [2, 3]] are not one of shape [2, 3]: only the value can be kept",
      in: several?.standardErrorContent)
  }
}
