import TernBackend

/// Images or volumes as sampling reads them: row-major, or the channels of a pixel side by side.
private struct SampledImages<Scalar: FloatingScalar> {
  let tensor: Tensor<Scalar>
  let isChannelsLast: Bool
  let batch: Int
  let channels: Int
  let pixels: Int
  /// Elements of an image.
  let image: Int
  /// The distance from one pixel to the next.
  let pixelStride: Int
  /// The distance from one channel to the next.
  let channelStride: Int

  init(_ x: Tensor<Scalar>, channelsLast: Bool? = nil) {
    isChannelsLast = channelsLast ?? !x.layout.isContiguous
    tensor = x.withLayout(of: SampledImages.layout(x.shape, isChannelsLast))
    (batch, channels, pixels) = (x.shape[0], x.shape[1], x.shape.dropFirst(2).reduce(1, *))
    image = channels * pixels
    (pixelStride, channelStride) = isChannelsLast ? (channels, 1) : (1, pixels)
  }

  /// New ones of other extents in the same layout.
  func images(_ extents: [Int]) -> Tensor<Scalar> {
    Tensor(uninitialized: SampledImages.layout([batch, channels] + extents, isChannelsLast))
  }

  /// Whether row-major images are better sampled with the channels of a pixel side by side: where they fill vectors, and
  /// positions are about as many as pixels, so that turning the images costs less.
  static func turns(_ x: Tensor<Scalar>, points: Int) -> Bool {
    x.layout.isContiguous && x.shape[1] >= 8 && 4 * points >= x.shape.dropFirst(2).reduce(1, *)
  }

  static func layout(_ shape: [Int], _ channelsLast: Bool) -> Layout {
    channelsLast ? Layout(shape, order: [0] + Array(2..<shape.count) + [1]) : Layout(shape)
  }
}

/// What derivatives read: of values only the grid, of the grid both.
private func savings<Scalar: FloatingScalar>(_ values: Tensor<Scalar>, _ grid: Tensor<Scalar>) -> Saving {
  if grid.node != nil { return [.first, .second] }
  return values.node == nil ? [] : .second
}

extension SamplingPoints {
  /// Points of one chunk.
  private static let block = 512

  /// Calls `body` on the workers with chunks of a grid: the image, the first point and how many, their terms.
  private func run<Scalar: FloatingScalar>(
    _ grid: Tensor<Scalar>, channels: Int,
    _ body: (
      _ image: Int, _ first: Int, _ count: Int, _ indices: UnsafeMutablePointer<Int32>,
      _ weights: UnsafeMutablePointer<Scalar>
    ) -> Void
  ) {
    let (points, rank, block) = (grid.shape.dropFirst().dropLast().reduce(1, *), axes.count, SamplingPoints.block)
    let blocks = (points + block - 1) / block
    let source = grid.pointer
    withExtendedLifetime(grid) {
      let work = Swift.min(points, block) * terms * channels
      Workers.run(count: grid.shape[0] * blocks, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, work))) { range in
        withScratch(terms * block, of: Int32.self) { indices in
          withScratch(terms * block, of: Scalar.self) { weights in
            for chunk in range {
              let (image, first) = (chunk / blocks, chunk % blocks * block)
              let count = Swift.min(block, points - first)
              fill(count, source + (image * points + first) * rank, indices, weights)
              body(image, first, count, indices, weights)
            }
          }
        }
      }
    }
  }

  /// y[n, c, i] = Σₖ weightₖ(i) · x[n, c, indexₖ(i)], recorded by both.
  func sampled<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ grid: Tensor<Scalar>) -> Tensor<Scalar> {
    let extents = Array(grid.shape.dropFirst().dropLast())
    let turns = SampledImages.turns(x, points: extents.reduce(1, *))
    let images = SampledImages(x.detached(), channelsLast: turns ? true : nil)
    var result = images.images(extents)
    let places = grid.withLayout(of: Layout(grid.shape))
    let (out, source, terms) = (result.mutablePointer, images.tensor.pointer, self.terms)
    let (channels, points) = (images.channels, extents.reduce(1, *))
    if !result.isEmpty {
      withExtendedLifetime(images) {
        run(places, channels: channels) { image, first, count, indices, weights in
          let from = source + image * images.image
          if images.isChannelsLast {
            Scalar.samplePixels(
              count, terms, channels: channels, out + (image * points + first) * channels, from, indices, weights)
          } else {
            for c in 0..<channels {
              gatherPlane(
                count, terms, out + (image * channels + c) * points + first, from + c * images.pixels, indices, weights)
            }
          }
        }
      }
    }
    let (shape, isChannelsLast) = (x.shape, images.isChannelsLast && !turns)
    if turns { result = result.copied() }
    return result.recorded("gridSample", from: x, grid, saving: savings(x, grid)) { d in
      d.send(0) { spread(d.gradient, d.input(1), shape, isChannelsLast) }
      d.send(1) { gridGradient(d.gradient, d.input(0), d.input(1), createGraph: d.createGraph) }
    }
  }

  /// The gradient of x: x[n, c, indexₖ(i)] += weightₖ(i) · g[n, c, i], recorded by both.
  private func spread<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ grid: Tensor<Scalar>, _ shape: [Int], _ isChannelsLast: Bool
  ) -> Tensor<Scalar> {
    let turns = !isChannelsLast && SampledImages.turns(g, points: shape.dropFirst(2).reduce(1, *))
    let isRowMajor = !isChannelsLast
    let isChannelsLast = isChannelsLast || turns
    let from = SampledImages(g.detached(), channelsLast: isChannelsLast)
    var result = from.images(Array(shape.dropFirst(2)))
    let places = grid.withLayout(of: Layout(grid.shape))
    let (points, pixels, channels) = (from.pixels, Layout.product(shape.suffix(axes.count)), from.channels)
    let (out, source, terms) = (result.mutablePointer, from.tensor.pointer, self.terms)
    // All terms first: then each plane, or some channels of each image, has one thread, which adds in the points' order.
    let size = shape[0] * points * terms
    if !result.isEmpty {
      withScratch(size, of: Int32.self) { indices in
        withScratch(size, of: Scalar.self) { weights in
          run(places, channels: 1) { image, first, count, someIndices, someWeights in
            let at = (image * points + first) * terms
            (indices + at).update(from: someIndices, count: count * terms)
            (weights + at).update(from: someWeights, count: count * terms)
          }
          let width = isChannelsLast ? Swift.min(channels, 16) : 1
          let parts = (channels + width - 1) / width
          let work = (points * terms + pixels) * width
          Workers.run(count: shape[0] * parts, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, work))) { range in
            for part in range {
              let (image, c) = (part / parts, part % parts * width)
              let target = out + image * channels * pixels + (isChannelsLast ? c : c * pixels)
              let values = source + image * channels * points + (isChannelsLast ? c : c * points)
              let lanes = Swift.min(width, channels - c)
              let step = isChannelsLast ? channels : 1
              for pixel in 0..<pixels { (target + pixel * step).update(repeating: 0, count: lanes) }
              for first in stride(from: 0, to: points, by: SamplingPoints.block) {
                let count = Swift.min(SamplingPoints.block, points - first)
                let at = (image * points + first) * terms
                Scalar.spreadPixels(
                  count, terms, lanes: lanes, step, target, values + first * step, indices + at, weights + at)
              }
            }
          }
        }
      }
    }
    withExtendedLifetime((from, places)) {}
    if isRowMajor && isChannelsLast { result = result.copied() }
    return result.recorded("gridSample", from: g, grid, saving: savings(g, grid)) { d in
      d.send(0) { sampled(d.gradient, d.input(1)) }
      d.send(1) { gridGradient(d.input(0), d.gradient, d.input(1), createGraph: d.createGraph) }
    }
  }

  /// The gradient of the grid where g is that of the sampled x: Σ_c g · ∂y/∂(coordinate).
  private func gridGradient<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, _ grid: Tensor<Scalar>, createGraph: Bool
  ) -> Tensor<Scalar> {
    let slopes = axes.indices.reversed().map(differentiated)
    if createGraph {
      return stack(
        slopes.map {
          $0.isZero ? Tensor(zeros: Array(grid.shape.dropLast())) : (g * $0.sampled(x, grid)).sum(along: 1)
        },
        along: -1)
    }
    let result = Tensor<Scalar>(zeros: grid.shape)
    let turns = SampledImages.turns(x, points: grid.shape.dropFirst().dropLast().reduce(1, *))
    let images = SampledImages(x.detached(), channelsLast: turns ? true : nil)
    let gradient = SampledImages(g, channelsLast: images.isChannelsLast)
    let places = grid.withLayout(of: Layout(grid.shape))
    let (points, rank, terms) = (gradient.pixels, axes.count, self.terms)
    let (out, coordinates) = (result.mutablePointer, places.pointer)
    let (from, values) = (images.tensor.pointer, gradient.tensor.pointer)
    if !result.isEmpty && !images.tensor.isEmpty && !slopes.allSatisfy(\.isZero) {
      run(places, channels: images.channels) { image, first, count, indices, weights in
        withScratch(terms * count, of: Scalar.self) { sums in
          sums.update(repeating: 0, count: terms * count)
          if images.isChannelsLast {
            Scalar.pixelProducts(
              count, terms, channels: images.channels, sums,
              values + image * gradient.image + first * gradient.pixelStride, gradient.pixelStride,
              from + image * images.image, images.pixelStride, indices)
          }
          for c in 0..<(images.isChannelsLast ? 0 : images.channels) {
            pixelProducts(
              count, terms, sums,
              values + image * gradient.image + c * gradient.channelStride
                + first * gradient.pixelStride, gradient.pixelStride,
              from + image * images.image
                + c * images.channelStride, images.pixelStride, indices)
          }
          let at = image * points + first
          for (axis, slope) in slopes.enumerated() where !slope.isZero {
            slope.fill(count, coordinates + at * rank, indices, weights)
            let target = out + at * rank + axis
            for i in 0..<count {
              var sum: Scalar = 0
              for k in 0..<terms {
                let weight = weights[k &* count &+ i]
                if weight != 0 { sum += weight * sums[k &* count &+ i] }
              }
              target[i &* rank] = sum
            }
          }
        }
      }
    }
    withExtendedLifetime((images, gradient, places)) {}
    return result
  }
}

/// Values of images or volumes at any positions.
///
/// y[n, c, i] is x[n, c] at grid[n, i], whose coordinates, the last axis of x first, run from −1 to 1 over the image: −1
/// and 1 are the outer edges of the outermost pixels, or their centers with `alignsCorners`. NaN where a coordinate is NaN.
/// Gradients of both, of any order. Stops for ranks other than 4 and 5.
///
/// - Parameters:
///   - x: [batch, channels, height, width] or [batch, channels, depth, height, width].
///   - grid: [batch, h, w, 2] or [batch, d, h, w, 3].
///   - mode: how values between pixels are made.
///   - padding: what lies outside the images.
/// - Returns: [batch, channels, h, w] or [batch, channels, d, h, w].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func gridSample<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, at grid: Tensor<Scalar>, mode: GridSampleMode = .linear, padding: GridSamplePadding = .zeros,
  alignsCorners: Bool = false, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(
    x.rank == 4 || x.rank == 5, "gridSample", "input \(x.shape) is neither a batch of images nor of volumes")
  check(
    grid.rank == x.rank && grid.shape[0] == x.shape[0] && grid.shape[x.rank - 1] == x.rank - 2, "gridSample",
    "grid \(grid.shape) is not [\(x.shape[0]), .., \(x.rank - 2)] of rank \(x.rank) for input \(x.shape)")
  let extents = Array(x.shape.dropFirst(2))
  check(!extents.contains(0), "gridSample", "input \(x.shape) has no pixels")
  check(
    extents.reduce(1, Sizes.saturated) <= Int(Int32.max), "gridSample",
    "images \(x.shape) have more pixels than 2³¹ − 1, which positions count")
  requireImages(Array(x.shape.prefix(2)) + grid.shape.dropFirst().dropLast(), "gridSample")
  let axes = extents.map { SamplingAxis(extent: $0, mode: mode, padding: padding, alignsCorners: alignsCorners) }
  return SamplingPoints(axes: axes, orders: extents.map { _ in 0 }).sampled(x, grid)
}
