import TernBackend
import TernTensor
import TernTestSupport
import Testing

private let rows = Tensor<Int>([2, 0, 2])
private let mask = Tensor<Bool>([true, false, true, true])

@Suite struct ShapingTests {
  let x = Tensor<Int>(Array(0..<12), shape: [3, 4])

  @Test func joiningAndTakingApart() {
    #expect(concatenate([x, x[0..<1]]).shape == [4, 4])
    #expect(concatenate(x.split([1, 0, 2])) == x)
    #expect(concatenate(x.chunks(3, along: 1), along: 1) == x)
    #expect(x.chunks(3, along: 1).map { $0.shape[1] } == [2, 2])
    #expect(stack([x, x], along: 1)[.all, 1] == x)
    #expect(stack([Tensor<Int>(zeros: [0])], along: 0).shape == [1, 0])
    #expect(concatenate([Tensor<Int>(zeros: [0]), x]) == x)
    #expect(Tensor<Int>(zeros: [0, 2]).chunks(2).map(\.shape) == [[0, 2], [0, 2]])
  }

  @Test func theGradientOfJoiningIsAView() {
    let (a, b) = (Tensor<Float>(ones: [2, 3]).asVariable(), Tensor<Float>(ones: [1, 3]).asVariable())
    let gradient = Tensor<Float>((0..<9).map(Float.init), shape: [3, 3])
    let derivatives = gradients(of: concatenate([a, b]), at: [a, b], gradient: gradient)
    #expect(derivatives[0].pointer == gradient.pointer)
    #expect(derivatives[1].pointer == gradient.pointer + 6)
  }

  @Test func joinedImagesKeepTheirOrderInMemory() {
    let image = Tensor<Float>(ones: [2, 4, 5, 3]).permuted(0, 3, 1, 2)
    let joined = concatenate([image, image], along: 1)
    #expect(joined.layout.strides == [120, 1, 30, 6])
    #expect(image.padded([(1, 1), (1, 1)]).layout.strides[1] == 1)
  }

  @Test func duplicatesAddUpAndTheLastCounts() {
    let zeros = Tensor<Int>(zeros: [3, 2])
    let values = Tensor<Int>([1, 2, 3, 4, 5, 6], shape: [3, 2])
    #expect(zeros.adding(values, at: rows).scalars == [3, 4, 0, 0, 6, 8])
    #expect(zeros.replacing(rows, with: values).scalars == [3, 4, 0, 0, 5, 6])
    #expect(
      zeros.scatterAdding(values, at: Tensor([0, 0, 0, 0, 1, 0], shape: [3, 2]), along: 0).scalars == [
        4, 12, 5, 0, 0, 0,
      ])
    #expect(Tensor<Double>(zeros: [4]).adding(Tensor(1), at: Tensor([1, 1, 3])).scalars == [0, 2, 0, 1])
  }

  @Test func longGradientsOfRowsHaveTheSameBitsWithAnyThreads() {
    let table = Tensor<Float>(randomNormal: [100, 300], generator: RandomGenerator(seed: 1)).asVariable()
    let words = Tensor<Int>((0..<5000).map { $0 * 37 % 100 })
    let gradient = Tensor<Float>(randomNormal: [5000, 300], generator: RandomGenerator(seed: 2))
    let before = Workers.count
    defer { Workers.count = before }
    var found: [Tensor<Float>] = []
    for threads in [1, 2, 3] {
      Workers.count = threads
      found += gradients(of: table.taking(words), at: [table], gradient: gradient)
    }
    #expect(found[0] == found[1] && found[1] == found[2])
    let sum = gradient[.slice(step: 100)].sum(along: 0)
    #expect(relativeDifference(found[0][0], sum) < 1e-5)
  }

  @Test func indicesByTensors() {
    #expect(x.indexed([.at(Tensor([-1, 0])), .at(Tensor([1, 2]))]).scalars == [9, 2])
    #expect(x.indexed([.all, .at(Tensor([3, 3]))]).shape == [3, 2])
    #expect(x.indexed([.where(x .> 8)]).scalars == [9, 10, 11])
    let y = Tensor<Int>(Array(0..<24), shape: [2, 3, 4])
    #expect(
      y.indexed([.at(Tensor([1])), .all, .at(Tensor([[0], [1]].flatMap { $0 }, shape: [2, 1]))]).shape == [2, 1, 3])
    #expect(x.replacing([.at(Tensor([0])), .at(Tensor([-1]))], with: Tensor(99))[0].scalars == [0, 1, 2, 99])
    #expect(x.adding(Tensor(1), at: [.at(Tensor([0, 0]))])[0].scalars == [2, 3, 4, 5])
  }

  @Test func masks() {
    #expect(x.filled(with: -1, where: x .> 9).scalars.suffix(3) == [9, -1, -1])
    #expect(x.elements(where: mask).scalars == [0, 2, 3, 4, 6, 7, 8, 10, 11])
    #expect(x.elements(where: Tensor(false)).shape == [0])
    #expect((x .> 9).nonZero().scalars == [2, 2, 2, 3])
    #expect(Tensor<Double>(3).nonZero().shape == [1, 0])
    #expect(Tensor<Double>(zeros: [0, 2]).nonZero().shape == [0, 2])
    #expect((x .> 9).nonZero(count: 1).scalars == [2, 2])
    #expect((x .> 9).nonZero(count: 4, filling: -5).scalars == [2, 2, 2, 3, -5, -5, -5, -5])
    #expect(Tensor<Double>(3).nonZero(count: 2).shape == [2, 0])
  }

  @Test func distinctValuesAndCounts() {
    let (values, inverse, counts) = Tensor<Int>([3, 1, 3, 2, 1, 3], shape: [2, 3]).unique()
    #expect(values.scalars == [1, 2, 3])
    #expect(inverse.scalars == [2, 0, 2, 1, 0, 2])
    #expect(inverse.shape == [2, 3])
    #expect(counts.scalars == [2, 1, 3])
    let slices = Tensor<Int>([1, 2, 0, 5, 1, 2, 0, 4], shape: [4, 2]).unique(along: 0)
    #expect(slices.values.scalars == [0, 4, 0, 5, 1, 2])
    #expect(slices.inverse.scalars == [2, 1, 2, 0])
    #expect(slices.counts.scalars == [1, 1, 2])
    #expect(Tensor<Float>(zeros: [0]).unique().counts.shape == [0])
    #expect(Tensor<Float>([.nan, .nan]).unique().counts.scalars == [1, 1])
    #expect(Tensor<Int>([1, 4, 1]).binCounts().scalars == [0, 2, 0, 0, 1])
    #expect(
      Tensor<Int>([1, 4, 1]).binCounts(weights: Tensor<Double>([1, 2, 4]), minimumLength: 6).scalars == [
        0, 5, 0, 0, 2, 0,
      ])
    #expect(Tensor<Int>([1, 0]).oneHot(classes: 3).scalars == [0, 1, 0, 1, 0, 0])
    #expect(Tensor<Int>(2).oneHot().scalars == [0, 0, 1])
  }

  @Test func placesInSortedSequences() {
    let sequence = Tensor<Double>([1, 2, 2, 5])
    let values = Tensor<Double>([0, 1, 2, 3, 9, .nan])
    #expect(searchSorted(sequence, values).scalars == [0, 0, 1, 3, 4, 4])
    #expect(searchSorted(sequence, values, right: true).scalars == [0, 1, 3, 3, 4, 4])
    #expect(searchSorted(sequence, Tensor(2)).shape == [])
    let open = Tensor<Float>([1, 2, .infinity, .nan, .nan])
    #expect(searchSorted(open, Tensor([2, .infinity, .nan])).scalars == [1, 2, 5])
    #expect(searchSorted(open, Tensor([2, .infinity, .nan]), right: true).scalars == [2, 3, 5])
    for n in [1, 2, 3, 7, 64, 100] {
      let edges = Tensor<Int32>((0..<n).map { Int32($0 / 2 * 3) })
      let wanted = Tensor<Int32>((0..<200).map { Int32($0 * 37 % 170 - 3) })
      let (left, right) = (searchSorted(edges, wanted).scalars, searchSorted(edges, wanted, right: true).scalars)
      for (i, value) in wanted.scalars.enumerated() {
        #expect(left[i] == edges.scalars.filter { $0 < value }.count)
        #expect(right[i] == edges.scalars.filter { $0 <= value }.count)
      }
    }
  }

  @Test func gridsTrianglesAndRolls() {
    let (a, b) = (Tensor<Int>([1, 2]), Tensor<Int>([3, 4, 5]))
    #expect(meshgrid([a, b])[1].scalars == [3, 4, 5, 3, 4, 5])
    #expect(meshgrid([a, b], indexing: .xy)[0].scalars == [1, 2, 1, 2, 1, 2])
    #expect(x.lowerTriangle().scalars == [0, 0, 0, 0, 4, 5, 0, 0, 8, 9, 10, 0])
    #expect(x.upperTriangle(diagonal: 2).scalars == [0, 0, 2, 3, 0, 0, 0, 7, 0, 0, 0, 0])
    #expect(Tensor<Double>(full: [2, 2], .nan).lowerTriangle()[0, 1].item == 0)
    #expect(a.diagonalMatrix(offset: 1).scalars == [0, 1, 0, 0, 0, 2, 0, 0, 0])
    #expect(b.rolled(by: -4).scalars == [4, 5, 3])
    #expect(b.tiled([2]).scalars == [3, 4, 5, 3, 4, 5])
    #expect(b.repeatingElements(2).scalars == [3, 3, 4, 4, 5, 5])
  }

  @Test func foldingSumsTheOverlaps() {
    let image = Tensor<Double>((1...16).map(Double.init), shape: [1, 1, 4, 4])
    let geometry = PatchGeometry(kernel: (2, 2))
    let columns = image.unfolded(geometry)
    #expect(columns.shape == [1, 4, 9])
    #expect(columns[0, .all, 0].scalars == [1, 2, 5, 6])
    let counts = Tensor<Double>([1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1], shape: [1, 1, 4, 4])
    #expect(columns.folded(into: (4, 4), geometry) == image * counts)
  }
}
