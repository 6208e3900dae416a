internal import CTernKernels

/// A block of memory read as [outer][n][inner], its rows `step` elements apart; kernels work along the middle axis.
@usableFromInline package struct NormalizationBlock: Sendable {
  /// How many times the rows follow each other.
  @usableFromInline package var outer: Int
  /// Rows in each.
  @usableFromInline package var n: Int
  /// Columns, each with an entry of its own in the coefficients [outer][inner].
  @usableFromInline package var inner: Int
  /// Elements from one row to the next, `inner` or more; 1 makes one long row of every n.
  @usableFromInline package var step: Int

  /// A block of the given extents.
  package init(outer: Int, n: Int, inner: Int, step: Int) {
    self.outer = outer
    self.n = n
    self.inner = inner
    self.step = step
  }
}

/// How a table of channels is laid out: [copies][channels][run], a channel's value at copies · run places.
@usableFromInline package struct ChannelEntries: Sendable {
  /// How many times the channels follow each other.
  @usableFromInline package var copies: Int
  /// The number of channels.
  @usableFromInline package var channels: Int
  /// Neighboring entries of one channel.
  @usableFromInline package var run: Int

  /// Entries of the given extents.
  package init(copies: Int, channels: Int, run: Int) {
    self.copies = copies
    self.channels = channels
    self.run = run
  }

  /// All entries.
  package var count: Int { copies * channels * run }
}

/// Channels stored as planes of `length` values: a channel's planes are `step` apart, the next channel's directly behind them.
@usableFromInline package struct ChannelPlanes: Sendable {
  /// How many channels are meant, of how many.
  @usableFromInline package var channels: Int, total: Int
  /// Planes of a channel.
  @usableFromInline package var planes: Int
  /// Values in a plane.
  @usableFromInline package var length: Int
  /// Elements from one plane of a channel to the next.
  @usableFromInline package var step: Int

  /// Planes of the given extents.
  package init(channels: Int, total: Int, planes: Int, length: Int, step: Int) {
    (self.channels, self.total, self.planes, self.length, self.step) = (channels, total, planes, length, step)
  }
}

/// Partial results [parts][channels][run] and how many values went into each.
package struct ChannelParts: Sendable {
  /// How many times the channels follow each other.
  package var parts: Int
  /// The number of channels.
  package var channels: Int
  /// Neighboring partial results of one channel.
  package var run: Int
  /// Values in a full part and in a shorter one.
  package var full: Int, tail: Int
  /// Parts and runs from here on are the shorter ones.
  package var tailPart: Int, tailRun: Int

  /// Parts of the given extents.
  package init(parts: Int, channels: Int, run: Int, full: Int, tail: Int, tailPart: Int, tailRun: Int) {
    (self.parts, self.channels, self.run) = (parts, channels, run)
    (self.full, self.tail, self.tailPart, self.tailRun) = (full, tail, tailPart, tailRun)
  }

  /// Mean and Σ(x − mean)² of every channel from those of its parts, merged in order.
  package func mergeMoments(
    _ means: UnsafePointer<Double>, _ squares: UnsafePointer<Double>, _ mean: UnsafeMutablePointer<Double>,
    _ m2: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.merge_moments(
      parts, channels, run, full, tail, tailPart, tailRun, means, squares, mean, m2)
  }

  /// Two sums of every channel from those of its parts, added in order.
  package func mergeSums(
    _ firsts: UnsafePointer<Double>, _ seconds: UnsafePointer<Double>, _ first: UnsafeMutablePointer<Double>,
    _ second: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.merge_sums(parts, channels, run, firsts, seconds, first, second)
  }
}

/// Windows along the channels of memory read as [outer][channels][inner].
@usableFromInline package struct ChannelWindows: Sendable {
  /// How many times the channels follow each other.
  @usableFromInline package var outer: Int
  /// The number of channels.
  @usableFromInline package var channels: Int
  /// Values of a channel that are meant, of `inner` that lie together.
  @usableFromInline package var n: Int, inner: Int
  /// Channels in front of the one in question, and behind it, that its window holds, less than there are.
  @usableFromInline package var before: Int, after: Int

  /// Windows of the given extents.
  package init(outer: Int, channels: Int, n: Int, inner: Int, before: Int, after: Int) {
    (self.outer, self.channels, self.n, self.inner) = (outer, channels, n, inner)
    (self.before, self.after) = (before, after)
  }
}
