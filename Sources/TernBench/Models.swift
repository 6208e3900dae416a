import Tern

/// Convolution, batch normalization, ReLU.
func convolution(
  _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, groups: Int = 1, activated: Bool = true
) -> Sequential<Float> {
  Sequential {
    Conv2D(
      inputs, outputs, kernelSize: Pair(kernel), stride: Pair(stride), padding: Padding2D(kernel / 2), groups: groups,
      bias: false)
    BatchNorm2d(outputs)
    if activated { ReLU() }
  }
}

/// A residual network of 20 layers for images of 32×32. Source: He et al. 2016, section 4.2, with projections.
func resnet20(classes: Int = 10) -> Sequential<Float> {
  func block(_ inputs: Int, _ outputs: Int, _ stride: Int) -> Residual<Float> {
    let isSame = stride == 1 && inputs == outputs
    let shortcut = isSame ? nil : convolution(inputs, outputs, kernel: 1, stride: stride, activated: false)
    return Residual(shortcut: shortcut) {
      convolution(inputs, outputs, stride: stride)
      convolution(outputs, outputs, activated: false)
    }
  }
  var inputs = 16
  return Sequential {
    convolution(3, 16)
    for (outputs, stride) in [(16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)] {
      block(inputs, outputs, stride)
      ReLU()
      let _ = inputs = outputs
    }
    AdaptiveAvgPool2D(1)
    Flatten()
    Dense(64, classes)
  }
}

/// A small GhostNet for images of 32×32.
func ghostNet(classes: Int = 10) -> Sequential<Float> {
  Sequential {
    convolution(3, 16)
    GhostBottleneck(16, 48, 24, stride: 2)
    GhostBottleneck(24, 72, 24)
    GhostBottleneck(24, 96, 40, stride: 2)
    GhostBottleneck(40, 120, 40)
    AdaptiveAvgPool2D(1)
    Flatten()
    Dense(40, classes)
  }
}

/// Two convolutions and two dense layers for images of 28×28.
func fashionCNN() -> Sequential<Float> {
  Sequential {
    Conv2D(1, 32, kernelSize: 3, padding: 1)
    BatchNorm2d(32)
    ReLU()
    MaxPool2D(2)
    Conv2D(32, 64, kernelSize: 3, padding: 1)
    BatchNorm2d(64)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dropout(0.25)
    Dense(3136, 128)
    ReLU()
    Dense(128, 10)
  }
}

/// LeNet-5 with rectifiers and maxima. Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition".
func lenet5() -> Sequential<Float> {
  Sequential {
    Conv2D(1, 6, kernelSize: 5, padding: 2)
    ReLU()
    MaxPool2D(2)
    Conv2D(6, 16, kernelSize: 5)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dense(400, 120)
    ReLU()
    Dense(120, 84)
    ReLU()
    Dense(84, 10)
  }
}

/// Dense layers with an activation between them, after a normalization where `normalized`.
func mlp(_ sizes: Int..., normalized: Bool = false, sigmoid: Bool = false) -> Sequential<Float> {
  Sequential {
    for index in 1..<sizes.count {
      Dense(sizes[index - 1], sizes[index])
      if index < sizes.count - 1 {
        if normalized { BatchNorm1d(sizes[index]) }
        if sigmoid { Sigmoid() } else { ReLU() }
      }
    }
  }
}
