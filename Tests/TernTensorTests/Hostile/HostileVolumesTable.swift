import TernTensor
import TernTestSupport

/// Convolutions and pools of volumes with hostile extents and distances.
let hostileVolumesTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("conv3D") { n in
    let stride = Triple(n.any(), n.any(), n.any())
    _ = conv3D(
      n.floats(5), n.floats(5), stride: n.flag() ? 1 : stride,
      padding: n.flag() ? [0, 0, 0] : [n.any(), n.any(), n.any()],
      dilation: n.flag() ? 1 : Triple(n.any(), n.any(), n.any()), groups: n.flag() ? 1 : n.any())
  }
  table.add("conv3D that fits") { n in
    let x = Tensor<Float>(ones: [1, 2, 3, 4, 3])
    _ = conv3D(
      x, Tensor(ones: [2, 2, 2, 2, 2]), stride: Triple(n.any(), n.any(), n.any()),
      padding: [n.any(), n.any(), n.any()], dilation: Triple(n.any(), n.any(), n.any()))
  }
  table.add("transposedConv3D") { n in
    _ = transposedConv3D(
      Tensor<Float>(ones: [1, 2, 2, 3, 2]), Tensor(ones: [2, 2, 2, 2, 2]), stride: Triple(n.any(), n.any(), n.any()),
      padding: [n.any(), n.any(), n.any()], outputPadding: n.any(), dilation: n.any(), groups: n.flag() ? 1 : n.any())
  }
  table.add("conv3D gradient") { n in
    let x = Tensor<Float>(ones: [1, 2, 3, 4, 3]).asVariable()
    let y = conv3D(x, Tensor(ones: [2, 2, 2, 2, 2]), stride: Triple(n.size(), 1, n.size()), dilation: n.size())
    _ = gradients(of: y.sum(), at: [x])
  }
  return table
}
