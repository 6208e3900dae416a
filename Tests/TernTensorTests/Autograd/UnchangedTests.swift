import TernTensor
import Testing

/// Operations that change nothing have results of their own: what is asked for there is not the source's gradient.
@Suite struct UnchangedTests {
  private static let all: [(String, [Int], @Sendable (Tensor<Double>) throws -> Tensor<Double>)] = [
    ("reshaped", [2, 3], { $0.reshaped([2, 3]) }), ("reshaped by -1", [6], { $0.reshaped(-1) }),
    ("broadcast", [2, 3], { $0.broadcast(to: [2, 3]) }), ("broadcast by -1", [2, 3], { $0.broadcast(to: [-1, -1]) }),
    ("squeezed", [2, 3], { $0.squeezed() }), ("squeezed a long axis", [2, 3], { $0.squeezed(1) }),
    ("flattened", [6], { $0.flattened() }), ("unflattened", [6], { $0.unflattened(0, to: [6]) }),
    ("permuted", [2, 3], { $0.permuted(0, 1) }), ("transposed", [2, 3], { $0.transposed(1, 1) }),
    ("movingAxes", [2, 3], { $0.movingAxes([], to: []) }), ("flipped", [2, 3], { $0.flipped([]) }),
    ("rolled", [3], { $0.rolled(by: [0]) }), ("rolled round", [2, 3], { $0.rolled(by: [3, -4], along: [1, 0]) }),
    ("rolled along none", [2, 3], { $0.rolled(by: [], along: []) }),
    ("concatenate", [2, 3], { concatenate([$0]) }),
    ("concatenate with nothing", [3], { concatenate([$0, Tensor(zeros: [0])]) }),
    ("stack and take", [2, 3], { stack([$0])[0] }), ("split", [2, 3], { $0.split([2])[0] }),
    ("split every", [2, 3], { $0.split(every: 5)[0] }), ("chunks", [2, 3], { $0.chunks(1)[0] }),
    ("narrowed", [2, 3], { $0.narrowed(axis: 0, start: 0, length: 2) }), ("whole", [2, 3], { $0[.ellipsis] }),
    ("padded", [2, 3], { $0.padded([(0, 0)]) }), ("padded by nothing", [2, 3], { $0.padded([]) }),
    ("reflected", [2, 3], { $0.padded([(0, 0), (0, 0)], .reflect) }),
    ("circular", [2, 3], { $0.padded([], .circular) }),
    ("tiled", [2, 3], { $0.tiled([1, 1]) }), ("tiled by nothing", [2, 3], { $0.tiled([]) }),
    ("repeatingElements", [2, 3], { $0.repeatingElements(1, along: 0) }),
    ("cast", [2, 3], { $0.cast(to: Double.self) }), ("sum", [2, 3], { $0.sum(along: []) }),
    ("product", [2, 3], { $0.product(along: []) }), ("mean", [2, 3], { $0.mean(along: []) }),
    ("amax", [2, 3], { $0.amax(along: []) }), ("logSumExp", [2, 3], { $0.logSumExp(along: []) }),
    ("adding 0", [2, 3], { $0 + 0 }), ("times 1", [2, 3], { $0 * 1 }), ("pow 1", [2, 3], { $0.pow(1) }),
    ("matrixPower", [2, 2], { try $0.matrixPower(1) }), ("meshgrid", [3], { meshgrid([$0])[0] }),
    ("einsum", [2, 3], { einsum("ij->ij", $0) }), ("scalar", [], { $0.reshaped([]) }),
    ("cumulativeSum of one", [1], { $0.cumulativeSum(along: 0) }), ("diagonal of one", [1, 1], { $0.diagonal() }),
    ("interpolate", [1, 1, 2, 3], { interpolate($0, size: [2, 3]) }),
    ("pixelShuffle", [1, 1, 2, 3], { pixelShuffle($0, upscaleFactor: 1) }),
  ]

  @Test(arguments: all.indices)
  func aResultOfItsOwn(_ index: Int) throws {
    let (name, shape, operation) = Self.all[index]
    let source = (Tensor<Double>(randomUniform: shape, generator: RandomGenerator(seed: 7)) + 1).asVariable()
    let x = source * 1
    let y = try operation(x)
    #expect(y.count == x.count, "\(name)")
    let loss = y.sum() * 2 + x.sum() * 5
    for createGraph in [false, true] {
      let found = gradients(of: loss, at: [y, x, source], retainGraph: true, createGraph: createGraph)
      #expect(found[0] == Tensor(full: y.shape, 2), "\(name)")
      #expect(found[1] == Tensor(full: shape, 7), "\(name)")
      #expect(found[2] == Tensor(full: shape, 7), "\(name)")
    }
    let constant = try withoutGradients { try operation(x) }
    #expect(!constant.requiresGradient, "\(name)")
  }

  @Test func theGradientsOfTheOperandsOfASumAreResultsOfTheirOwn() {
    let a = Tensor<Double>([1, 2]).asVariable(), b = Tensor<Double>([3, 4]).asVariable()
    let v = Tensor<Double>([5, 6]).asVariable()
    let found = gradients(of: (a + b) * 1, at: [a, b], gradient: v * 1, createGraph: true)
    let derivatives = gradients(of: (found[0] * 2 + found[1] * 7).sum(), at: [found[0], found[1], v])
    #expect(derivatives.map(\.scalars) == [[2, 2], [7, 7], [9, 9]])
  }
}
