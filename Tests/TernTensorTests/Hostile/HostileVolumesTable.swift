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
  table.add("maxPool3D") { n in
    _ = maxPool3D(
      n.floats(5), kernelSize: Triple(n.any(), n.any(), n.any()),
      stride: n.flag() ? nil : Triple(n.any(), n.any(), n.any()), padding: n.flag() ? 0 : n.any(),
      dilation: n.flag() ? 1 : Triple(n.any(), n.any(), n.any()), ceilMode: n.flag())
  }
  table.add("maxPool3DWithIndices") { n in
    _ = maxPool3DWithIndices(
      Tensor<Float>(ones: [1, 1, 3, 4, 3]), kernelSize: n.any(), stride: n.any(), padding: n.any(), dilation: n.any(),
      ceilMode: n.flag())
  }
  table.add("avgPool3D") { n in
    _ = avgPool3D(
      Tensor<Float>(ones: [1, 1, 3, 4, 3]), kernelSize: n.any(), stride: n.any(), padding: n.any(), ceilMode: n.flag(),
      divisor: n.flag() ? nil : n.any())
  }
  table.add("lpPool3D") { n in
    _ = lpPool3D(n.floats(5), p: Float(n.real()), kernelSize: n.any(), stride: n.any(), ceilMode: n.flag())
  }
  table.add("adaptiveAvgPool3D") { n in
    _ = adaptiveAvgPool3D(n.floats(5), depth: n.any(), height: n.flag() ? nil : n.any(), width: n.any())
  }
  table.add("adaptiveMaxPool3D") { n in _ = adaptiveMaxPool3D(n.floats(4), depth: n.any(), height: nil, width: n.any())
  }
  table.add("adaptiveMaxPool3DWithIndices") { n in
    _ = adaptiveMaxPool3DWithIndices(n.floats(5), depth: nil, height: n.any(), width: n.any())
  }
  table.add("adaptiveAvgPool1D") { n in _ = adaptiveAvgPool1D(n.floats(3), outputSize: n.any()) }
  table.add("adaptiveMaxPool1D") { n in _ = adaptiveMaxPool1D(n.floats(2), outputSize: n.any()) }
  table.add("adaptiveMaxPool1DWithIndices") { n in
    _ = adaptiveMaxPool1DWithIndices(n.floats(3), outputSize: n.any())
  }
  table.add("maxUnpool1D") { n in
    let x = n.floats(3)
    _ = maxUnpool1D(
      x, indices: n.flag() ? Tensor(zeros: x.shape) : n.integers(), kernelSize: n.any(),
      stride: n.flag() ? nil : n.any(),
      padding: n.any(), outputSize: n.flag() ? nil : n.any())
  }
  table.add("maxUnpool2D") { n in
    _ = maxUnpool2D(
      Tensor<Float>(ones: [1, 2, 2, 3]), indices: Tensor(zeros: [1, 2, 2, 3]), kernelSize: Pair(n.any(), n.any()),
      stride: n.flag() ? nil : n.any(), padding: n.any(), outputSize: n.flag() ? nil : Pair(n.any(), n.any()))
  }
  table.add("maxUnpool3D") { n in
    let x = n.floats(5)
    _ = maxUnpool3D(
      x, indices: Tensor(zeros: x.shape), kernelSize: Triple(n.any(), n.any(), n.any()), stride: n.any(),
      padding: n.flag() ? 0 : n.any(), outputSize: n.flag() ? nil : n.any())
  }
  table.add("fractionalMaxPool2D") { n in
    _ = fractionalMaxPool2D(
      n.floats(4), kernelSize: n.any(), outputSize: n.any(), samples: n.flag() ? nil : n.floats(3))
  }
  table.add("fractionalMaxPool2DWithIndices") { n in
    _ = fractionalMaxPool2DWithIndices(n.floats(4), kernelSize: n.any(), outputRatio: [n.real(), n.real()])
  }
  table.add("fractionalMaxPool3D") { n in
    _ = fractionalMaxPool3D(
      Tensor<Float>(ones: [1, 2, 4, 4, 4]), kernelSize: n.any(), outputSize: Triple(n.any(), n.any(), n.any()),
      samples: n.flag() ? nil : n.floats(3))
  }
  table.add("fractionalMaxPool3DWithIndices") { n in
    _ = fractionalMaxPool3DWithIndices(n.floats(5), kernelSize: n.any(), outputRatio: [n.real()])
  }
  return table
}
