import TernTensor
import TernTestSupport

/// Sampling of images with hostile extents, positions and scales.
let hostileSamplingTable = makeTable()

private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("interpolate antialiased") { n in
    _ = interpolate(
      n.floats(3 + n.below(3)), size: n.list(1 + n.below(3)), mode: n.one(of: [.linear, .cubic, .lanczos, .area]),
      alignsCorners: n.flag(), antialiases: n.flag())
  }
  table.add("interpolate by scales") { n in
    _ = interpolate(
      n.floats(3 + n.below(3)), scale: [n.real()], mode: n.one(of: [.cubic, .area, .lanczos]), alignsCorners: n.flag(),
      recomputesScale: n.flag(), antialiases: n.flag())
  }
  table.add("gridSample") { n in
    let rank = 4 + n.below(2)
    let modes: [GridSampleMode] = [.nearest, .linear, .cubic]
    let paddings: [GridSamplePadding] = [.zeros, .border, .reflection]
    _ = gridSample(
      n.floats(rank), at: n.floats(n.flag() ? rank : nil), mode: n.one(of: modes), padding: n.one(of: paddings),
      alignsCorners: n.flag())
  }
  table.add("gridSample anywhere") { n in
    let modes: [GridSampleMode] = [.nearest, .linear, .cubic]
    let paddings: [GridSamplePadding] = [.zeros, .border, .reflection]
    let places: [Float] = (0..<6).map { _ in Float(n.real()) }
    let grid = Tensor<Float>(places, shape: [1, 3, 1, 2]).asVariable()
    let x = Tensor<Float>(ones: [1, 2, 3, 2]).asVariable()
    let y = gridSample(
      x, at: grid, mode: n.one(of: modes), padding: n.one(of: paddings), alignsCorners: n.flag())
    _ = gradients(of: y.sum(), at: [x, grid])
  }
  table.add("affineGrid") { n in
    _ = affineGrid(n.flag() ? n.floats(3) : Tensor<Float>(ones: [1, 2, 3]), size: n.list(2 + n.below(2)))
  }
  return table
}
