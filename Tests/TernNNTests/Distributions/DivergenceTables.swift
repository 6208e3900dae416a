import TernNN
import TernTensor

// Written by Tables/divergences.py.

let familyDivergences: [(name: String, found: @Sendable () -> Tensor<Double>, expected: [Double])] = [
  (
    "Beta, Exponential", { klDivergence(betas, exponentials) },
    [1.2758192827915393, 0.6349066497880004, 3.185586249653385]
  ),
  ("Beta, Gamma", { klDivergence(betas, gammas) }, [0.1587565479460888, 3.3108214468696433, 5.574569958449509]),
  ("Beta, Normal", { klDivergence(betas, normals) }, [1.6252062671984753, 1.3813056286755165, 2.9733245423029815]),
  ("Beta, Uniform", { klDivergence(betas, uniforms) }, [.infinity, .infinity, 1.7188143262569173]),
  ("Exponential, Beta", { klDivergence(exponentials, betas) }, [.infinity, .infinity, .infinity]),
  ("Exponential, Uniform", { klDivergence(exponentials, uniforms) }, [.infinity, .infinity, .infinity]),
  (
    "Exponential, Gamma", { klDivergence(exponentials, gammas) },
    [2.1242940881192305, 1.8097971286498433, 13.531284288395831]
  ),
  (
    "Exponential, Gumbel", { klDivergence(exponentials, gumbels) },
    [2.3050214251413776, 0.8177033423788006, 3.680042161935013]
  ),
  (
    "Exponential, Normal", { klDivergence(exponentials, normals) },
    [27.629500620770568, 0.7297323122208496, 2.0593639883824353]
  ),
  ("Gamma, Beta", { klDivergence(gammas, betas) }, [.infinity, .infinity, .infinity]),
  ("Gamma, Uniform", { klDivergence(gammas, uniforms) }, [.infinity, .infinity, .infinity]),
  (
    "Gamma, Exponential", { klDivergence(gammas, exponentials) },
    [1.0997696674703608, 2.506493603224312, 9.347839010645277]
  ),
  ("Gamma, Gumbel", { klDivergence(gammas, gumbels) }, [1.749488468584208, 0.7791389058046589, 0.25678297138118156]),
  ("Gamma, Normal", { klDivergence(gammas, normals) }, [2.0626036215742665, 11.28483702655627, 0.6814376929052628]),
  ("Gumbel, Beta", { klDivergence(gumbels, betas) }, [.infinity, .infinity, .infinity]),
  ("Gumbel, Exponential", { klDivergence(gumbels, exponentials) }, [.infinity, .infinity, .infinity]),
  ("Gumbel, Gamma", { klDivergence(gumbels, gammas) }, [.infinity, .infinity, .infinity]),
  ("Gumbel, Uniform", { klDivergence(gumbels, uniforms) }, [.infinity, .infinity, .infinity]),
  (
    "Gumbel, Normal", { klDivergence(gumbels, normals) }, [1.0154485104860704, 1.7525015829208321, 0.34936646156943296]
  ),
  ("Laplace, Beta", { klDivergence(laplaces, betas) }, [.infinity, .infinity, .infinity]),
  ("Laplace, Exponential", { klDivergence(laplaces, exponentials) }, [.infinity, .infinity, .infinity]),
  ("Laplace, Gamma", { klDivergence(laplaces, gammas) }, [.infinity, .infinity, .infinity]),
  ("Laplace, Uniform", { klDivergence(laplaces, uniforms) }, [.infinity, .infinity, .infinity]),
  (
    "Laplace, Normal", { klDivergence(laplaces, normals) },
    [0.8693191160235143, 0.10602957610534869, 0.5763978013305178]
  ),
  ("Normal, Beta", { klDivergence(normals, betas) }, [.infinity, .infinity, .infinity]),
  ("Normal, Exponential", { klDivergence(normals, exponentials) }, [.infinity, .infinity, .infinity]),
  ("Normal, Gamma", { klDivergence(normals, gammas) }, [.infinity, .infinity, .infinity]),
  ("Normal, Uniform", { klDivergence(normals, uniforms) }, [.infinity, .infinity, .infinity]),
  (
    "Normal, Gumbel", { klDivergence(normals, gumbels) }, [0.37531678285291514, 0.31501690289875484, 5.755815484916905]
  ),
  (
    "Normal, Laplace", { klDivergence(normals, laplaces) },
    [0.1919589352097376, 0.05267115995186311, 0.14282737429096282]
  ),
  ("Uniform, Beta", { klDivergence(uniforms, betas) }, [0.18896850901103596, 0.3331022863268781, .infinity]),
  (
    "Uniform, Exponential", { klDivergence(uniforms, exponentials) },
    [1.2016512475319812, 1.1431471805599454, .infinity]
  ),
  ("Uniform, Gamma", { klDivergence(uniforms, gammas) }, [0.4931711025990321, 3.561298400848841, .infinity]),
  ("Uniform, Gumbel", { klDivergence(uniforms, gumbels) }, [1.8667083489209735, 2.39145573431206, 3.3963674063924985]),
  (
    "Uniform, Normal", { klDivergence(uniforms, normals) }, [1.911151868302554, 1.8441757890770913, 1.4253706056564535]
  ),
  (
    "Bernoulli, Poisson", { klDivergence(bernoullis, poissons) },
    [0.04039213732699931, 0.3068528194400547, 2.6137056388801088]
  ),
  ("Poisson, Bernoulli", { klDivergence(poissons, bernoullis) }, [.infinity, .infinity, .infinity]),
]

private let betas = BetaDistribution(alpha: Tensor<Double>([0.7, 2.0, 5.0]), beta: Tensor<Double>([1.5, 3.0, 0.6]))
private let exponentials = ExponentialDistribution(rate: Tensor<Double>([0.4, 1.0, 3.5]))
private let gammas = GammaDistribution(
  concentration: Tensor<Double>([0.6, 2.0, 7.0]), rate: Tensor<Double>([1.5, 0.4, 2.0]))
private let gumbels = GumbelDistribution(
  location: Tensor<Double>([-1.0, 0.3, 2.0]), scale: Tensor<Double>([0.8, 2.0, 1.1]))
private let laplaces = LaplaceDistribution(
  mean: Tensor<Double>([-0.5, 0.0, 1.2]), scale: Tensor<Double>([0.7, 1.0, 2.5]))
private let normals = NormalDistribution(
  mean: Tensor<Double>([-0.4, 0.1, 1.5]), deviation: Tensor<Double>([0.5, 1.2, 2.0]))
private let uniforms = UniformDistribution(
  low: Tensor<Double>([0.0, 0.2, -0.5]), high: Tensor<Double>([0.9, 0.7, 1.0]))
private let bernoullis = BernoulliDistribution(probability: Tensor<Double>([0.2, 0.5, 1.0]))
private let poissons = PoissonDistribution(rate: Tensor<Double>([0.3, 1.0, 4.0]))

/// The distribution function of the gamma distributions above at 0.2, 1.5, 9.
let gammaProbabilities: [Double] = [0.48758310878068506, 0.1219013822495577, 0.9989565544897424]
