import Foundation
import TernBackend

/// How values between pixels are made.
public enum InterpolationMode: Sendable {
  /// The pixel at ⌊i·scale⌋.
  case nearest
  /// The pixel whose center is nearest: the one at ⌊(i + ½)·scale⌋.
  case nearestExact
  /// Between the two neighbors along every axis: linear for sequences, bilinear for images, trilinear for volumes.
  case linear
  /// Through four neighbors along every axis, by Keys' cubic convolution with a = −¾ (−½ where it antialiases). Source: Keys
  /// 1981, "Cubic convolution interpolation for digital image processing".
  case cubic
  /// The mean of the part of the input that a pixel covers, as in ``adaptiveAvgPool2D(_:height:width:file:line:)``.
  case area
  /// Through six neighbors along every axis by sin(πt)/(πt)·sin(πt/3)/(πt/3); only antialiased, without aligned corners.
  case lanczos

  /// Pixels on either side of a position that the antialiased filter reads at scale 1.
  fileprivate var support: Double {
    switch self {
    case .cubic: 2
    case .lanczos: 3
    default: 1
    }
  }

  /// The weight of a pixel at distance t where the filter is used for antialiasing.
  fileprivate func weight(_ t: Double) -> Double {
    let t = Swift.abs(t)
    switch self {
    case .cubic: return cubicWeight(t, -0.5)
    case .lanczos: return t < 3 ? sinc(t) * sinc(t / 3) : 0
    default: return Swift.max(0, 1 - t)
    }
  }
}

private func sinc(_ t: Double) -> Double { t == 0 ? 1 : sin(.pi * t) / (.pi * t) }

/// Keys' cubic at distance t ≥ 0: (a + 2)t³ − (a + 3)t² + 1 below 1, a(t³ − 5t² + 8t − 4) below 2.
private func cubicWeight(_ t: Double, _ a: Double) -> Double {
  if t < 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
}

/// The positions of an axis's outputs between its inputs.
struct InterpolationAxis {
  let inputs: Int
  let outputs: Int
  let alignsCorners: Bool
  /// Inputs for one output.
  let scale: Double

  /// - Parameter scale: the ratio of the extents when `nil`; of no account where corners are aligned.
  init(from inputs: Int, to outputs: Int, alignsCorners: Bool, scale: Double?) {
    requireWindows(outputs, over: inputs, "interpolate")
    (self.inputs, self.outputs, self.alignsCorners) = (inputs, outputs, alignsCorners)
    let aligned = outputs > 1 ? Double(inputs - 1) / Double(outputs - 1) : 0
    self.scale = alignsCorners ? aligned : scale ?? Double(inputs) / Double(outputs)
  }

  private func position(_ output: Int) -> Double {
    alignsCorners ? Double(output) * scale : (Double(output) + 0.5) * scale - 0.5
  }

  func weights(_ mode: InterpolationMode, antialiases: Bool) -> ResamplingWeights {
    switch mode {
    case .nearest, .nearestExact: return nearest(shift: mode == .nearest ? 0 : 0.5)
    case .area: return ResamplingWeights(meansOver: PoolingWindows(adaptive: inputs, to: outputs))
    case .linear where !antialiases: return linear()
    case .cubic where !antialiases: return cubic()
    default: return filtered(mode)
    }
  }

  private func nearest(shift: Double) -> ResamplingWeights {
    ResamplingWeights(inputs: inputs, outputs: outputs) { output, add in
      // Rounded to Float before it is floored: a position just below a whole number because of rounding is that number.
      add(Swift.min(Int(Float((Double(output) + shift) * scale).rounded(.down)), inputs - 1), 1)
    }
  }

  private func linear() -> ResamplingWeights {
    ResamplingWeights(inputs: inputs, outputs: outputs, reserving: 2) { output, add in
      let position = Swift.max(0, position(output))
      let first = Swift.min(Int(position), inputs - 1)
      let part = Swift.min(Swift.max(position - Double(first), 0), 1)
      // A term of weight 0 is none: what is infinite there does not count.
      if part < 1 { add(first, 1 - part) }
      if part > 0 { add(Swift.min(first + 1, inputs - 1), part) }
    }
  }

  private func cubic() -> ResamplingWeights {
    ResamplingWeights(inputs: inputs, outputs: outputs, reserving: 4) { output, add in
      let position = position(output)
      let below = position.rounded(.down)
      // Far outside all four are the pixel at the edge.
      let first = Int(Swift.min(below, Double(inputs) + 1))
      let part = position - below
      for tap in -1...2 {
        let weight = cubicWeight(Swift.abs(Double(tap) - part), -0.75)
        if weight != 0 { add(Swift.min(Swift.max(first + tap, 0), inputs - 1), weight) }
      }
    }
  }

  /// The filter is stretched by a scale above 1, so that every input counts; its weights are divided by their sum.
  private func filtered(_ mode: InterpolationMode) -> ResamplingWeights {
    let stretch = Swift.max(scale, 1)
    let support = mode.support * stretch
    var found: [Double] = []
    return ResamplingWeights(inputs: inputs, outputs: outputs, reserving: Int(2 * Swift.min(support, 64)) + 2) {
      output, add in
      let center = (Double(output) + 0.5) * scale
      let first = Int(Swift.max(center - support + 0.5, 0))
      let last = Int(Swift.min(center + support + 0.5, Double(inputs)))
      found.removeAll(keepingCapacity: true)
      var sum = 0.0
      for index in first..<Swift.max(first, last) {
        let weight = mode.weight((Double(index) - center + 0.5) / stretch)
        found.append(weight)
        sum += weight
      }
      for (tap, weight) in found.enumerated() where weight != 0 { add(first + tap, sum == 0 ? weight : weight / sum) }
    }
  }
}
