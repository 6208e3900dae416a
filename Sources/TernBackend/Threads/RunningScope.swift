import CTernKernels

/// The objects whose work runs on this thread, outermost first: a few nanoseconds an entry, read only for messages.
package enum RunningScope {
  package static func enter(_ object: AnyObject) { tern_scope_push(Unmanaged.passUnretained(object).toOpaque()) }

  package static func leave() { tern_scope_pop() }

  /// The objects entered and not left; they are alive as long as their callers are.
  package static var objects: [AnyObject] {
    (0..<tern_scope_depth()).compactMap { depth in
      tern_scope_object(depth).map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
    }
  }
}
