import TernNN
import TernTensor

// Written by Tables/remaining.py.

let remainingRows: [DistributionRow] = [
  DistributionRow(
    "continuousBernoulli", [[0.02, 0.3, 0.6, 0.999]], [0.03, 0.5, 0.9, 0.98],
    logProbability: [1.2627416693976385, -0.029736123251875357, 0.1553453221394131, 1.7953662929322491],
    slopes: [
      [-10.516114176099082, 0.3322738040770068, 1.5262644265684655, 123.9077013723743],
      [-3.8918202981106265, -0.8472978603872038, 0.4054651081081643, 6.906754778648552],
    ],
    entropy: [-0.4605758678849286, -0.02938620223212912, -0.006822049166558264, -0.9404219844758108],
    mean: [0.23611583785154203, 0.43022250114382865, 0.5336965376235683, 0.8562162063289981],
    variance: [0.04475551546148327, 0.08042515220619428, 0.08265276852997605, 0.01995991918950142],
    cumulative: [0.1124922438790294, 0.60435607626104, 0.8807935023766547, 0.8708517405807382],
    quantile: [0.08940973359326904, 0.22194347501007775, 0.34469536238830906, 0.8260196145267373],
    divergence: [0.3604207686552243, 0.37633728249904086, 0.1323662173932586, 0.6683368782698789],
    other: [[0.4, 0.9, 0.2, 0.7]]),
  DistributionRow(
    "continuousBernoulliLogits", [[-30.0, -1.5, 0.4, 12.0]], [0.03, 0.5, 0.9, 0.98],
    logProbability: [2.501197381662248, -0.09205243296638166, 0.15334219971477303, 2.24491279401933],
    slopes: [
      [-0.003333333333239756, 0.12055025012220169, 0.36675521828026364, 0.06332718908322002], [-30.0, -1.5, 0.4, 12.0],
    ],
    entropy: [-2.4011973816650563, -0.08877294221692081, -0.006640112402667597, -1.4849865250205898],
    mean: [0.033333333333239755, 0.37944974987779834, 0.5332447817197363, 0.91667281091678],
    variance: [0.001111111111017535, 0.07473397036587248, 0.08267087588972455, 0.006938300156586336],
    cumulative: [0.5934303402594564, 0.6791786991753929, 0.8810647709204803, 0.7866265500547472],
    quantile: [0.011889164797956406, 0.17689863251462667, 0.3440674434664706, 0.8996701276722424],
    divergence: [3.4959700765697717, 0.0563550586913496, 1.0566653591177608, 0.037583232011950685],
    other: [[2.0, -0.3, -5.0, 9.0]]),
  DistributionRow(
    "generalizedPareto", [[0.0, -1.0, 2.0, 0.5], [1.0, 0.4, 3.0, 2.0], [0.3, -0.5, 0.001, 1.5]],
    [0.7, -0.5, 9.0, 40.0],
    logProbability: [-0.8260215583041488, -0.06453852113757119, -3.431558242288717, -6.39617496200143],
    slopes: [
      [1.0743801652892564, 3.333333333333333, 0.3328899235118058, 0.04081632653061224],
      [-0.2479338842975206, 1.666666666666666, 0.4434098215275469, 0.30612244897959173],
      [-0.3888830566899344, -0.5899836787135717, 0.38587369968445273, 0.4459774764116071],
      [-1.0743801652892564, -3.333333333333333, -0.3328899235118058, -0.04081632653061224],
    ],
    entropy: [1.3, -0.4162907318741551, 2.0996122886681094, 3.1931471805599454],
    mean: [1.4285714285714286, -0.7333333333333334, 5.003003003003004, .infinity],
    variance: [5.102040816326531, 0.035555555555555556, 9.036099234514083, .infinity],
    cumulative: [0.4702770784654339, 0.859375, 0.9027641042920471, 0.8978395959889637],
    quantile: [0.3764567270021385, -0.8693280212272605, 3.0702156800292313, 1.4432925892083686],
    divergence: [], other: []),
  DistributionRow(
    "fisherSnedecor", [[1.0, 3.5, 10.0, 2.0], [1.5, 2.5, 7.0, 30.0]], [0.2, 1.5, 9.0, 1.0],
    logProbability: [-0.4283852573073481, -1.625460951302811, -6.602294196664072, -1.0326163382011384],
    slopes: [
      [0.1509363410450315, 0.06227839610461887, -0.03912387332718148, 0.27282013549460604],
      [0.13132798408104135, 0.12232110429826788, -0.41356219223632756, 0.0010640727645478965],
      [-3.235294117647059, -0.8548387096774195, -0.4318442153493699, -1.0],
    ],
    entropy: [1.9135674487812557, 1.8822267406083952, 1.1651816242495627, 1.06666666666667],
    mean: [.infinity, 5.0, 1.4, 1.0714285714285714], variance: [.infinity, .infinity, 1.96, 1.3245682888540031],
    cumulative: [0.2892135163846037, 0.5977937807969343, 0.9959671213606267, 0.6201875941847543], quantile: [],
    divergence: [], other: []),
  DistributionRow(
    "lowRankNormal",
    [
      [-1.0, 0.0, 2.5],
      [
        0.8032760780963507, 0.17483339327910358, 0.08897809502587893, -0.6137180077293578, 0.04618245168476012,
        -1.3682591776659836,
      ], [0.5, 2.0, 0.1],
    ], [-0.4, 0.9, 3.0],
    logProbability: [-3.8748593916693097],
    slopes: [
      [0.5494951915168219, 0.3253653848875669, 0.17044790278280786],
      [
        -0.4359818834466571, -0.21583214589096614, 0.1388428928220479, -0.09454459462835169, -0.006257706600386825,
        0.6260556851029686,
      ], [-0.2823544011889877, -0.1943872124923174, -0.28940307751881633],
      [-0.5494951915168219, -0.3253653848875669, -0.17044790278280786],
    ],
    entropy: [5.020984435319157], mean: [-1.0, 0.0, 2.5],
    variance: [1.1758191730473402, 2.3845668944057263, 1.9742659961108089],
    cumulative: [], quantile: [],
    divergence: [2.1472718538824704],
    other: [
      [0.5, -0.2, 2.0],
      [
        0.33749509853046344, 1.0111158511791591, -1.4351793230898824, 0.9774318000770603, 0.5220499382748476,
        1.2379166964530786,
      ], [1.0, 0.7, 0.3],
    ]),
]

let remainingDivergences: [(name: String, found: @Sendable () -> Tensor<Double>, expected: [Double])] = [
  (
    "Beta, ContinuousBernoulli", { klDivergence(betas, continuousBernoullis) },
    [0.026394690782244323, 0.21651688122349322, 0.6437880933160343]
  ),
  ("Beta, Pareto", { klDivergence(betas, paretos) }, [.infinity, .infinity, .infinity]),
  (
    "Exponential, ContinuousBernoulli", { klDivergence(exponentials, continuousBernoullis) },
    [.infinity, .infinity, .infinity]
  ),
  ("Exponential, Pareto", { klDivergence(exponentials, paretos) }, [.infinity, .infinity, .infinity]),
  ("Gamma, ContinuousBernoulli", { klDivergence(gammas, continuousBernoullis) }, [.infinity, .infinity, .infinity]),
  ("Gamma, Pareto", { klDivergence(gammas, paretos) }, [.infinity, .infinity, .infinity]),
  ("Gumbel, ContinuousBernoulli", { klDivergence(gumbels, continuousBernoullis) }, [.infinity, .infinity, .infinity]),
  ("Gumbel, Pareto", { klDivergence(gumbels, paretos) }, [.infinity, .infinity, .infinity]),
  (
    "Laplace, ContinuousBernoulli", { klDivergence(laplaces, continuousBernoullis) }, [.infinity, .infinity, .infinity]
  ),
  ("Laplace, Pareto", { klDivergence(laplaces, paretos) }, [.infinity, .infinity, .infinity]),
  ("Normal, ContinuousBernoulli", { klDivergence(normals, continuousBernoullis) }, [.infinity, .infinity, .infinity]),
  ("Normal, Pareto", { klDivergence(normals, paretos) }, [.infinity, .infinity, .infinity]),
  ("Pareto, Beta", { klDivergence(paretos, betas) }, [.infinity, .infinity, .infinity]),
  ("Pareto, ContinuousBernoulli", { klDivergence(paretos, continuousBernoullis) }, [.infinity, .infinity, .infinity]),
  ("Pareto, Uniform", { klDivergence(paretos, uniforms) }, [.infinity, .infinity, .infinity]),
  (
    "Pareto, Exponential", { klDivergence(paretos, exponentials) },
    [2.2553122189811736, 1.072767616521698, 7.023809523809524]
  ),
  ("Pareto, Gamma", { klDivergence(paretos, gammas) }, [1.5886728728666948, 1.9284926315842177, 1.487767499892847]),
  ("Pareto, Normal", { klDivergence(paretos, normals) }, [2.808812839751746, 1.862685113927733, 1.8282415394028426]),
  ("ContinuousBernoulli, Pareto", { klDivergence(continuousBernoullis, paretos) }, [.infinity, .infinity, .infinity]),
  (
    "ContinuousBernoulli, Exponential", { klDivergence(continuousBernoullis, exponentials) },
    [1.2279696931995776, 0.4849648308930212, 1.271449500907722]
  ),
  (
    "ContinuousBernoulli, Normal", { klDivergence(continuousBernoullis, normals) },
    [1.6045894929797666, 1.1828237689052703, 1.8861677591184454]
  ),
  (
    "Uniform, ContinuousBernoulli", { klDivergence(uniforms, continuousBernoullis) },
    [0.41677779614929156, 0.6847909467685458, .infinity]
  ),
  ("Uniform, Pareto", { klDivergence(uniforms, paretos) }, [.infinity, .infinity, 3.5143231911298143]),
  ("Poisson, Binomial", { klDivergence(poissons, binomials) }, [.infinity, .infinity, .infinity]),
]

private let continuousBernoullis = ContinuousBernoulliDistribution(probability: Tensor<Double>([0.1, 0.45, 0.9]))
private let paretos = ParetoDistribution(scale: Tensor<Double>([0.3, 0.8, 2]), alpha: Tensor([3.5, 2.5, 7]))
private let betas = BetaDistribution(alpha: Tensor<Double>([0.7, 2, 5]), beta: Tensor([1.5, 3, 0.6]))
private let exponentials = ExponentialDistribution(rate: Tensor<Double>([0.4, 1, 3.5]))
private let gammas = GammaDistribution(concentration: Tensor<Double>([0.6, 2, 7]), rate: Tensor([1.5, 0.4, 2]))
private let gumbels = GumbelDistribution(location: Tensor<Double>([-1, 0.3, 2]), scale: Tensor([0.8, 2, 1.1]))
private let laplaces = LaplaceDistribution(mean: Tensor<Double>([-0.5, 0, 1.2]), scale: Tensor([0.7, 1, 2.5]))
private let normals = NormalDistribution(mean: Tensor<Double>([-0.4, 0.1, 1.5]), deviation: Tensor([0.5, 1.2, 2]))
private let uniforms = UniformDistribution(low: Tensor<Double>([0.1, 0.2, 3]), high: Tensor([0.9, 0.7, 5]))
private let poissons = PoissonDistribution(rate: Tensor<Double>([0.3, 1, 4]))
private let binomials = BinomialDistribution(count: Tensor<Double>(9), probability: Tensor([0.3, 0.5, 0.9]))

/// From the low-rank normal distribution above to one of the covariance diag(0.5, 2, 1.5) + 0.2, and back.
let lowRankDivergences: [Double] = [2.1786926711319206, 1.12528098201025]
