import CTernKernels

/// The objects whose work runs on this thread, outermost first: a few nanoseconds an entry, read only for messages.
package enum RunningScope {
  /// Stops where calls are nested so deep that the thread's stack would overflow.
  package static func enter(_ object: AnyObject) {
    if !tern_scope_push(Unmanaged.passUnretained(object).toOpaque()) { refuse(object) }
  }

  /// The path of a layer so deep inside is not looked for: that takes stack, too.
  private static func refuse(_ object: AnyObject) -> Never {
    fatalError(
      "\(type(of: object)): layers call each other \(tern_scope_total()) deep, which is more than the thread's stack "
        + "holds; does one call itself?")
  }

  package static func leave() { tern_scope_pop() }

  /// The objects entered and not left; they are alive as long as their callers are.
  package static var objects: [AnyObject] {
    (0..<tern_scope_depth()).compactMap { depth in
      tern_scope_object(depth).map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
    }
  }
}
