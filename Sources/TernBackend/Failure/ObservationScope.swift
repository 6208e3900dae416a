internal import CTernKernels

/// What observers of operations have to know of the work of a thread: a nanosecond to read or change.
package struct ObservationScope {
  private var watch: tern_watch

  /// The scope of the work of this thread.
  package static var current: ObservationScope {
    get { ObservationScope(watch: tern_watch_get()) }
    set { tern_watch_set(newValue.watch) }
  }

  /// Whether nobody is told of the work.
  package var isSilent: Bool {
    get { watch.is_silent }
    set { watch.is_silent = newValue }
  }

  /// How many operations made of operations it runs in.
  package var depth: Int {
    get { Int(watch.depth) }
    set { watch.depth = Int32(clamping: newValue) }
  }

  /// The object whose derivative runs, which its caller keeps alive.
  package var node: AnyObject? {
    watch.node.map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether a derivative runs.
  package var isInDerivative: Bool { watch.node != nil }

  /// Enters the derivative of an object.
  package mutating func enterDerivative(of node: AnyObject) {
    watch.node = UnsafeRawPointer(Unmanaged.passUnretained(node).toOpaque())
    watch.depth = 0
  }
}
