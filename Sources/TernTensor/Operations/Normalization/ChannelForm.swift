import TernBackend

/// How the memory of a dense tensor divides into the channels of its axis 1, and how work on it is cut.
///
/// Any dense layout lies as [outer][channels][inner]: channels last has an inner extent of one, row-major [N, C, ..] the
/// positions. Kernels see it as columns, each of one channel, or as segments, each of one channel, whichever makes long
/// rows. Pieces are cut by size alone and their results merged in order, so that threads change no bit.
struct ChannelForm: Sendable {
  /// The number of channels.
  let channels: Int
  /// Values per channel.
  let count: Int
  /// Entries of a table: one a column or one a segment.
  private let entries: Int
  /// Neighbouring entries of one channel.
  private let run: Int
  /// Columns: the rows, and how many a piece takes. Segments: their length, and how much of it a piece takes at most.
  private let extent: Int, block: Int
  private let isColumns: Bool

  /// Elements that one piece of work takes, about.
  private static let grain = 65_536
  /// Columns that one piece takes at most.
  private static let strip = 1024
  /// Rows that a kernel adds up before it merges in Double: a piece should have whole blocks of them.
  private static let rows = 64

  /// - Parameter layout: dense, of rank 2 or more.
  init(_ layout: Layout) {
    channels = layout.shape[1]
    count = layout.count / Swift.max(channels, 1)
    var outer = 1
    var inner = count
    if channels > 1 {
      let order = layout.memoryOrder.filter { $0 == 1 || layout.shape[$0] != 1 }
      outer = order.prefix { $0 != 1 }.reduce(1) { $0 * layout.shape[$1] }
      inner = count / Swift.max(outer, 1)
    }
    isColumns = inner == 1 || (inner < Self.rows && outer >= 8)
    if isColumns {
      // Narrow rows are taken several at once.
      var width = channels * inner
      while width < Self.rows && outer % 2 == 0 && outer >= 4 * Self.rows {
        width *= 2
        outer /= 2
      }
      (entries, run, extent) = (width, inner, outer)
      block = Swift.max(Self.rows, Self.grain / Swift.max(width, 1) / Self.rows * Self.rows)
    } else {
      (entries, run, extent) = (outer * channels, 1, inner)
      block = Self.grain
    }
  }

  /// A part of the memory, and where its entries of tables and its partial results begin.
  private struct Piece {
    let block: NormalizationBlock
    let offset: Int, entry: Int, partial: Int
  }

  /// Into how many parts the extent is cut.
  private var blocks: Int { (extent + block - 1) / block }

  /// The length of part `index` of the extent.
  private func length(_ index: Int) -> Int { Swift.min(block, extent - index * block) }

  /// Calls `body` with every piece, on the workers.
  private func forEachPiece(_ body: (Piece) -> Void) {
    if count == 0 || channels == 0 { return }
    if isColumns {
      let strips = (entries + Self.strip - 1) / Self.strip
      Workers.run(pieces: blocks * strips) { index in
        let (part, entry) = (index / strips, index % strips * Self.strip)
        let width = Swift.min(Self.strip, entries - entry)
        body(
          Piece(
            block: NormalizationBlock(outer: 1, n: length(part), inner: width, step: entries),
            offset: part * block * entries + entry, entry: entry, partial: part * entries + entry))
      }
    } else if blocks > 1 {
      Workers.run(pieces: entries * blocks) { index in
        let (segment, part) = (index / blocks, index % blocks)
        body(
          Piece(
            block: NormalizationBlock(outer: 1, n: length(part), inner: 1, step: 1),
            offset: segment * extent + part * block, entry: segment, partial: index))
      }
    } else {
      Workers.run(count: entries, grain: Swift.max(1, Self.grain / extent)) { segments in
        body(
          Piece(
            block: NormalizationBlock(outer: segments.count, n: extent, inner: 1, step: 1),
            offset: segments.lowerBound * extent, entry: segments.lowerBound, partial: segments.lowerBound))
      }
    }
  }

  /// Calls `body` with the partial results of a channel and how many values went into each, in order.
  private func forEachPartial(of channel: Int, _ body: (_ index: Int, _ count: Int) -> Void) {
    for part in 0..<(isColumns ? blocks : 1) {
      for first in stride(from: channel * run, to: entries, by: channels * run) {
        for entry in first..<first + run {
          if isColumns {
            body(part * entries + entry, length(part))
          } else {
            for part in 0..<blocks { body(entry * blocks + part, length(part)) }
          }
        }
      }
    }
  }

  /// Runs a kernel that leaves two numbers for every entry of every piece: [2, entries · blocks].
  private func partials(
    _ kernel: (Piece, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) -> Tensor<Double> {
    let result = Tensor<Double>(uninitialized: [2, count == 0 ? 0 : entries * blocks])
    let (first, second) = (result.mutablePointer, result.mutablePointer + result.shape[1])
    forEachPiece { kernel($0, first + $0.partial, second + $0.partial) }
    return result
  }

  /// Two numbers for every channel from partial results; zeros where there are no values.
  private func merged(
    _ partials: Tensor<Double>,
    _ merge: (_ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>, _ channel: Int) -> (Double, Double)
  ) -> ([Double], [Double]) {
    var (firsts, seconds) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    if count == 0 { return (firsts, seconds) }
    firsts.withUnsafeMutableBufferPointer { firsts in
      seconds.withUnsafeMutableBufferPointer { seconds in
        let (first, second) = (partials.pointer, partials.pointer + partials.shape[1])
        let (firstOut, secondOut) = (firsts.baseAddress!, seconds.baseAddress!)
        Workers.run(count: channels, grain: Swift.max(1, 8192 / (entries * blocks / channels))) { range in
          for channel in range { (firstOut[channel], secondOut[channel]) = merge(first, second, channel) }
        }
      }
    }
    return (firsts, seconds)
  }

  private func mergedMoments(_ partials: Tensor<Double>) -> (mean: [Double], m2: [Double]) {
    merged(partials) { means, squares, channel in
      var (mean, m2, before) = (0.0, 0.0, 0.0)
      forEachPartial(of: channel) { index, count in
        let delta = means[index] - mean
        let share = Double(count) / (before + Double(count))
        mean += delta * share
        m2 += squares[index] + delta * delta * (before * share)
        before += Double(count)
      }
      return (mean, m2)
    }
  }

  private func mergedSums(_ partials: Tensor<Double>) -> (sum: [Double], products: [Double]) {
    merged(partials) { sums, products, channel in
      var (sum, product) = (0.0, 0.0)
      forEachPartial(of: channel) { index, _ in
        sum += sums[index]
        product += products[index]
      }
      return (sum, product)
    }
  }

  /// Mean and Σ(x − mean)² of every channel; zeros where there are no values.
  func moments<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> (mean: [Double], m2: [Double]) {
    let source = x.pointer
    return mergedMoments(partials { Scalar.blockMoments($0.block, $1, $2, source + $0.offset) })
  }

  /// Σ g and Σ g·(x − centre) of every channel.
  func productSums<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, centre: [Double]
  ) -> (sum: [Double], products: [Double]) {
    let (gradient, source) = (g.pointer, x.pointer)
    let table: Tensor<Scalar> = tables([centre])
    return withExtendedLifetime(table) {
      let table = table.pointer
      return mergedSums(
        partials {
          Scalar.productSums($0.block, $1, $2, gradient + $0.offset, source + $0.offset, table + $0.entry)
        })
    }
  }

  /// (x − centre)·scale + shift, in the layout of x.
  ///
  /// - Parameter numbers: centre, scale and shift, for every channel.
  func affine<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ numbers: [[Double]]) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let (out, source) = (result.mutablePointer, x.pointer)
    let tables: Tensor<Scalar> = tables(numbers)
    withExtendedLifetime(tables) {
      let table = tables.pointer
      forEachPiece { piece in
        let first = table + piece.entry
        Scalar.affine(
          piece.block, out + piece.offset, source + piece.offset, first, first + entries, first + 2 * entries)
      }
    }
    return result
  }

  /// g·scale + (x − centre)·slope + shift, in the layout of both.
  ///
  /// - Parameter numbers: centre, scale, slope and shift, for every channel.
  func affinePair<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, _ numbers: [[Double]]
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
    let tables: Tensor<Scalar> = tables(numbers)
    withExtendedLifetime(tables) {
      let table = tables.pointer
      forEachPiece { piece in
        let first = table + piece.entry
        Scalar.affinePair(
          piece.block, out + piece.offset, gradient + piece.offset, source + piece.offset, first, first + entries,
          first + 2 * entries, first + 3 * entries)
      }
    }
    return result
  }

  /// Numbers of the channels, one for every entry, in tables that follow each other.
  private func tables<Scalar: FloatingScalar>(_ numbers: [[Double]]) -> Tensor<Scalar> {
    spread(numbers).cast(to: Scalar.self)
  }

  private func spread(_ numbers: [[Double]]) -> Tensor<Double> {
    Tensor(shape: [numbers.count, count == 0 ? 0 : entries]) { out in
      if count == 0 { return }
      var out = out
      for numbers in numbers {
        for _ in 0..<entries / (channels * run) {
          for channel in 0..<channels {
            out.update(repeating: numbers[channel], count: run)
            out += run
          }
        }
      }
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// This tensor, or a copy of it, lying without gaps.
  var dense: Tensor { layout.isDense ? self : copied(layout.forResult) }

  /// The same values as a constant that lies like `target`, which is dense.
  func lying(like target: Layout) -> Tensor {
    layout.lies(like: target) ? detached() : detached().copied(target)
  }

  /// The elements in row-major order as Double.
  var doubles: [Double] { detached().cast(to: Double.self).scalars }

  /// The nearest numbers of the scalar type, row-major.
  init(rounding numbers: [Double], shape: [Int]) {
    self = Tensor<Double>(numbers, shape: shape).cast(to: Scalar.self)
  }

  /// A vector of channels as it broadcasts to a tensor of the given rank with the channels on axis 1.
  func alongChannels(rank: Int) -> Tensor { reshaped([1, count] + [Int](repeating: 1, count: rank - 2)) }

  /// The sum over all axes but the channels', these kept.
  func summedToChannels() -> Tensor { sum(along: shape.indices.filter { $0 != 1 }, keepingAxes: true) }
}
