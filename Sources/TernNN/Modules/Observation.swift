import Synchronization
import TernBackend
import TernTensor

/// The observers of layer calls. While there are none, a call of a layer costs one relaxed load more.
enum LayerObservers {
  private static let count = Atomic<Int>(0)
  private static let observers = Mutex<[Int: Observer]>([:])
  private static let next = Atomic<Int>(0)

  struct Observer: Sendable {
    let modules: Set<ObjectIdentifier>
    let notice: @Sendable (ObjectIdentifier, TensorBody, TensorBody) -> Void
  }

  static var isListening: Bool { count.load(ordering: .relaxed) > 0 }

  /// Whether someone watches one of some layers; who names no layer watches all.
  static func watches<Scalar>(_ layers: [any Layer<Scalar>]) -> Bool {
    guard isListening else { return false }
    let watched = observers.withLock { $0.values.map { $0.modules } }
    return watched.contains { modules in
      modules.isEmpty || layers.contains { modules.contains(ObjectIdentifier($0)) }
    }
  }

  static func add(_ observer: Observer) -> Int {
    let id = next.wrappingAdd(1, ordering: .relaxed).newValue
    observers.withLock { $0[id] = observer }
    count.wrappingAdd(1, ordering: .relaxed)
    return id
  }

  static func remove(_ id: Int) {
    if observers.withLock({ $0.removeValue(forKey: id) }) != nil { count.wrappingSubtract(1, ordering: .relaxed) }
  }

  static func notify(_ module: any Module, _ input: TensorBody, _ output: TensorBody) {
    let id = ObjectIdentifier(module)
    for observer in observers.withLock({ Array($0.values) }) where observer.modules.contains(id) {
      observer.notice(id, input, output)
    }
  }
}

/// An observation of a model's layers; it ends with this object, or when it is canceled.
public final class LayerObservation: Sendable {
  private let id: Int

  init(id: Int) { self.id = id }

  /// Ends the observation.
  public func cancel() { LayerObservers.remove(id) }

  deinit { cancel() }
}

extension Module {
  /// Watches every layer at or below this module, as long as the result is kept.
  ///
  /// - Parameter notice: called on the thread that runs the layer, after it ran.
  public func observe<Scalar: FloatingScalar>(
    _ notice: @escaping @Sendable (LayerCall<Scalar>) -> Void,
    file: StaticString = #fileID, line: UInt = #line
  ) -> LayerObservation {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let modules = namedModules
    let paths = Dictionary(modules.map { (ObjectIdentifier($0.module), $0.name) }, uniquingKeysWith: { a, _ in a })
    let observer = LayerObservers.Observer(modules: Set(paths.keys)) { id, input, output in
      guard let path = paths[id], input.dtype == Scalar.dtype else { return }
      notice(
        LayerCall(path: path, input: Tensor(body: input.detached), output: Tensor(body: output.detached)))
    }
    return LayerObservation(id: LayerObservers.add(observer))
  }
}
