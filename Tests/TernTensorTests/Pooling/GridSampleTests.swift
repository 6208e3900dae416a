import TernTensor
import TernTestSupport
import Testing

@Suite struct GridSampleTests {
  private let modes: [GridSampleMode] = [.nearest, .linear, .cubic]
  private let paddings: [GridSamplePadding] = [.zeros, .border, .reflection]

  @Test func theIdentityChangesNothing() {
    for x in [numbers([2, 3, 4, 5], Double.self), numbers([2, 2, 3, 4, 2], Double.self)] {
      let rank = x.rank - 2
      let identity = Tensor<Double>(eye: rank, columns: rank + 1).expandedAxis(at: 0).broadcast(to: [2, rank, rank + 1])
      for aligns in [false, true] {
        let grid = affineGrid(identity, size: Array(x.shape.dropFirst(2)), alignsCorners: aligns)
        for mode in modes {
          for padding in paddings {
            for laid in everyLayout(x) {
              let y = gridSample(laid.tensor, at: grid, mode: mode, padding: padding, alignsCorners: aligns)
              #expect(relativeDifference(y, x) < 1e-13, "\(mode) \(padding) \(aligns) \(laid.label)")
            }
          }
        }
      }
    }
  }

  @Test func gradientsOfEveryOrder() {
    for (x, points) in [
      (numbers([1, 2, 3, 4], Double.self), [1, 2, 3, 2]), (numbers([1, 2, 3, 2, 3], Double.self), [1, 2, 1, 2, 3]),
    ] {
      // Positions that are not at a kink, some of them outside.
      let count = points.reduce(1, *)
      let places = (0..<count).map { (i: Int) -> Double in
        let part = Double((i * 37 + 11) % 50) / 25 - 1
        return part * 1.37 + 0.0137
      }
      let grid = Tensor(places, shape: points)
      for mode: GridSampleMode in [.linear, .cubic] {
        for padding in paddings {
          let check = checkGradients(at: [x, grid]) { gridSample($0[0], at: $0[1], mode: mode, padding: padding) }
          #expect(check.passes(), "\(mode) \(padding): \(check)")
        }
      }
    }
  }

  @Test func outsideAndNowhere() {
    let x = Tensor<Double>([1, 2, 3, 4, 5, 6], shape: [1, 1, 2, 3])
    let places: [Double] = [.infinity, 0, -.infinity, 0, 1e300, -1e300, .nan, 0]
    let grid = Tensor(places, shape: [1, 1, 4, 2])
    for mode in modes {
      let zeros = gridSample(x, at: grid, mode: mode).scalars
      #expect(Array(zeros[0..<3]) == [0, 0, 0], "\(mode): \(zeros)")
      #expect(zeros[3].isNaN, "\(mode): \(zeros)")
      let border = gridSample(x, at: grid, mode: mode, padding: .border).scalars
      let rows: (Double, Double) = mode == .nearest ? (3, 1) : (4.5, 2.5)
      #expect(Array(border[0..<3]) == [rows.0, rows.1, 3], "\(mode): \(border)")
      #expect(border[3].isNaN, "\(mode): \(border)")
      let mirrored = gridSample(x, at: grid, mode: mode, padding: .reflection).scalars
      #expect(mirrored[0].isNaN && mirrored[1].isNaN && mirrored[3].isNaN, "\(mode): \(mirrored)")
    }
  }

  @Test func anInfinityCountsOnlyWhereItHasWeight() {
    let x = Tensor<Double>([1, .infinity, 3], shape: [1, 1, 1, 3])
    let grid = Tensor<Double>([-1, 0, 0, 0, 1, 0], shape: [1, 1, 3, 2])
    for laid in everyLayout(x) {
      let y = gridSample(laid.tensor, at: grid, alignsCorners: true)
      #expect(y.scalars == [1, .infinity, 3], "\(laid.label): \(y.scalars)")
    }
  }

  @Test func manyPointsAndChannelsInEveryLayout() {
    let x = numbers([2, 19, 7, 9], Double.self)
    let grid = affineGrid(numbers([2, 2, 3], Double.self), size: [31, 40])
    for mode in modes {
      let expected = gridSample(x, at: grid, mode: mode, padding: .reflection)
      let variable = x.asVariable()
      let slope = gradients(of: gridSample(variable, at: grid, mode: mode).square().sum(), at: [variable])[0]
      for laid in everyLayout(x) {
        let y = gridSample(laid.tensor, at: grid, mode: mode, padding: .reflection)
        #expect(relativeDifference(y, expected) < 1e-14, "\(mode) \(laid.label)")
        let other = laid.tensor.asVariable()
        let found = gradients(of: gridSample(other, at: grid, mode: mode).square().sum(), at: [other])[0]
        #expect(relativeDifference(found, slope) < 1e-13, "\(mode) \(laid.label)")
      }
    }
  }

  @Test func emptyGridsAndBatches() {
    #expect(gridSample(Tensor<Float>(ones: [1, 2, 3, 3]), at: Tensor(zeros: [1, 0, 4, 2])).shape == [1, 2, 0, 4])
    #expect(gridSample(Tensor<Float>(ones: [0, 2, 3, 3]), at: Tensor(zeros: [0, 2, 4, 2])).shape == [0, 2, 2, 4])
    #expect(gridSample(Tensor<Float>(ones: [1, 0, 3, 3]), at: Tensor(zeros: [1, 2, 4, 2])).shape == [1, 0, 2, 4])
  }

  @Test func messages() async {
    let grid = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gridSample(Tensor<Float>(zeros: [2, 1, 4, 4]), at: Tensor(zeros: [1, 3, 3, 2]))
    }
    expectLine(
      "gridSample: grid [1, 3, 3, 2] is not [2, .., 2] of rank 4 for input [2, 1, 4, 4]", in: grid?.standardErrorContent
    )
    let theta = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = affineGrid(Tensor<Float>(zeros: [2, 2, 3]), size: [2, 2, 2])
    }
    expectLine("affineGrid: theta [2, 2, 3] is not [batch, 3, 4]", in: theta?.standardErrorContent)
  }
}
