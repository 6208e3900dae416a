import TernTensor
import TernTestSupport

/// Convolutions, pools and resampling with hostile extents and distances.
let hostileImagesTable = makeTable()

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("conv2D") { n in
    let (stride, padding, dilation) = (Pair(n.any(), n.any()), [n.any(), n.any()], Pair(n.any(), n.any()))
    _ = conv2D(
      n.floats(4), n.floats(4), stride: n.flag() ? 1 : stride, padding: n.flag() ? [0, 0] : padding,
      dilation: n.flag() ? 1 : dilation, groups: n.flag() ? 1 : n.any())
  }
  table.add("conv2D that fits") { n in
    let x = Tensor<Float>(ones: [1, 2, 4, 5])
    _ = conv2D(
      x, Tensor(ones: [2, 2, 2, 2]), stride: Pair(n.any(), n.any()), padding: [n.any(), n.any()],
      dilation: Pair(n.any(), n.any()))
  }
  table.add("conv2D of groups") { n in
    _ = conv2D(n.floats(4), n.floats(4), padding: n.size(), groups: n.size())
  }
  table.add("conv1D") { n in
    _ = conv1D(
      n.floats(3), n.floats(3), stride: n.any(), padding: n.flag() ? 0 : n.any(), dilation: n.any(),
      groups: n.flag() ? 1 : n.any())
  }
  table.add("transposedConv2D") { n in
    _ = transposedConv2D(
      Tensor<Float>(ones: [1, 2, 3, 3]), Tensor(ones: [2, 2, 2, 2]), stride: Pair(n.any(), n.any()),
      padding: [n.any(), n.any()], outputPadding: Pair(n.any(), n.any()), dilation: Pair(n.any(), n.any()),
      groups: n.flag() ? 1 : n.any())
  }
  table.add("transposedConv1D") { n in
    _ = transposedConv1D(
      n.floats(3), n.floats(3), stride: n.any(), padding: n.flag() ? 0 : n.any(), outputPadding: n.any(),
      dilation: n.any(), groups: n.flag() ? 1 : n.any())
  }
  table.add("conv2D gradient") { n in
    let x = Tensor<Float>(ones: [1, 2, 4, 5]).asVariable()
    let y = conv2D(x, Tensor(ones: [2, 2, 2, 2]), stride: Pair(n.size(), n.size()), dilation: Pair(n.size(), n.size()))
    _ = gradients(of: y.sum(), at: [x])
  }
  table.add("maxPool2D") { n in
    _ = maxPool2D(
      n.floats(4), kernelSize: Pair(n.any(), n.any()), stride: n.flag() ? nil : Pair(n.any(), n.any()),
      padding: n.flag() ? 0 : Pair(n.any(), n.any()), dilation: n.flag() ? 1 : Pair(n.any(), n.any()),
      ceilMode: n.flag())
  }
  table.add("maxPool2DWithIndices") { n in
    _ = maxPool2DWithIndices(
      Tensor<Float>(ones: [1, 1, 5, 5]), kernelSize: n.any(), stride: n.any(), padding: n.any(), dilation: n.any(),
      ceilMode: n.flag())
  }
  table.add("maxPool1D") { n in
    _ = maxPool1D(n.floats(3), kernelSize: n.any(), stride: n.any(), padding: n.any(), dilation: n.any())
  }
  table.add("avgPool2D") { n in
    _ = avgPool2D(
      Tensor<Float>(ones: [1, 1, 5, 5]), kernelSize: n.any(), stride: n.any(), padding: n.any(), ceilMode: n.flag(),
      divisor: n.flag() ? nil : n.any())
  }
  table.add("avgPool1D") { n in
    _ = avgPool1D(n.floats(3), kernelSize: n.any(), stride: n.any(), padding: n.any(), ceilMode: n.flag())
  }
  table.add("maxPool1DWithIndices") { n in _ = maxPool1DWithIndices(n.floats(3), kernelSize: n.any(), stride: n.any()) }
  table.add("lpPool1D") { n in
    _ = lpPool1D(n.floats(3), p: Float(n.real()), kernelSize: n.any(), stride: n.any(), ceilMode: n.flag())
  }
  table.add("lpPool2D") { n in
    _ = lpPool2D(n.floats(4), p: Float(n.real()), kernelSize: n.any(), stride: n.any(), ceilMode: n.flag())
  }
  table.add("adaptiveAvgPool2D") { n in
    _ = adaptiveAvgPool2D(n.floats(4), height: n.flag() ? nil : n.any(), width: n.flag() ? nil : n.any())
  }
  table.add("adaptiveMaxPool2D") { n in _ = adaptiveMaxPool2D(n.floats(4), height: n.any(), width: n.any()) }
  table.add("adaptiveMaxPool2DWithIndices") { n in
    _ = adaptiveMaxPool2DWithIndices(n.floats(3), height: n.any(), width: n.any())
  }
  table.add("interpolate") { n in
    _ = interpolate(n.floats(3 + n.below(2)), size: n.list(1 + n.below(2)), mode: n.one(of: [.nearest, .linear]))
  }
  table.add("interpolate by scale") { n in
    _ = interpolate(n.floats(3 + n.below(2)), scale: [n.real()], mode: n.one(of: [.nearestExact, .linear]))
  }
  table.add("pixelShuffle") { n in _ = pixelShuffle(n.floats(), upscaleFactor: n.any()) }
  table.add("pixelUnshuffle") { n in _ = pixelUnshuffle(n.floats(), downscaleFactor: n.any()) }
  table.add("channelShuffle") { n in _ = channelShuffle(n.floats(), groups: n.any()) }
  table.add("unfolded") { n in
    _ = n.floats(4).unfolded(
      PatchGeometry(
        kernel: (n.any(), n.any()), dilation: n.flag() ? (1, 1) : (n.any(), n.any()),
        padding: n.flag() ? (0, 0) : (n.any(), n.any()), stride: (n.any(), n.any())))
  }
  table.add("unfolded that fits") { n in
    _ = Tensor<Float>(ones: [1, 1, 4, 4]).unfolded(
      PatchGeometry(kernel: (2, 2), dilation: (1, 1), padding: (n.size(), n.size()), stride: (n.size(), n.size())))
  }
  table.add("folded") { n in
    _ = n.floats(3).folded(
      into: (n.any(), n.any()),
      PatchGeometry(
        kernel: (n.size(), n.size()), dilation: n.flag() ? (1, 1) : (n.size(), n.size()),
        padding: n.flag() ? (0, 0) : (n.size(), n.size()), stride: (n.size(), n.size())))
  }
  return table
}
