import TernBackend

/// How the memory of a dense tensor divides into the channels of its axis 1, and how work on it is split.
///
/// Any dense layout is [outer][channels][inner]: channels last has an inner extent of one, row-major [N, C, ..] the
/// positions. Kernels see it as columns, each of one channel, or as segments, each of one channel, whichever makes long
/// rows. Chunks depend on sizes alone and their results are merged in order, so that the number of threads changes no bit.
struct ChannelPartition: Sendable {
  /// The number of channels.
  let channels: Int
  /// Values per channel.
  let count: Int
  /// The entries of the coefficients that kernels read: one per column, or one per segment.
  let entries: ChannelEntries
  /// Rows (columns layout) or segment length.
  private let extent: Int
  /// How much of `extent` one chunk takes at most.
  private let block: Int
  /// Columns of one chunk at most.
  private let panel: Int
  private let isColumns: Bool

  /// Elements of one chunk, approximately.
  private static let grain = 65_536
  /// Rows that a kernel adds up before it merges in Double: a chunk should have whole blocks of them.
  private static let rows = 256
  /// Columns from which on a kernel has enough to do in every row.
  private static let wide = 256

  /// - Parameter layout: dense, of rank 2 or more.
  init(_ layout: Layout) {
    channels = layout.shape[1]
    count = layout.count / Swift.max(channels, 1)
    // The coefficients begin with the values of the channels, also where there are no elements.
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
      // Few rows go whole into one chunk, so that their sums need no merging.
      let columns = Self.grain / outer / Self.wide * Self.wide
      if columns > 0 {
        (panel, block) = (Swift.min(1024, columns), outer)
      } else {
        panel = 1024
        let width = Swift.max(Swift.min(panel, entries.count), 1)
        block = Swift.max(Self.rows, Self.grain / width / Self.rows * Self.rows)
      }
    } else {
      entries = ChannelEntries(copies: outer, channels: channels, run: 1)
      (extent, block, panel) = (inner, Self.grain, 1)
    }
  }

  /// A part of the memory, and where its coefficients and its partial results begin.
  struct Chunk {
    let block: NormalizationBlock
    let offset: Int, entry: Int, partial: Int
  }

  /// The number of parts that the extent is split into.
  private var blocks: Int { (extent + block - 1) / block }

  /// The length of part `index` of the extent.
  private func length(_ index: Int) -> Int { Swift.min(block, extent - index * block) }

  /// Calls `body` with every chunk, on the workers.
  ///
  /// - Parameter reversed: begins at the end, where the cache still holds what the last pass read.
  func forEachChunk(reversed: Bool = false, _ body: (Chunk) -> Void) {
    if count == 0 || channels == 0 { return }
    let entries = entries.count
    if isColumns {
      let panels = (entries + panel - 1) / panel
      let chunks = blocks * panels
      Workers.run(chunks: chunks) { index in
        let index = reversed ? chunks - 1 - index : index
        let (part, entry) = (index / panels, index % panels * panel)
        let width = Swift.min(panel, entries - entry)
        body(
          Chunk(
            block: NormalizationBlock(outer: 1, n: length(part), inner: width, step: entries),
            offset: part * block * entries + entry, entry: entry, partial: part * entries + entry))
      }
    } else if blocks > 1 {
      let chunks = entries * blocks
      Workers.run(chunks: chunks) { index in
        let index = reversed ? chunks - 1 - index : index
        let (segment, part) = (index / blocks, index % blocks)
        body(
          Chunk(
            block: NormalizationBlock(outer: 1, n: length(part), inner: 1, step: 1),
            offset: segment * extent + part * block, entry: segment, partial: index))
      }
    } else {
      // Equally long chunks, and an even number of them, keep two threads busy to the end.
      let least = (entries + Swift.max(1, Self.grain / extent) - 1) / Swift.max(1, Self.grain / extent)
      let even = least > 1 ? least + least % 2 : 1
      let grain = (entries + even - 1) / even
      let chunks = (entries + grain - 1) / grain
      Workers.run(chunks: chunks) { index in
        let first = (reversed ? chunks - 1 - index : index) * grain
        body(
          Chunk(
            block: NormalizationBlock(outer: Swift.min(grain, entries - first), n: extent, inner: 1, step: 1),
            offset: first * extent, entry: first, partial: first))
      }
    }
  }

  /// The layout of the partial results, for every entry one per block.
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

  /// Runs a kernel that writes two values for every entry of every chunk, and merges them: [2, channels].
  func merging(
    _ kernel: (Chunk, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void,
    by merge: (ChannelParts, UnsafePointer<Double>, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) -> Tensor<Double> {
    if count == 0 { return Tensor(zeros: [2, channels]) }
    let size = entries.count * blocks
    let partial = Tensor<Double>(uninitialized: [2 * size])
    let first = partial.mutablePointer
    forEachChunk { kernel($0, first + $0.partial, first + size + $0.partial) }
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
    return merging { chunk, mean, squares in
      Scalar.blockMoments(chunk.block, mean, squares, source + chunk.offset)
    } by: { parts, means, squares, out in
      parts.mergeMoments(means, squares, out, out + channels)
    }
  }

  /// Σ g and Σ g·(x − center) of every channel, [2, channels], with g masked by the ReLU that follows.
  ///
  /// - Parameters:
  ///   - coefficients: center, scale and shift of every entry.
  ///   - appliesReLU: whether a ReLU follows, on (x − center)·scale + shift.
  ///   - y: the result of a ReLU that follows on a sum with a residual, and the memory for the gradient masked by it.
  func productSums<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, coefficients: Tensor<Scalar>, appliesReLU: Bool = false,
    y: (result: Tensor<Scalar>, masked: Tensor<Scalar>)? = nil
  ) -> Tensor<Double> {
    let (gradient, source, table, size) = (g.pointer, x.pointer, coefficients.pointer, entries.count)
    let (result, masked) = (y?.result.pointer, y?.masked.mutablePointer)
    defer { withExtendedLifetime((g, x, coefficients, y)) {} }
    return merging { chunk, sums, products in
      let first = table + chunk.entry
      Scalar.productSums(
        chunk.block, sums, products, gradient + chunk.offset, source + chunk.offset,
        y: result.map { $0 + chunk.offset },
        masked: masked.map { $0 + chunk.offset }, first, scale: appliesReLU ? first + size : nil,
        shift: appliesReLU ? first + 2 * size : nil)
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

  /// Calls `body` with the first channel and the planes of every chunk, on the workers.
  func forEachChannel(of planes: ChannelPlanes, _ body: (_ first: Int, _ planes: ChannelPlanes) -> Void) {
    Workers.run(count: channels, grain: Swift.max(1, Self.grain / Swift.max(count, 1))) { range in
      var part = planes
      part.channels = range.count
      body(range.lowerBound, part)
    }
  }

  /// Whether a result is written with non-temporal stores: where it does not fit the cache.
  func usesNonTemporalStores<Scalar: FloatingScalar>(_: Scalar.Type) -> Bool {
    let bytes = count * channels * MemoryLayout<Scalar>.stride
    return bytes > 12 << 20 && (!isColumns || entries.count * MemoryLayout<Scalar>.stride % 64 == 0)
  }

  /// (x − center)·scale + shift + residual, then ReLU for `appliesReLU`, into `result`; all tensors share one layout.
  ///
  /// - Parameter coefficients: center, scale and shift of every entry.
  func affine<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, coefficients: Tensor<Scalar>, adding residual: Tensor<Scalar>? = nil,
    appliesReLU: Bool = false,
    into result: Tensor<Scalar>
  ) {
    let (out, source, other, table) = (result.mutablePointer, x.pointer, residual?.pointer, coefficients.pointer)
    let (size, usesNonTemporalStores) = (entries.count, usesNonTemporalStores(Scalar.self))
    defer { withExtendedLifetime((x, coefficients, residual, result)) {} }
    forEachChunk(reversed: true) { chunk in
      let first = table + chunk.entry
      Scalar.affine(
        chunk.block, out + chunk.offset, source + chunk.offset, adding: other.map { $0 + chunk.offset }, first,
        first + size, first + 2 * size, appliesReLU: appliesReLU, nonTemporal: usesNonTemporalStores)
    }
  }

  /// g·scale + (x − center)·inputScale + offset, in the layout of both.
  ///
  /// - Parameters:
  ///   - coefficients: center, scale and shift of every entry.
  ///   - gradientCoefficients: scale, input scale and offset of every entry.
  ///   - appliesReLU: whether g counts only where (x − center)·scale + shift, by `coefficients`, is above 0.
  func affinePair<Scalar: FloatingScalar>(
    _ g: Tensor<Scalar>, _ x: Tensor<Scalar>, coefficients: Tensor<Scalar>, gradientCoefficients: Tensor<Scalar>,
    appliesReLU: Bool = false
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: x.layout)
    let (out, gradient, source) = (result.mutablePointer, g.pointer, x.pointer)
    let (table, gradientTable, size, usesNonTemporalStores) = (
      coefficients.pointer, gradientCoefficients.pointer, entries.count, usesNonTemporalStores(Scalar.self)
    )
    defer { withExtendedLifetime((g, x, coefficients, gradientCoefficients)) {} }
    forEachChunk(reversed: true) { chunk in
      let (first, second) = (table + chunk.entry, gradientTable + chunk.entry)
      Scalar.affinePair(
        chunk.block, out + chunk.offset, gradient + chunk.offset, source + chunk.offset, first, second, second + size,
        second + 2 * size, reluScale: appliesReLU ? first + size : nil, reluShift: appliesReLU ? first + 2 * size : nil,
        nonTemporal: usesNonTemporalStores)
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
  /// This tensor, or a dense copy of it.
  var dense: Tensor { layout.isDense ? self : copied(layout.forResult) }

  /// The same values as a constant in the layout `target`, which is dense.
  func withLayout(of target: Layout) -> Tensor {
    layout.hasLayout(of: target) ? detached() : detached().copied(target)
  }

  /// A vector of channels as it broadcasts to a tensor of the given rank with the channels on axis 1.
  func alongChannels(rank: Int) -> Tensor { reshaped([1, count] + [Int](repeating: 1, count: rank - 2)) }

  /// The sum over all axes but the channels', these kept.
  func summedToChannels() -> Tensor { sum(along: shape.indices.filter { $0 != 1 }, keepingAxes: true) }
}
