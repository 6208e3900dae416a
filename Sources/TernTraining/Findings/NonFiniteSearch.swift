import Synchronization
import TernBackend
import TernNN
import TernTensor

/// Watches a step that is done again, and says where a value that is not finite began.
///
/// Only what descends from such a value counts: from the loss, or a parameter's gradient, it goes back from result to input
/// as long as the input is not finite. Infinities that were put there, by a constant, a mask or padding, and what only
/// passes them on, are not blamed: what makes NaN of them is.
final class NonFiniteSearch: OperationObserver, @unchecked Sendable {
  /// An operation whose result is not finite.
  private struct Event {
    var name: String
    var enclosing: [String] = []
    var depth: Int
    var layer: (path: String, kind: String)?
    var derivativeOf: ObjectIdentifier?
    var inputs: [Input]
    var result: TensorBody
    var output: NonFiniteOrigin.Range
  }

  private struct Input {
    var range: NonFiniteOrigin.Range
    /// The event that made it, where it is not finite.
    var event: Int?
    var body: TensorBody
  }

  /// What is known of a node of the graph.
  private struct Known {
    var name: String
    var layer: (path: String, kind: String)?
    var inputs: [NonFiniteOrigin.Range]
    /// The inputs that are not finite.
    var broken: [Input]
    var node: Node
  }

  /// A gradient that is not finite.
  private struct Sent {
    var from: Node
    var gradient: TensorBody
  }

  private let paths: [ObjectIdentifier: (path: String, kind: String)]
  private let parameters: [(name: String, parameter: any AnyParameter)]
  private let buffers: [(name: String, buffer: any AnyBuffer)]
  private let batch: [TensorBody]
  private let indices: [Int]
  // One task works with these.
  private var events: [Event] = []
  private var known: [ObjectIdentifier: Known] = [:]
  private var arrived: [ObjectIdentifier: TensorBody] = [:]
  private var sent: [ObjectIdentifier: [Sent]] = [:]
  /// Results are held for a while, so that the next operations do not write over what is still to be looked at.
  private var recent: [TensorBody] = []
  private var turn = 0
  private let notesNodes: Bool

  /// - Parameters:
  ///   - batch: the tensors of the batch.
  ///   - samples: the places of its samples in the data set; empty where they are not known.
  ///   - notesNodes: whether backward is to be watched.
  init(_ model: any Module, batch: [TensorBody], samples: [Int], notesNodes: Bool) {
    paths = Dictionary(
      model.namedModules.map { name, module in
        (ObjectIdentifier(module), (name, String("\(type(of: module))".prefix { $0 != "<" })))
      }, uniquingKeysWith: { first, _ in first })
    parameters = model.namedParameters
    buffers = model.namedBuffers
    (self.batch, indices, self.notesNodes) = (batch, samples, notesNodes)
  }

  private func innermost(_ objects: [AnyObject]) -> (path: String, kind: String)? {
    for object in objects.reversed() { if let found = paths[ObjectIdentifier(object)] { return found } }
    return nil
  }

  // MARK: What happens

  func operationEnded(_ event: borrowing OperationEvent) {
    let result = event.result.detached
    if recent.count < 128 {
      recent.append(result)
    } else {
      recent[turn % 128] = result
      turn += 1
    }
    let layer = innermost(event.layers)
    if notesNodes, event.derivativeOf == nil || event.isRepetition, let node = event.node {
      let inputs = event.inputs.map { input($0) }
      known[ObjectIdentifier(node)] = Known(
        name: "\(event.name)", layer: layer, inputs: inputs.map(\.range), broken: inputs.filter { !$0.range.isFinite },
        node: node)
    }
    if event.isComposite {
      // What it is made of was reported before.
      for index in events.indices.reversed() {
        if events[index].depth <= event.depth { break }
        events[index].enclosing.append("\(event.name)")
      }
    }
    guard result.isBroken else { return }
    if event.isComposite, lastEvent(of: result) != nil { return }
    let inputs = event.inputs.map { input($0) }
    events.append(
      Event(
        name: "\(event.name)", depth: event.depth, layer: layer,
        derivativeOf: event.derivativeOf.map { ObjectIdentifier($0) }, inputs: inputs, result: result,
        output: NonFiniteOrigin.Range(result)))
  }

  private func input(_ body: TensorBody) -> Input {
    let range = NonFiniteOrigin.Range(body)
    return Input(range: range, event: range.isFinite ? nil : lastEvent(of: body), body: body.detached)
  }

  /// The last operation that made values which are not finite where these lie.
  private func lastEvent(of body: TensorBody) -> Int? { events.lastIndex { body.liesIn($0.result) } }

  /// Values that are not finite which a fill or a draw made.
  private var made: [(name: String, layer: (path: String, kind: String)?, body: TensorBody)] = []

  func loopEnded(_ name: StaticString, result: TensorBody) {
    let result = result.detached
    if result.isBroken { made.append(("\(name)", innermost(RunningScope.objects), result)) }
  }

  func backwardBegan(_ node: Node, gradient: TensorBody) {
    if gradient.isBroken { arrived[ObjectIdentifier(node)] = gradient.detached }
    current = gradient.detached
  }
  /// The gradient that came to the node whose derivative runs.
  private var current: TensorBody?
  private var currentRanges: [ObjectIdentifier: NonFiniteOrigin.Range] = [:]

  func gradientSent(_ gradient: TensorBody, from node: Node, to input: Node, isRegion: Bool) {
    guard gradient.isBroken else { return }
    if let current { currentRanges[ObjectIdentifier(node)] = NonFiniteOrigin.Range(current) }
    sent[ObjectIdentifier(input), default: []].append(Sent(from: node, gradient: gradient.detached))
  }

  // MARK: The answer

  /// Where a result began that is not finite.
  func origin(of loss: TensorBody?) -> NonFiniteOrigin? {
    guard let loss else { return nil }
    if let index = lastEvent(of: loss) { return blame(index) }
    return loss.isBroken ? leaf(loss, []) : nil
  }

  /// Where the gradient of the first parameter began that has one which is not finite.
  func originOfGradients() -> NonFiniteOrigin? {
    let broken = parameters.first { !$0.parameter.hasFiniteGradient }
    guard let broken else { return nil }
    guard var step = sent[broken.parameter.variableIdentity]?.first else {
      return NonFiniteOrigin(
        operation: "the sum of the gradients of \(broken.name)", layer: owner(of: broken.name), pass: .backward)
    }
    var path = [step.gradient]
    var seen: Set<ObjectIdentifier> = []
    while arrived[ObjectIdentifier(step.from)] != nil, seen.insert(ObjectIdentifier(step.from)).inserted,
      let next = sent[ObjectIdentifier(step.from)]?.first
    {
      step = next
      path.append(step.gradient)
    }
    let id = ObjectIdentifier(step.from)
    let node = known[id]
    // A layer whose answer is finite all the same, as of an infinite argument of tanh, has no derivative there.
    if arrived[id] == nil, let input = node?.broken.first(where: { !isIntended($0) }) {
      return input.event.map { blame($0) } ?? leaf(input.body, path)
    }
    var origin = NonFiniteOrigin(
      operation: node?.name ?? step.from.name, layer: node?.layer?.path, layerKind: node?.layer?.kind, pass: .backward,
      inputs: node?.inputs ?? [], output: NonFiniteOrigin.Range(step.gradient))
    if let gradient = arrived[id] {
      origin.notes.append("the gradient that came was not finite: \(NonFiniteOrigin.Range(gradient))")
    } else if let range = currentRanges[id] {
      origin.inputs.append(range)
    }
    origin.samples = samples(path.reversed())
    addLargeParameters(&origin)
    return origin
  }

  private func owner(of parameter: String) -> String {
    parameter.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// Operations that place values given to them.
  private static let placing: Set<String> = [
    "select", "padded", "replacing", "replacingNonFinite", "scattering", "clamped", "concatenate", "update", "filling",
  ]

  /// Whether the infinities of an event were put there on purpose.
  private func isIntended(_ index: Int) -> Bool {
    let event = events[index]
    if event.output.nanCount > 0 { return false }
    let broken = event.inputs.filter { !$0.range.isFinite }
    if broken.isEmpty { return Self.placing.contains(event.name) }
    return broken.allSatisfy { isIntended($0) }
  }

  private func isIntended(_ input: Input) -> Bool {
    if input.range.nanCount > 0 { return false }
    if let event = input.event { return isIntended(event) }
    return leafKind(input.body).kind == .constant
  }

  private func blame(_ start: Int) -> NonFiniteOrigin {
    var index = start
    var path = [events[start].result]
    while true {
      let event = events[index]
      let broken = event.inputs.filter { !$0.range.isFinite }
      let hasNaN = event.output.nanCount > 0
      // NaN comes from NaN where there is some, else from infinities that nobody put there.
      var next = broken.first { $0.range.nanCount > 0 } ?? broken.first { !isIntended($0) }
      if next == nil, !hasNaN { next = broken.first }
      guard let next else { break }
      guard let before = next.event, before < index else {
        return leaf(next.body, path)
      }
      index = before
      path.append(events[index].result)
    }
    let event = events[index]
    if event.inputs.allSatisfy(\.range.isFinite), let layer = event.layer?.path,
      let entry = parameters.first(where: { owner(of: $0.name) == layer && $0.parameter.body.isBroken })
    {
      // A normalization by an infinite scale is made of finite ones.
      return leaf(entry.parameter.body, path)
    }
    var origin = NonFiniteOrigin(
      operation: event.name, enclosing: event.enclosing, layer: event.layer?.path, layerKind: event.layer?.kind,
      inputs: event.inputs.map(\.range), output: event.output)
    if let id = event.derivativeOf {
      origin.pass = .backward
      origin.layer = known[id]?.layer?.path
      origin.layerKind = known[id]?.layer?.kind
    }
    origin.samples = samples(path.reversed())
    addLargeParameters(&origin)
    return origin
  }

  /// What a value is that no operation made.
  private func leafKind(_ body: TensorBody) -> (kind: NonFiniteOrigin.Kind, name: String) {
    for entry in parameters where body.liesIn(entry.parameter.body) { return (.parameter, entry.name) }
    for entry in buffers where body.liesIn(entry.buffer.body) { return (.buffer, entry.name) }
    for tensor in batch where body.liesIn(tensor) || body.isCopy(of: tensor) { return (.data, "the batch") }
    return (.constant, "a value that the program made")
  }

  private func leaf(_ body: TensorBody, _ path: [TensorBody]) -> NonFiniteOrigin {
    let (kind, name) = leafKind(body)
    var origin = NonFiniteOrigin(
      kind: kind, operation: name, layer: kind == .parameter || kind == .buffer ? owner(of: name) : nil,
      output: NonFiniteOrigin.Range(body))
    if kind == .constant, let source = made.last(where: { body.liesIn($0.body) }) {
      (origin.layer, origin.layerKind) = (source.layer?.path, source.layer?.kind)
      let place = source.layer.map { " in \($0.path.isEmpty ? $0.kind : "\($0.path) (\($0.kind))")" } ?? ""
      origin.notes.append("\(source.name == "fill" ? "a fill" : source.name) made it\(place)")
    }
    if let layer = origin.layer { origin.layerKind = paths.values.first { $0.path == layer }?.kind }
    if kind == .data { origin.samples = samples(batch.filter(\.isBroken)) }
    return origin
  }

  /// The samples of the first of some tensors that has a row for each.
  private func samples(_ bodies: [TensorBody]) -> [Int] {
    let count = indices.isEmpty ? batch.first?.layout.shape.first ?? 0 : indices.count
    for body in bodies {
      guard let rows = body.brokenRows(count), !rows.isEmpty else { continue }
      return rows.map { indices.isEmpty ? $0 : indices[$0] }
    }
    return []
  }

  /// Says which parameters, of the layer blamed before others, are so large that a step must have gone too far.
  private func addLargeParameters(_ origin: inout NonFiniteOrigin) {
    let large = parameters.compactMap { name, parameter -> (name: String, size: Double)? in
      let range = NonFiniteOrigin.Range(parameter.body)
      let size = max(abs(range.minimum), abs(range.maximum))
      return size >= 1e8 || !range.isFinite ? (name, size) : nil
    }
    guard let first = large.first(where: { owner(of: $0.name) == origin.layer }) ?? large.first else { return }
    let number = first.size.isNaN ? "not finite" : "as large as \(first.size)"
    origin.notes.append(
      "the parameter \(first.name) is \(number): an earlier update went too far, or it was so from the start")
  }
}

extension TensorBody {
  /// Whether the first value lies among those of another, which is alive.
  func liesIn(_ other: TensorBody) -> Bool {
    let start = other.pointer
    return pointer >= start && pointer < start + max(other.layout.count * other.dtype.byteCount, 1)
  }
}

extension TensorBody {
  /// Whether it may hold another one's values in another order: as many, of which as many are not finite.
  fileprivate func isCopy(of other: TensorBody) -> Bool {
    guard layout.count == other.layout.count, dtype == other.dtype else { return false }
    let (mine, theirs) = (NonFiniteOrigin.Range(self), NonFiniteOrigin.Range(other))
    return !mine.isFinite && mine.nanCount == theirs.nanCount && mine.infinityCount == theirs.infinityCount
  }
}

extension AnyParameter {
  /// Tells apart the nodes at which gradients arrive.
  var variableIdentity: ObjectIdentifier { ObjectIdentifier(typed.variable) }

  var hasFiniteGradient: Bool { typed.gradient?.isAllFinite ?? true }
}
