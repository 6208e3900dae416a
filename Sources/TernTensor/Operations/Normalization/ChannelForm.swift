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
  /// Of the tables that kernels read: an entry a column, or one a segment.
  let entries: ChannelEntries
  /// Columns: the rows, and how many a piece takes. Segments: their length, and how much of it a piece takes at most.
  private let extent: Int, block: Int
  /// Columns that one piece takes at most.
  private let strip: Int
  private let isColumns: Bool

  /// Elements that one piece of work takes, about.
  private static let grain = 65_536
  /// Rows that a kernel adds up before it merges in Double: a piece should have whole blocks of them.
  private static let rows = 256
  /// Columns from which on a kernel has enough to do in every row.
  private static let wide = 256

  /// - Parameter layout: dense, of rank 2 or more.
  init(_ layout: Layout) {
    channels = layout.shape[1]
    count = layout.count / Swift.max(channels, 1)
    // Tables have a channel's numbers at their front, also where there are no values.
    var (outer, inner) = layout.aroundChannels
    (outer, inner) = (Swift.max(outer, 1), Swift.max(inner, 1))
    isColumns = inner == 1 || (inner < 64 && outer >= 8)
    if isColumns {
      // Narrow rows are taken several at once.
      var copies = 1
      while copies * channels * inner < Self.wide && outer % 2 == 0 && outer >= Self.rows {
        copies *= 2
        outer /= 2
      }
      entries = ChannelEntries(copies: copies, channels: channels, run: inner)
      extent = outer
      // Few rows go whole into one piece, so that their sums need no merging.
      let columns = Self.grain / outer / Self.wide * Self.wide
      if columns > 0 {
        (strip, block) = (Swift.min(1024, columns), outer)
      } else {
        strip = 1024
        let width = Swift.max(Swift.min(strip, entries.count), 1)
        block = Swift.max(Self.rows, Self.grain / width / Self.rows * Self.rows)
      }
    } else {
      entries = ChannelEntries(copies: outer, channels: channels, run: 1)
      (extent, block, strip) = (inner, Self.grain, 1)
    }
  }

  /// A part of the memory, and where its entries of tables and its partial results begin.
  struct Piece {
    let block: NormalizationBlock
    let offset: Int, entry: Int, partial: Int
  }

  /// Into how many parts the extent is cut.
  private var blocks: Int { (extent + block - 1) / block }

  /// The length of part `index` of the extent.
  private func length(_ index: Int) -> Int { Swift.min(block, extent - index * block) }

  /// Calls `body` with every piece, on the workers.
  ///
  /// - Parameter reversed: begins at the end, where the cache still holds what the last pass read.
  func forEachPiece(reversed: Bool = false, _ body: (Piece) -> Void) {
    if count == 0 || channels == 0 { return }
    let entries = entries.count
    if isColumns {
      let strips = (entries + strip - 1) / strip
      let pieces = blocks * strips
      Workers.run(pieces: pieces) { index in
        let index = reversed ? pieces - 1 - index : index
        let (part, entry) = (index / strips, index % strips * strip)
        let width = Swift.min(strip, entries - entry)
        body(
          Piece(
            block: NormalizationBlock(outer: 1, n: length(part), inner: width, step: entries),
            offset: part * block * entries + entry, entry: entry, partial: part * entries + entry))
      }
    } else if blocks > 1 {
      let pieces = entries * blocks
      Workers.run(pieces: pieces) { index in
        let index = reversed ? pieces - 1 - index : index
        let (segment, part) = (index / blocks, index % blocks)
        body(
          Piece(
            block: NormalizationBlock(outer: 1, n: length(part), inner: 1, step: 1),
            offset: segment * extent + part * block, entry: segment, partial: index))
      }
    } else {
      let grain = Swift.max(1, Self.grain / extent)
      let pieces = (entries + grain - 1) / grain
      Workers.run(pieces: pieces) { index in
        let first = (reversed ? pieces - 1 - index : index) * grain
        body(
          Piece(
            block: NormalizationBlock(outer: Swift.min(grain, entries - first), n: extent, inner: 1, step: 1),
            offset: first * extent, entry: first, partial: first))
      }
    }
  }

  /// How partial results lie, an entry's for every block.
  var parts: ChannelParts {
    let (tail, inner) = (length(blocks - 1), entries.run)
    if isColumns {
      return ChannelParts(
        parts: blocks * entries.copies, channels: channels, run: inner, full: block, tail: tail,
        tailPart: (blocks - 1) * entries.copies, tailRun: inner)
    }
    return ChannelParts(
      parts: entries.copies, channels: channels, run: blocks, full: block, tail: tail, tailPart: entries.copies,
      tailRun: blocks - 1)
  }

  /// Runs a kernel that leaves two numbers for every entry of every piece, and merges them: [2, channels].
  func merging(
    _ kernel: (Piece, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void,
    by merge: (ChannelParts, UnsafePointer<Double>, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) -> Tensor<Double> {
    if count == 0 { return Tensor(zeros: [2, channels]) }
    let size = entries.count * blocks
    let partial = Tensor<Double>(uninitialized: [2 * size])
    let first = partial.mutablePointer
    forEachPiece { kernel($0, first + $0.partial, first + size + $0.partial) }
    if size == channels { return partial }
    let result = Tensor<Double>(uninitialized: [2 * channels])
    merge(parts, partial.pointer, partial.pointer + size, result.mutablePointer)
    withExtendedLifetime(partial) {}
    return result
  }

  /// Mean and Σ(x − mean)² of every channel, [2, channels]; zeros where there are no values.
  func moments<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Double> {
    let source = x.pointer
    defer { withExtendedLifetime(x) {} }
    return merging { piece, mean, squares in
      Scalar.blockMoments(piece.block, mean, squares, source + piece.offset)
    } by: { parts, means, squares, out in
      parts.mergeMoments(means, squares, out, out + channels)
    }
  }

  /// Σ g and Σ g·(x − center) of every channel, [2, channels], of the gradients that pass a ReLU behind.
  ///
  /// - Parameters:
  ///   - tables: center, scale and shift of every entry.
  ///   - cut: whether a ReLU follows, on (x − center)·scale + shift.
  ///   - y: the result of a ReLU that follows on something else, and where the gradients go that pass it.
  func productSums<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, tables: Tensor<Scalar>, cut: Bool = false,
    y: (result: Tensor<Scalar>, passed: Tensor<Scalar>)? = nil
  ) -> Tensor<Double> {
    let (gradient, source, table, size) = (g.pointer, x.pointer, tables.pointer, entries.count)
    let (result, passed) = (y?.result.pointer, y?.passed.mutablePointer)
    defer { withExtendedLifetime((g, x, tables, y)) {} }
    return merging { piece, sums, products in
      let first = table + piece.entry
      Scalar.productSums(
        piece.block, sums, products, gradient + piece.offset, source + piece.offset,
        y: result.map { $0 + piece.offset },
        passed: passed.map { $0 + piece.offset }, first, scale: cut ? first + size : nil,
        shift: cut ? first + 2 * size : nil)
    } by: { parts, sums, products, out in
      parts.mergeSums(sums, products, out, out + channels)
    }
  }

  /// The planes of all channels where those of one fit a core's cache together with another tensor's: then every channel
  /// is visited once.
  func planes<Scalar: FloatingScalar>(_: Scalar.Type) -> ChannelPlanes? {
    guard !isColumns, blocks == 1, count * MemoryLayout<Scalar>.stride <= 384 << 10 else { return nil }
    return ChannelPlanes(
      channels: channels, total: channels, planes: entries.copies, length: extent, step: channels * extent)
  }

  /// Calls `body` with the first channel and the planes of every piece, on the workers.
  func forEachChannel(of planes: ChannelPlanes, _ body: (_ first: Int, _ planes: ChannelPlanes) -> Void) {
    Workers.run(count: channels, grain: Swift.max(1, Self.grain / Swift.max(count, 1))) { range in
      var part = planes
      part.channels = range.count
      body(range.lowerBound, part)
    }
  }

  /// Whether a result is better kept out of the cache: where it has no room there.
  func isStreamed<Scalar: FloatingScalar>(_: Scalar.Type) -> Bool {
    let bytes = count * channels * MemoryLayout<Scalar>.stride
    return bytes > 12 << 20 && (!isColumns || entries.count * MemoryLayout<Scalar>.stride % 64 == 0)
  }

  /// (x − center)·scale + shift + residual, cut off below 0 for `relu`, into `result`; all lie alike.
  ///
  /// - Parameter tables: center, scale and shift of every entry.
  func affine<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, tables: Tensor<Scalar>, adding residual: Tensor<Scalar>? = nil, relu: Bool = false,
    into result: Tensor<Scalar>
  ) {
    let (out, source, other, table) = (result.mutablePointer, x.pointer, residual?.pointer, tables.pointer)
    let (size, isStreamed) = (entries.count, isStreamed(Scalar.self))
    defer { withExtendedLifetime((x, tables, residual, result)) {} }
    forEachPiece(reversed: true) { piece in
      let first = table + piece.entry
      Scalar.affine(
        piece.block, out + piece.offset, source + piece.offset, adding: other.map { $0 + piece.offset }, first,
        first + size, first + 2 * size, relu: relu, streaming: isStreamed)
    }
  }

  /// g·scale + (x − center)·slope + rest, in the layout of both.
  ///
  /// - Parameters:
  ///   - tables: center, scale and shift of every entry.
  ///   - slopes: scale, slope and rest of every entry.
  ///   - cut: whether g counts only where (x − center)·scale + shift, by `tables`, is above 0.
  func affinePair<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, tables: Tensor<Scalar>, slopes: Tensor<Scalar>, cut: Bool = false
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
    let (table, slope, size, isStreamed) = (tables.pointer, slopes.pointer, entries.count, isStreamed(Scalar.self))
    defer { withExtendedLifetime((g, x, tables, slopes)) {} }
    forEachPiece(reversed: true) { piece in
      let (first, second) = (table + piece.entry, slope + piece.entry)
      Scalar.affinePair(
        piece.block, out + piece.offset, gradient + piece.offset, source + piece.offset, first, second, second + size,
        second + 2 * size, cutScale: cut ? first + size : nil, cutShift: cut ? first + 2 * size : nil,
        streaming: isStreamed)
    }
    return result
  }
}

extension Layout {
  /// The extents before and behind the channels of axis 1 in memory, of a dense layout of rank 2 or more.
  var aroundChannels: (outer: Int, inner: Int) {
    let channels = shape[1]
    let values = count / Swift.max(channels, 1)
    if channels <= 1 { return (1, values) }
    if isContiguous { return (shape[0], values / Swift.max(shape[0], 1)) }
    let order = memoryOrder.filter { $0 == 1 || shape[$0] != 1 }
    let outer = order.prefix { $0 != 1 }.reduce(1) { $0 * shape[$1] }
    return (outer, values / Swift.max(outer, 1))
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
