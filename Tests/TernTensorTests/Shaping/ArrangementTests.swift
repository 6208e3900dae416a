import TernTensor
import TernTestSupport
import Testing

/// Windows, diagonals, grids, stacks and the order of memory.
@Suite struct ArrangementTests {
  private let x = Tensor<Double>((0..<24).map { Double($0 * 7 % 24) / 4 }, shape: [2, 3, 4])

  @Test func windowsAreViewsOfEveryLayout() {
    let windows = x.windows(along: 2, size: 2, step: 2)
    #expect(windows.shape == [2, 3, 2, 2])
    #expect(windows.scalars == x.scalars)
    let overlapping = x.windows(along: 1, size: 2)
    #expect(overlapping.selected(axis: -1, index: 1) == x.narrowed(axis: 1, start: 1, length: 2))
    for layout in everyLayout(x) {
      #expect(layout.tensor.windows(along: 1, size: 2) == overlapping, "\(layout.label)")
      #expect(layout.tensor.diagonalMatrices(offset: -1) == x.diagonalMatrices(offset: -1), "\(layout.label)")
      #expect(layout.tensor.rotated(quarterTurns: 3, axes: 0, 2) == x.rotated(quarterTurns: -1, axes: 0, 2))
      #expect(layout.tensor.clone() == x, "\(layout.label)")
      #expect(layout.tensor.asChannelsLast() == x, "\(layout.label)")
      #expect(layout.tensor.asChannelsLast().isChannelsLast, "\(layout.label)")
      #expect(layout.tensor.asContiguous().isContiguous, "\(layout.label)")
    }
    var changed = x
    var view = changed.windows(along: 0, size: 1)
    changed[0, 0, 0] = 100
    view[0, 0, 0, 0] = 50
    #expect(changed.scalars[0] == 100)
    #expect(x.scalars[0] == 0)
  }

  @Test func gradientsOfBothOrders() {
    #expect(checkGradients(at: [x]) { $0[0].windows(along: 2, size: 3).square() }.passes())
    #expect(checkGradients(at: [x]) { $0[0].diagonalMatrices(axes: 0, 2).square() }.passes())
    #expect(checkGradients(at: [x]) { $0[0].rotated(axes: 2, 0).square() }.passes())
    #expect(checkGradients(at: [x]) { $0[0].sum(to: [3, 1]).square() }.passes())
    #expect(checkGradients(at: [x]) { $0[0].asChannelsLast().square() }.passes())
    let (v, m) = (Tensor([0.5, -1, 2]), Tensor([1.5, 0.25], shape: [2, 1]))
    #expect(checkGradients(at: [v, m]) { blockDiagonal([$0[0], $0[1]]).square() }.passes())
    #expect(checkGradients(at: [v, m]) { cartesianProduct([$0[0], $0[1].flattened()]).square() }.passes())
    #expect(checkGradients(at: [v]) { $0[0].combinations(repeating: true).square() }.passes())
  }

  @Test func orderOfMemory() {
    #expect(x.isContiguous)
    #expect(!x.isChannelsLast)
    #expect(x.permuted(0, 2, 1).isChannelsLast)
    #expect(!x.permuted(0, 2, 1).isContiguous)
    #expect(!Tensor<Float>(3).isChannelsLast)
    let images = Tensor<Float>(zeros: [2, 3, 4, 5]).asChannelsLast()
    #expect(images.isChannelsLast)
    #expect((images + 1).isChannelsLast)
    #expect(images.clone().isChannelsLast)
    #expect(images.asContiguous().isContiguous)
  }

  @Test func gridsAndChoices() {
    let chosen = Tensor<Int>([7, 8, 9]).combinations()
    #expect(chosen.scalars == [7, 8, 7, 9, 8, 9])
    #expect(Tensor<Int>(0..<20).combinations(of: 10).shape == [184_756, 10])
    #expect(Tensor<Int>(0..<5).combinations(of: 3, repeating: true).shape == [35, 3])
    #expect(lowerTriangleIndices(rows: 2, columns: 3).scalars == [0, 1, 1, 0, 0, 1])
    #expect(upperTriangleIndices(rows: 2, columns: 3, diagonal: .max).shape == [2, 0])
    #expect(lowerTriangleIndices(rows: 2, columns: 3, diagonal: .max).shape == [2, 6])
    let places = Tensor<Int>([0, 23, 7]).unraveled([2, 3, 4])
    #expect(places.map(\.scalars) == [[0, 1, 0], [0, 2, 1], [0, 3, 3]])
    #expect(x.split(into: 5, along: 2).map { $0.shape[2] } == [1, 1, 1, 1, 0])
    #expect(x.split(at: [-3, 9], along: 2).map { $0.shape[2] } == [1, 3, 0])
    #expect(broadcastShape(of: [[3, 1], [], [2, 1, 4]]) == [2, 3, 4])
    let single = Tensor<Float>(3)
    #expect(single.transposed(0, -1) == single)
    #expect(single.squeezed(0) == single)
  }

  @Test func messages() async {
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [3]).windows(along: 0, size: 4)
    }
    let sizeText = text(size?.standardErrorContent)
    #expect(sizeText.contains("windows: size 4 and step 1 over axis 0 of [3], expected a size in 0...3"))
    let place = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Int>([6]).unraveled([2, 3])
    }
    let placeText = text(place?.standardErrorContent)
    #expect(placeText.contains("unraveled: place 6 outside the 6 elements of [2, 3]"))
    let many = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Int>(0..<200).combinations(of: 100)
    }
    let manyText = text(many?.standardErrorContent)
    #expect(manyText.contains("combinations: choices of 100 among 200 are too many"))
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [2, 3]).sum(to: [2])
    }
    let shapeText = text(shape?.standardErrorContent)
    #expect(shapeText.contains("sum: shapes do not broadcast"))
  }
}
