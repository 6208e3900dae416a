import TernTensor
import TernTestSupport
import Testing

/// Layer, group, instance, RMS and local response normalization, and division by a norm, against PyTorch's numbers.
@Suite struct NormalizationTests {
  private let x = Tensor<Double>([1, 4, -2, 0.5, 3, 3, 2, 0, 7, -1, 8, 0.25], shape: [2, 2, 3])
  private let weights = Tensor<Double>((1...12).map { Double($0) / 4 }, shape: [2, 2, 3])
  private let elements = Tensor<Double>([1, -2, 0.5])

  /// Compares a result and its gradients with what PyTorch gives.
  private func compare(
    _ output: Tensor<Double>, at inputs: [Tensor<Double>], gradient: Tensor<Double>, _ expected: [[Double]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let actual = [output] + gradients(of: output, at: inputs, gradient: gradient)
    for (index, expected) in expected.enumerated() {
      let off = distance(actual[index].scalars, expected)
      #expect(off < 1e-9, "result or gradient \(index) is off by \(off)", sourceLocation: sourceLocation)
    }
  }

  @Test func layerNormOfTheLastAxis() {
    let inputs = [x, elements, Tensor([0, 1, -1])].map { $0.asVariable() }
    compare(
      layerNorm(inputs[0], normalizedShape: [3], scale: inputs[1], shift: inputs[2]), at: inputs, gradient: weights,
      [
        [
          0, -1.44948770154, -1.61237192539, -1.41420847123, -0.414208471232, -0.646447882192, -0.339682914273,
          3.03809748564, -0.320634171455, -0.858273887683, -1.80509026706, -1.27213562292,
        ],
        [
          0.153092981347, -0.0765469584566, -0.0765460228899, 7.63667076087e-06, -1.37885707779, 1.37884944112,
          0.91453070069, -0.653237040655, -0.261293660035, -0.0136494115783, -0.00220238727132, 0.0158517988497,
        ],
        [
          -4.15433829042, 3.31515385148, 1.56643095625,
        ],
        [
          5.5, 6.5, 7.5,
        ],
      ])
  }

  @Test func layerNormOfTwoAxes() {
    let inputs = [x, Tensor([[1, -2, 0.5], [3, 0.25, -1]])].map { $0.asVariable() }
    compare(
      layerNorm(inputs[0], normalizedShape: [2, 3], scale: inputs[1], epsilon: 1e-3), at: inputs, gradient: weights,
      [
        [
          -0.290372952749, -2.40594732278, -0.891859783445, -1.61779216532, 0.176297864169, -0.705191456677,
          -0.201616964041, 1.54177678385, 0.610780802831, -3.16657231759, 0.376549329901, 0.699729463438,
        ],
        [
          -0.100804613906, -0.177941737314, -0.583672470801, 1.17724801031, 0.293700528878, -0.608529717165,
          0.298917572088, -1.35601400706, 0.166710810837, 1.90815859127, 0.0513207979804, -1.06909376512,
        ],
        [
          -0.42542292526, -0.940289953151, 1.41072393757, -3.17807431977, 5.02353194976, -1.0414012053,
        ],
      ])
  }

  @Test func rootMeanSquare() {
    let inputs = [x, elements].map { $0.asVariable() }
    compare(
      rmsNorm(inputs[0], normalizedShape: [3], scale: inputs[1], epsilon: 1e-3), at: inputs, gradient: weights,
      [
        [
          0.377937478439, -3.02349982751, -0.377937478439, 0.202704553556, -2.43245464267, 0.608113660669,
          0.475817485089, 0, 0.832680598905, -0.214726300433, -3.43562080693, 0.0268407875541,
        ],
        [
          0.17545940427, -0.0540373397968, -0.0202235149065, 0.45815915529, -0.697022478713, 0.620557119402,
          0.314224874045, -0.951634970178, -0.0897566535646, 0.38459605543, 0.0367629128378, 0.360144374562,
        ],
        [
          0.593053770989, 7.00013771807, 5.16554218475,
        ],
      ])
  }

  @Test func groups() {
    let values: [Double] = [
      0, 1.6, 3.2, -0.2, 1.4, 3, -0.4, 1.2, 2.8, -0.6, 1, 2.6, -0.8, 0.8, 2.4, -1,
    ]
    let inputs = [
      Tensor(values, shape: [2, 4, 2]), Tensor([1, 2, -1, 0.5]), Tensor([0, 1, 2, 3]),
    ].map { $0.asVariable() }
    compare(
      groupNorm(inputs[0], groups: 2, scale: inputs[1], shift: inputs[2]), at: inputs,
      gradient: Tensor((1...16).map { Double($0) / 4 }, shape: [2, 4, 2]),
      [
        [
          -0.837053486677, 0.3275426687, 3.98427764815, -0.965256012197, 1.91695480651, 0.588231710645, 2.29411585532,
          2.95847740325, 0.982628006099, -1.49213882408, 0.344914662601, 2.67410697335, 2.83705348668, 1.6724573313,
          3.74606941204, 2.50868599695,
        ],
        [
          -0.55675041512, -0.422985493713, 0.256683875526, 0.723052033307, -0.795372920634, -0.0264957084125,
          -0.129214029384, 0.951082658431, -1.62349170416, -0.675333247876, 1.14772439898, 1.15110055306,
          -1.47587209049, -2.16783039065, 1.23449466795, 2.40920781319,
        ],
        [
          -1.56492608379, 1.74689423306, 0.647434434647, -0.971676327466,
        ],
        [
          5.5, 7.5, 9.5, 11.5,
        ],
      ])
  }

  @Test func instances() {
    let inputs = [x, Tensor([2, -0.5]), Tensor([0.25, 1])].map { $0.asVariable() }
    let (output, mean, variance, count) = instanceNorm(inputs[0], scale: inputs[1], shift: inputs[2])
    #expect(count == 3 && mean.shape == [2, 2])
    #expect(distance((mean.mean(along: 0) * 0.1).scalars, [0.2, 0.229166666667]) < 1e-11)
    #expect(distance((variance.mean(along: 0) * 0.15 + 0.9).scalars, [2, 2.19270833333]) < 1e-10)
    compare(
      output, at: inputs, gradient: weights,
      [
        [
          0.25, 2.69948770154, -2.19948770154, 1.70710423562, 0.646447882192, 0.646447882192, -0.429365828545,
          -1.78809748564, 2.96746331418, 1.42913694384, 0.298727433235, 1.27213562292,
        ],
        [
          -0.204123975129, 0.102061817461, 0.102062157667, 7.63667075947e-07, 0.0530324358377, -0.0530331995047,
          -0.137179676143, 0.0979853429801, 0.0391943331627, 0.0285794709777, 0.00460958889731, -0.033189059875,
        ],
        [
          0.118417680148, 0.608828837171,
        ],
        [
          7.5, 12,
        ],
      ])
  }

  @Test func neighboringChannels() {
    let expected: [Int: ([Double], [Double])] = [
      1: (
        [
          0.502973371873, -0.707106781187, 0.73694696944, 0.28408663562, 0.707106781187,
        ],
        [
          0.352081360311, 0.176776695297, -0.0283441142092, 2.07216134217, 0.441941738242,
        ]
      ),
      2: (
        [
          0.544331053952, -0.826261419779, 0.864971458296, 0.167079502441, 0.86391879545,
        ],
        [
          0.644284923883, 0.815612048821, 0.134574549329, 1.04311377737, 1.10193723909,
        ]
      ),
      3: (
        [
          0.457906435005, -0.66590675814, 1.02103035949, 0.170171726582, 0.947334621606,
        ],
        [
          0.494338321204, 0.956974599027, 0.584328587315, 1.03155680447, 1.41300013454,
        ]
      ),
      5: (
        [
          0.399384137858, -0.794391454705, 1.09685109994, 0.186477009784, 0.812243525916,
        ],
        [
          0.322304676806, 1.00862350748, 0.225864544602, 1.3554615966, 1.34602742158,
        ]
      ),
      9: (
        [
          0.437174248273, -0.874348496547, 1.31152274482, 0.218587124137, 0.874348496547,
        ],
        [
          0.219594438073, 1.30950811695, 0.658783314219, 1.63990708799, 1.75071162097,
        ]
      ),
    ]
    for (size, (output, derivative)) in expected {
      let x = Tensor<Double>([1, -2, 3, 0.5, 2], shape: [1, 5, 1]).asVariable()
      compare(
        localResponseNorm(x, size: size, alpha: 0.5, k: 2), at: [x],
        gradient: Tensor([1, 2, 3, 4, 5], shape: [1, 5, 1]), [output, derivative])
    }
  }

  @Test func neighborsOfNotANumber() {
    var x = Tensor<Double>.scattered(2, 5, 3)
    x[0, 4, 1] = Tensor(.nan)
    let output = localResponseNorm(x, size: 3)
    #expect(output.scalars.indices.filter { output.scalars[$0].isNaN } == [10, 13])
  }

  @Test func dividedByANorm() {
    let values: [[Double]] = [[1, -2, 3], [0.5, 0.5, -1]]
    let expected: [(Double, [Double], [Double])] = [
      (
        1,
        [
          0.166666666667, -0.333333333333, 0.5, 0.25, 0.25, -0.5,
        ],
        [
          -2.77555756156e-17, 0.5, 0.333333333333, 3.875, 4.375, 4.125,
        ]
      ),
      (
        2,
        [
          0.267261241912, -0.534522483825, 0.801783725737, 0.408248290464, 0.408248290464, -0.816496580928,
        ],
        [
          0.152720709664, 0.763603548321, 0.458162128993, 6.12372435696, 6.94022093789, 6.53197264742,
        ]
      ),
      (
        3,
        [
          0.302853432139, -0.605706864277, 0.908560296416, 0.25, 0.25, -0.5,
        ],
        [
          0.252377860116, 0.80760915237, 0.454280148208, 3.5, 4, 4.5,
        ]
      ),
      (
        .infinity,
        [
          0.333333333333, -0.666666666667, 1, 0.5, 0.5, -1,
        ],
        [
          0.333333333333, 0.666666666667, 0.333333333333, 7, 8, 7.5,
        ]
      ),
    ]
    for (p, output, derivative) in expected {
      let x = Tensor(values.flatMap { $0 }, shape: [2, 3]).asVariable()
      compare(
        x.normalized(order: p, along: 1, epsilon: p == 3 ? 2 : 1e-12), at: [x],
        gradient: Tensor([1, 2, 3, 7, 8, 9], shape: [2, 3]), [output, derivative])
    }
  }

  @Test func zerosStayZeros() {
    let x = Tensor<Double>(zeros: [2, 3]).asVariable()
    let output = x.normalized(along: 1)
    #expect(output.scalars == [Double](repeating: 0, count: 6))
    #expect(gradients(of: output, at: [x], gradient: Tensor(ones: [2, 3]))[0].scalars.allSatisfy { $0 == 1e12 })
  }

  @Test func everyLayoutGivesTheSame() {
    let values = Tensor<Double>.scattered(3, 4, 2, 3)
    let channels = Tensor<Double>.scattered(4, seed: 2)
    let images = Tensor<Double>.scattered(2, 3, seed: 3)
    let functions: [(String, (Tensor<Double>) -> Tensor<Double>)] = [
      ("layerNorm", { layerNorm($0, normalizedShape: [2, 3], scale: images, shift: images) }),
      ("rmsNorm", { rmsNorm($0, normalizedShape: [2, 3], scale: images) }),
      ("groupNorm", { groupNorm($0, groups: 2, scale: channels, shift: channels) }),
      ("instanceNorm", { instanceNorm($0, scale: channels, shift: channels).output }),
      ("localResponseNorm", { localResponseNorm($0, size: 3, alpha: 1) }),
      ("normalized", { $0.normalized(order: 1, along: 1, 3) }),
    ]
    for (name, function) in functions {
      let expected = function(values).scalars
      for layout in everyLayout(values) {
        #expect(distance(function(layout.tensor).scalars, expected) < 1e-12, "\(name) \(layout.label)")
      }
      let flat = broadcastLayout(values)!.tensor
      #expect(distance(function(flat).scalars, function(flat.contiguous).scalars) < 1e-12, "\(name) broadcast")
    }
  }

  @Test func largeMeansDoNotCancel() {
    let values = Tensor(scattered(3 * 8 * 50).map { Float(10_000 + 2 * $0) }, shape: [3, 8, 50])
    let exact = values.cast(to: Double.self)
    let results: [(Tensor<Float>, Tensor<Double>)] = [
      (layerNorm(values, normalizedShape: [50]), layerNorm(exact, normalizedShape: [50])),
      (groupNorm(values, groups: 4), groupNorm(exact, groups: 4)),
      (instanceNorm(values).output, instanceNorm(exact).output),
    ]
    for (single, double) in results {
      #expect(distance(single.scalars.map(Double.init), double.scalars) < 1e-5)
    }
  }

  @Test func oneValueAndNone() {
    let single = layerNorm(Tensor<Double>([3, 4], shape: [2, 1]), normalizedShape: [1], shift: Tensor([7]))
    #expect(single.scalars == [7, 7])
    #expect(groupNorm(Tensor<Double>([[1, 2], [3, 4]]), groups: 2).scalars == [0, 0, 0, 0])
    for shape in [[0, 4, 3], [2, 4, 0]] {
      let inputs = [Tensor<Double>(zeros: shape), Tensor(ones: [4]), Tensor(zeros: [4])].map { $0.asVariable() }
      for output in [
        groupNorm(inputs[0], groups: 2, scale: inputs[1], shift: inputs[2]),
        instanceNorm(inputs[0], scale: inputs[1], shift: inputs[2]).output,
        layerNorm(inputs[0], normalizedShape: [shape[2]]), rmsNorm(inputs[0], normalizedShape: [shape[2]]),
        localResponseNorm(inputs[0], size: 3), inputs[0].normalized(along: 1),
      ] {
        #expect(output.shape == shape)
        #expect(gradients(of: output.sum(), at: [inputs[0]])[0].shape == shape)
      }
    }
  }
}
