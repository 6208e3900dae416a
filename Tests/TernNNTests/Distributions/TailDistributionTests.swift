import TernBackend
import TernNN
import TernTensor
import Testing

/// What PyTorch gives for distributions by powers, of counts and of reciprocals, in the form of ``DistributionRow``.
private let tailRows: [DistributionRow] = [
  DistributionRow(
    "pareto", [[0.5, 2.0, 1.0], [0.8, 3.0, 1.5]], [0.7, 5.0, 1.0],
    logProbability: [-0.13564639667244766, -3.259697819388456, 0.4054651081081644],
    slopes: [[1.6, 1.5, 1.5], [0.913527763378787, -0.5829573985408218, 0.6666666666666666]],
    entropy: [1.7799963707542643, 0.9278682252251689, 1.2612015585585021], mean: [.infinity, 3.0, 3.0],
    variance: [.infinity, 3.0, .infinity],
    cumulative: [0.23599258876780793, 0.936, 0.0],
    quantile: [0.5703833867113005, 2.252495760887212, 4.641588833612779],
    divergence: [0.25, 1.4584261358947215, .infinity], other: [[0.4, 1.0, 1.5], [1.0, 2.0, 2.5]]),
  DistributionRow(
    "weibull", [[0.5, 2.0, 1.0], [0.8, 3.0, 1.5]], [0.7, 5.0, 0.3],
    logProbability: [-0.9061786446863652, -13.386953428143526, -0.3608380613063535],
    slopes: [
      [0.49422052257257265, 21.937499999999993, -1.2535248491226754],
      [
        1.1460678221161886, -13.067418620326183,
        -0.33947321859364876,
      ],
    ],
    entropy: [0.38569245452888123, 0.9793453351595242, 0.7869401135256798],
    mean: [
      0.5665015481596731,
      1.7859590231384985, 0.9027452929509336,
    ],
    variance: [0.5099137385446542, 0.4213315394739148, 0.37569028481393185],
    cumulative: [0.7298796899918398, 0.999999836262287, 0.15152678921981466],
    quantile: [
      0.030013549787609065,
      1.418363444136542, 1.7437215135964117,
    ],
    divergence: [], other: []),
  DistributionRow(
    "kumaraswamy", [[0.5, 2.0, 1.0], [0.8, 3.0, 1.5]], [0.7, 0.25, 0.01],
    logProbability: [-0.375568955205006, 0.2763880658330221, 0.4004399401814139],
    slopes: [
      [1.277932970183313, -0.701455112970572, -3.5819117507053226],
      [
        -0.5619215234989144, 0.2687948121957621,
        0.6566163308131653,
      ],
    ],
    entropy: [-0.19591636632123943, -0.2084261358947218, -0.07213177477483101],
    mean: [
      0.39682539682539697,
      0.457142857142857, 0.4,
    ],
    variance: [0.10359894445107484, 0.04102040816326541, 0.06857142857142848],
    cumulative: [0.7653211320641732, 0.176025390625, 0.014962437264446238],
    quantile: [
      0.015226727855381986,
      0.33480740472307263, 0.7845565309968117,
    ],
    divergence: [], other: []),
  DistributionRow(
    "halfCauchy", [[0.5, 2.0, 1.0]], [0.7, 5.0, 0.3],
    logProbability: [-0.8436247930654784, -3.1257313547159833, -0.5377604015305072],
    slopes: [[0.6486486486486482, 0.36206896551724144, -0.8348623853211009]],
    entropy: [1.1447298858494, 2.5310242469692907, 1.8378770664093453], mean: [.infinity, .infinity, .infinity],
    variance: [.infinity, .infinity, .infinity],
    cumulative: [0.6051369134225069, 0.7577621168183133, 0.18554715815548461],
    quantile: [
      0.07919222016226822,
      1.0190508989888578, 6.313751514675031,
    ],
    divergence: [], other: []),
  DistributionRow(
    "binomial", [[5.0, 20.0, 1.0], [0.3, 0.8, 0.5]], [2.0, 17.0, 1.0],
    logProbability: [-1.1753853474740237, -1.5829705682553232, -0.6931471805599453],
    slopes: [
      [0.09332505606126751, 0.1549684113762484, 0.3068528194400545],
      [
        2.380952380952381, 6.250000000000001,
        2.0,
      ],
    ],
    entropy: [], mean: [1.5, 16.0, 0.5],
    variance: [1.0499999999999998, 3.1999999999999993, 0.25],
    cumulative: [], quantile: [],
    divergence: [], other: []),
  DistributionRow(
    "negativeBinomial", [[5.0, 20.5, 1.0], [0.3, 0.8, 0.5]], [2.0, 80.0, 1.0],
    logProbability: [-1.483270127243324, -3.9140461024826934, -1.3862943611198906],
    slopes: [
      [0.00999172272793436, -9.995455990186031e-05, 0.3068528194400545],
      [
        -0.4761904761904766,
        -2.500000000000036, 0.0,
      ],
    ],
    entropy: [], mean: [2.1428571428571423, 82.00000000000001, 1.0],
    variance: [3.0612244897959173, 410.00000000000017, 2.0],
    cumulative: [], quantile: [],
    divergence: [], other: []),
  DistributionRow(
    "inverseGamma", [[0.5, 3.0, 2.0], [0.8, 3.0, 1.5]], [0.7, 5.0, 0.3],
    logProbability: [-1.2917814455308494, -4.435061964292018, -0.5771513708058627],
    slopes: [[2.0970414186459454, -1.4336099588644575, 1.1866535773356335], [-0.8035714285714286, 0.8, -2.0]],
    entropy: [3.7944864306426247, 1.1006221288341873, 1.1371121028127635], mean: [.infinity, 1.5, 1.5],
    variance: [.infinity, 2.25, .infinity],
    cumulative: [0.13057001811573665, 0.9768847122473671, 0.04042768199451274], quantile: [],
    divergence: [0.691893699331747, 0.65427300963496, 0.8200915031193047], other: [[1.0, 2.0, 3.0], [0.5, 4.0, 1.0]]),
]

@Suite struct TailDistributionTests {
  private func check<D: Distribution<Double>>(
    _ row: DistributionRow, _ make: ([Tensor<Double>]) -> D, _ divergence: ((D, D) -> Tensor<Double>)? = nil
  ) where D.Outcome == Double {
    func expect(_ what: String, _ found: Tensor<Double>, _ expected: [Double]) {
      if expected.isEmpty { return }
      let isNear = zip(found.scalars, expected).filter { x, y in
        x == y || x.isNaN && y.isNaN || (x - y).magnitude <= 1e-12 * Swift.max(1, y.magnitude)
      }
      #expect(isNear.count == expected.count, "\(row.name) \(what): \(found.scalars), expected \(expected)")
    }
    let parameters = row.parameters.map { Tensor($0).asVariable() }
    let distribution = make(parameters)
    let value = Tensor(row.values)
    let density = distribution.logProbability(value)
    expect("logProbability", density, row.logProbability)
    for (slope, expected) in zip(gradients(of: density.sum(), at: parameters), row.slopes) {
      expect("slope", slope, expected)
    }
    expect("entropy", distribution.entropy, row.entropy)
    expect("mean", distribution.mean, row.mean)
    expect("variance", distribution.variance, row.variance)
    if let divergence, !row.other.isEmpty {
      expect("divergence", divergence(distribution, make(row.other.map { Tensor($0) })), row.divergence)
    }
    func curves<U: UnivariateDistribution<Double>>(_ univariate: U) {
      expect("cumulative", univariate.cumulative(value), row.cumulative)
      expect("quantile", univariate.quantile(Tensor([0.1, 0.3, 0.9])), row.quantile)
    }
    if let univariate = distribution as? any UnivariateDistribution<Double> { curves(univariate) }
  }

  @Test func beside() {
    for row in tailRows {
      switch row.name {
      case "pareto": check(row, { ParetoDistribution(scale: $0[0], alpha: $0[1]) }, { klDivergence($0, $1) })
      case "weibull": check(row, { WeibullDistribution(scale: $0[0], concentration: $0[1]) })
      case "kumaraswamy": check(row, { KumaraswamyDistribution(alpha: $0[0], beta: $0[1]) })
      case "halfCauchy": check(row, { HalfCauchyDistribution(scale: $0[0]) })
      case "binomial": check(row, { BinomialDistribution(count: $0[0], probability: $0[1]) })
      case "negativeBinomial": check(row, { NegativeBinomialDistribution(count: $0[0], probability: $0[1]) })
      case "inverseGamma":
        check(row, { InverseGammaDistribution(concentration: $0[0], rate: $0[1]) }, { klDivergence($0, $1) })
      default: Issue.record("no distribution \(row.name)")
      }
    }
  }

  @Test func cumulativeOfInverseGamma() {
    let row = tailRows.last!
    let found = InverseGammaDistribution(concentration: Tensor(row.parameters[0]), rate: Tensor(row.parameters[1]))
      .cumulative(Tensor(row.values)).scalars
    for (value, expected) in zip(found, row.cumulative) { #expect((value - expected).magnitude <= 1e-13) }
  }

  // scipy.stats
  @Test func binomialEntropyAndDivergence() {
    let (count, probability) = (Tensor<Double>([20, 5, 1]), Tensor<Double>([0.8, 0.3, 0.5]))
    let entropy = BinomialDistribution(count: count, probability: probability).entropy.scalars
    let expected: [Double] = [1.9883047615616687, 1.413614855283445, 0.6931471805599452]
    for (value, exact) in zip(entropy, expected) { #expect((value - exact).magnitude <= 1e-12) }
    let (p, q) = (Tensor<Double>(0.3), Tensor<Double>(0.6))
    let five = BinomialDistribution(count: Tensor<Double>(5), probability: p)
    let divergence = klDivergence(five, BinomialDistribution(count: Tensor<Double>(5), probability: q)).item
    let once = 0.3 * 0.5.logarithm + 0.7 * 1.75.logarithm
    #expect((divergence - 5 * once).magnitude <= 1e-14)
    let fewer = BinomialDistribution(count: Tensor<Double>(4), probability: q)
    #expect(klDivergence(five, fewer).item == .infinity)
    #expect(klDivergence(fewer, five).item.isNaN)
  }

  // scipy.stats
  @Test func cumulativeOfBeta() {
    let distribution = BetaDistribution(
      alpha: Tensor<Double>([0.5, 2.0, 30.0, 0.8]), beta: Tensor([0.5, 3.0, 4.0, 100.0]))
    let x = Tensor<Double>([0.2, 0.7, 0.9, 0.001]).asVariable()
    let found = distribution.cumulative(x)
    let expected: [Double] = [0.2951672353008665, 0.9163, 0.5769436641256929, 0.1627783417053115]
    for (value, exact) in zip(found.scalars, expected) { #expect((value - exact).magnitude <= 1e-14) }
    let slope = gradients(of: found.sum(), at: [x])[0]
    let density = distribution.logProbability(x.detached()).exp()
    #expect(((slope / density) - 1).abs().max().item <= 1e-12)
    #expect(BetaDistribution<Double>(alpha: Tensor(2), beta: Tensor(2)).cumulative(Tensor([-1, 2])).scalars == [0, 1])
  }

  // scipy.stats
  @Test func cumulativeOfStudentT() {
    let degrees = Tensor<Double>([1.0, 2.5, 30.0, 4.0, 0.7])
    let z = Tensor<Double>([-3.0, 0.0, 1.2, -40.0, 0.001])
    let expected: [Double] = [
      0.10241638234956672, 0.5, 0.8802348245551688, 1.1670081613006339e-06, 0.5002946361757332,
    ]
    let value = (z * 2 + 1).asVariable()
    let distribution = StudentTDistribution(degrees: degrees, location: Tensor(1), scale: Tensor(2))
    let found = distribution.cumulative(value)
    for (value, exact) in zip(found.scalars, expected) { #expect((value - exact).magnitude <= 1e-13 * exact) }
    let slope = gradients(of: found.sum(), at: [value])[0]
    let density = distribution.logProbability(value.detached()).exp()
    #expect(((slope / density) - 1).abs().max().item <= 1e-12)
  }

  // √n·D exceeds 1.95 once in a thousand draws.
  @Test func drawsHaveTheirDistributionFunction() {
    func expectDraws<D: Distribution<Double>>(
      _ name: String, _ distribution: D, _ cumulative: (Tensor<Double>) -> Tensor<Double>
    ) where D.Outcome == Double {
      let n = 20_000
      let sorted = distribution.sample([n], generator: RandomGenerator(seed: 8)).sorted(along: 0).values
      let below = cumulative(sorted).scalars
      var greatest = 0.0
      for i in 0..<n {
        greatest = Swift.max(greatest, below[i] - Double(i) / Double(n), Double(i + 1) / Double(n) - below[i])
      }
      #expect(greatest * Double(n).squareRoot() < 1.95, "\(name)")
    }
    let (a, b) = (Tensor<Double>(1.7), Tensor<Double>(0.6))
    let pareto = ParetoDistribution(scale: a, alpha: b)
    expectDraws("pareto", pareto, pareto.cumulative)
    let weibull = WeibullDistribution(scale: a, concentration: b)
    expectDraws("weibull", weibull, weibull.cumulative)
    let kumaraswamy = KumaraswamyDistribution(alpha: a, beta: b)
    expectDraws("kumaraswamy", kumaraswamy, kumaraswamy.cumulative)
    let halfCauchy = HalfCauchyDistribution(scale: a)
    expectDraws("halfCauchy", halfCauchy, halfCauchy.cumulative)
    let inverse = InverseGammaDistribution(concentration: a, rate: b)
    expectDraws("inverseGamma", inverse, inverse.cumulative)
    let beta = BetaDistribution(alpha: a, beta: b)
    expectDraws("beta", beta, beta.cumulative)
    let student = StudentTDistribution(degrees: a, location: b, scale: a)
    expectDraws("studentT", student, student.cumulative)
    let gamma = GammaDistribution(concentration: a, rate: b)
    expectDraws("gamma", gamma, gamma.cumulative)
  }

  @Test func momentsOfCounts() {
    let counts = Tensor<Double>([3, 12])
    func expectMoments<D: Distribution<Double>>(_ name: String, _ distribution: D) where D.Outcome == Double {
      let drawn = distribution.sample([40_000], generator: RandomGenerator(seed: 6))
      #expect((drawn.mean(along: [0]) / distribution.mean - 1).abs().max().item < 0.03, "\(name)")
      #expect((drawn.variance(along: [0]) / distribution.variance - 1).abs().max().item < 0.05, "\(name)")
    }
    expectMoments("binomial", BinomialDistribution(count: counts, probability: Tensor(0.3)))
    expectMoments("negativeBinomial", NegativeBinomialDistribution(count: counts, probability: Tensor(0.3)))
  }

  @Test func outsideOfTheSupport() {
    let x = Tensor<Double>([-1, 0.5])
    #expect(
      ParetoDistribution(scale: Tensor(1), alpha: Tensor(1)).logProbability(x).scalars == [-.infinity, -.infinity])
    #expect(
      BinomialDistribution(count: Tensor(4), probability: Tensor(0.5)).logProbability(x).scalars == [
        -.infinity, -.infinity,
      ])
    #expect(WeibullDistribution(scale: Tensor(1), concentration: Tensor(2)).logProbability(x).scalars[0] == -.infinity)
  }

  @Test func wrongParameters() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = BinomialDistribution(count: Tensor<Float>([2, 2.5]), probability: Tensor(0.5))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("BinomialDistribution: count is 2.5, expected a whole number, at least 0"))
  }
}

extension Double {
  fileprivate var logarithm: Double { Tensor(self).log().item }
}
