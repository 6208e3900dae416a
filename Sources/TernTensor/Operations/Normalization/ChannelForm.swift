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

  /// Runs a kernel that leaves two numbers for every entry of every piece, and merges them channel by channel.
  private func merged(
    _ kernel: (Piece, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void,
    _ merge: (inout (Double, Double), (Double, Double), _ before: Double, _ count: Double) -> Void
  ) -> [(Double, Double)] {
    guard count > 0 else { return [(Double, Double)](repeating: (0, 0), count: channels) }
    let partials = Tensor<Double>(uninitialized: [2, entries * blocks])
    return withExtendedLifetime(partials) {
      let (first, second) = (partials.mutablePointer, partials.mutablePointer + entries * blocks)
      forEachPiece { kernel($0, first + $0.partial, second + $0.partial) }
      return [(Double, Double)](unsafeUninitializedCapacity: channels) { buffer, initialized in
        let result = buffer.baseAddress!
        Workers.run(count: channels, grain: Swift.max(1, 8192 / (entries * blocks / channels))) { range in
          for channel in range {
            var (sum, before) = ((0.0, 0.0), 0.0)
            forEachPartial(of: channel) { index, count in
              merge(&sum, (first[index], second[index]), before, Double(count))
              before += Double(count)
            }
            (result + channel).initialize(to: sum)
          }
        }
        initialized = channels
      }
    }
  }

  /// Mean and Σ(x − mean)² of every channel; zeros where there are no values.
  func moments<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> [(mean: Double, m2: Double)] {
    let source = x.pointer
    return merged {
      Scalar.blockMoments($0.block, $1, $2, source + $0.offset)
    } _: { sum, part, before, count in
      let delta = part.0 - sum.0
      let share = count / (before + count)
      sum.0 += delta * share
      sum.1 += part.1 + delta * delta * (before * share)
    }.map { (mean: $0.0, m2: $0.1) }
  }

  /// Σ g and Σ g·(x − centre) of every channel.
  func productSums<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, centre: [Scalar]
  ) -> [(sum: Double, products: Double)] {
    let (gradient, source) = (g.pointer, x.pointer)
    return table(centre).withUnsafeBufferPointer { table in
      merged {
        Scalar.productSums(
          $0.block, $1, $2, gradient + $0.offset, source + $0.offset, table.baseAddress! + $0.entry)
      } _: { sum, part, _, _ in
        sum.0 += part.0
        sum.1 += part.1
      }.map { (sum: $0.0, products: $0.1) }
    }
  }

  /// (x − centre)·scale + shift, in the layout of x.
  func affine<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, centre: [Scalar], scale: [Scalar], shift: [Scalar]
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let (out, source) = (result.mutablePointer, x.pointer)
    withTables([centre, scale, shift]) { tables in
      forEachPiece { piece in
        Scalar.affine(
          piece.block, out + piece.offset, source + piece.offset, tables + piece.entry,
          tables + (entries + piece.entry), tables + (2 * entries + piece.entry))
      }
    }
    return result
  }

  /// g·scale + (x − centre)·slope + shift, in the layout of both.
  func affinePair<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, centre: [Scalar], scale: [Scalar], slope: [Scalar], shift: [Scalar]
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
    withTables([centre, scale, slope, shift]) { tables in
      forEachPiece { piece in
        Scalar.affinePair(
          piece.block, out + piece.offset, gradient + piece.offset, source + piece.offset, tables + piece.entry,
          tables + (entries + piece.entry), tables + (2 * entries + piece.entry),
          tables + (3 * entries + piece.entry))
      }
    }
    return result
  }

  /// A number for every channel.
  func perChannel<Number>(_ number: (Int) -> Number) -> [Number] { (0..<channels).map(number) }

  /// Numbers of the channels, one for every entry.
  private func table<Scalar>(_ numbers: [Scalar]) -> [Scalar] {
    if entries == channels { return numbers }
    return (0..<entries).map { numbers[$0 / run % channels] }
  }

  /// Calls `body` with tables that follow each other.
  private func withTables<Scalar>(_ numbers: [[Scalar]], _ body: (UnsafePointer<Scalar>) -> Void) {
    if count == 0 || channels == 0 { return }
    numbers.flatMap(table).withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// This tensor, or a copy of it, lying without gaps.
  var dense: Tensor { layout.isDense ? self : copied(layout.forResult) }

  /// The same values as a constant that lies like `target`, which is dense.
  func lying(like target: Layout) -> Tensor {
    layout.lies(like: target) ? detached() : detached().copied(target)
  }

  /// A vector of channels as it broadcasts to a tensor of the given rank with the channels on axis 1.
  func alongChannels(rank: Int) -> Tensor { reshaped([1, count] + [Int](repeating: 1, count: rank - 2)) }

  /// The sum over all axes but the channels', these kept.
  func summedToChannels() -> Tensor { sum(along: shape.indices.filter { $0 != 1 }, keepingAxes: true) }
}
