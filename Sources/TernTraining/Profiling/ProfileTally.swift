import TernBackend
import TernNN
import TernTensor

/// Adds up what a ``ProfileRecorder`` noted: the time between two events of a thread belongs to what ended with the second.
struct ProfileTally {
  /// The number of a name among ``ProfileTally/texts``.
  private typealias Name = Int32

  private struct Key: Hashable {
    var layer: UInt64
    var operation: Name
    var phase: Profile.Phase
  }

  private struct Sum {
    var count = 0
    var nanoseconds: UInt64 = 0
  }

  private struct LayerSum {
    var order: Int
    var calls = 0
    var flops = 0
    /// What the derivatives take, where they run.
    var backwardFlops = 0
    var kept = 0
  }

  /// What runs on a thread.
  private struct Thread {
    var number: Int
    var last: UInt64
    var lastBytes: Int
    var layers: [(id: UInt64, start: UInt64, bytes: Int, below: Int, input: Layout?, isRecorded: Bool)] = []
    var sections: [(name: Name, phase: Profile.Phase?, start: UInt64)] = []
    var nodes: [(layer: UInt64, name: Name, start: UInt64)] = []

    /// The kind of work between the last event and the next one.
    func phase(ofOperation isOperation: Bool) -> Profile.Phase {
      if !nodes.isEmpty || sections.last?.phase == .backward { return .backward }
      if !layers.isEmpty { return .forward }
      return sections.last?.phase ?? (isOperation ? .forward : .other)
    }
  }

  /// What a span is of, besides the kind of work of an operation.
  private enum Category { case operation(Profile.Phase), layer, section, derivative }

  private let model: (any Module)?
  private let start: UInt64
  private var threads: [UInt: Thread] = [:]
  private var sums: [Key: Sum] = [:]
  private var layers: [UInt64: LayerSum] = [:]
  /// The layers that ran, kept so that nothing else gets the place of one.
  private var modules: [UInt64: any Module] = [:]
  /// The outermost layers.
  private var roots: [UInt64] = []
  /// The layers of the nodes that were recorded and not run backward yet.
  private var origins: [UInt64: UInt64] = [:]
  /// Names by number; the first is of what is between operations.
  private var texts = [""]
  private var numbers: [String: Name] = ["": 0]
  private var known: [UnsafePointer<UInt8>: Name] = [:]
  private var spans: [(name: Name, category: Category, layer: UInt64, start: UInt64, end: UInt64, thread: Int)] = []
  private var spanCount = 0
  private var steps = 0
  /// The time that does not count.
  private var skipped: UInt64 = 0
  private var peak = 0
  private var atPeak: (layer: UInt64, operation: Name, phase: Profile.Phase, workspace: Int) = (0, 0, .other, 0)
  private var firstBytes: Int?
  private var curve: [(time: UInt64, bytes: Int)] = []
  /// Every how manieth operation is on the curve.
  private var curveStep = 1
  private var curveCount = 0
  /// How many spans are kept at most.
  private static let mostSpans = 1_000_000
  private static let mostPoints = 4096

  init(_ model: (any Module)?, start: UInt64) {
    (self.model, self.start) = (model, start)
  }

  /// Keeps a layer alive.
  mutating func keep(_ layer: AnyObject, _ id: UInt64) {
    if modules[id] == nil { modules[id] = layer as? any Module }
  }

  /// Adds events, whose layouts and ticks are places in these.
  mutating func add(
    _ events: UnsafeBufferPointer<ProfileRecorder.Event>, _ layouts: [Layout], _ clock: TickClock.Conversion
  ) {
    guard let first = events.first else { return }
    if firstBytes == nil { firstBytes = first.bytes }
    // Most events are the same thread's as the one before.
    var id = first.thread
    var thread = take(id, clock.nanoseconds(first.ticks), first.bytes)
    for event in events {
      let time = clock.nanoseconds(event.ticks)
      if event.thread != id {
        threads[id] = thread
        id = event.thread
        thread = take(id, time, event.bytes)
      }
      add(event, event.layout < 0 ? nil : layouts[Int(event.layout)], time, &thread)
    }
    threads[id] = thread
  }

  private mutating func take(_ id: UInt, _ time: UInt64, _ bytes: Int) -> Thread {
    threads.removeValue(forKey: id)
      ?? Thread(number: threads.count + 1, last: threads.isEmpty ? start : time, lastBytes: bytes)
  }

  private mutating func number(_ name: UnsafePointer<UInt8>?) -> Name {
    guard let name else { return 0 }
    if let number = known[name] { return number }
    let text = String(cString: name)
    let number = numbers[text] ?? Name(texts.count)
    if numbers.updateValue(number, forKey: text) == nil { texts.append(text) }
    known[name] = number
    return number
  }

  private mutating func add(
    _ event: ProfileRecorder.Event, _ layout: Layout?, _ time: UInt64, _ thread: inout Thread
  ) {
    let elapsed = time - min(thread.last, time)
    let inNode = thread.nodes.last
    let phase = thread.phase(ofOperation: event.kind == .operation || event.kind == .loop)
    // A layer that is done again for a checkpoint runs inside of a derivative.
    let layer = thread.layers.last?.id ?? inNode?.layer ?? 0
    var operation: Name = 0
    switch event.kind {
    case .operation, .loop:
      let name = number(event.name)
      // What a derivative does is the derivative's; what is done again for one is what it was.
      let isOwn = inNode == nil || event.flag
      operation = isOwn ? name : inNode?.name ?? name
      put(layer, operation, phase, elapsed, count: isOwn ? 1 : 0)
      span(name, .operation(phase), layer, thread.last, time, thread.number)
      if event.identity > 0 { origins[event.identity] = layer }
    case .backwardBegan:
      put(layer, 0, phase, elapsed)
      thread.nodes.append((origins.removeValue(forKey: event.identity) ?? 0, number(event.name), time))
    case .backwardEnded:
      guard let node = thread.nodes.popLast() else { break }
      operation = node.name
      put(node.layer, operation, .backward, elapsed, count: 1)
      span(operation, .derivative, node.layer, node.start, time, thread.number)
    case .layerEntered:
      put(layer, thread.layers.isEmpty ? inNode?.name ?? 0 : 0, phase, elapsed)
      if thread.layers.isEmpty, !roots.contains(event.identity) { roots.append(event.identity) }
      if layers[event.identity] == nil { layers[event.identity] = LayerSum(order: layers.count) }
      thread.layers.append((event.identity, time, event.bytes, 0, layout, event.flag))
    case .layerLeft:
      put(thread.layers.last?.id ?? layer, 0, phase, elapsed)
      guard let index = thread.layers.lastIndex(where: { $0.id == event.identity }) else { break }
      let call = thread.layers[index]
      thread.layers.removeSubrange(index...)
      span(0, .layer, call.id, call.start, time, thread.number)
      let change = event.bytes - call.bytes
      if index > 0 { thread.layers[index - 1].below += change }
      if phase == .forward { finish(call.id, change - call.below, call.input, layout, call.isRecorded) }
    case .sectionBegan:
      put(layer, 0, phase, elapsed)
      let name = number(event.name)
      thread.sections.append((name, Profile.Phase(rawValue: texts[Int(name)]), time))
    case .sectionEnded:
      guard let section = thread.sections.popLast() else { break }
      let isStep = texts[Int(section.name)] == "step"
      operation = isStep ? 0 : section.name
      put(layer, operation, phase, elapsed, count: isStep ? 0 : 1)
      span(section.name, .section, 0, section.start, time, thread.number)
      if isStep { steps += 1 }
    case .gap: break
    }
    if event.kind == .gap { skipped += elapsed }
    if event.peak > peak {
      peak = event.peak
      let name = operation == 0 ? inNode?.name ?? 0 : operation
      atPeak = (layer, name, phase, max(0, event.peak - max(event.bytes, thread.lastBytes)))
    }
    point(time, event.bytes)
    (thread.last, thread.lastBytes) = (time, event.bytes)
  }

  private mutating func put(
    _ layer: UInt64, _ operation: Name, _ phase: Profile.Phase, _ nanoseconds: UInt64, count: Int = 0
  ) {
    func change(_ sum: inout Sum) {
      sum.count += count
      sum.nanoseconds += nanoseconds
    }
    change(&sums[Key(layer: layer, operation: operation, phase: phase), default: Sum()])
  }

  private mutating func span(
    _ name: Name, _ category: Category, _ layer: UInt64, _ start: UInt64, _ end: UInt64, _ thread: Int
  ) {
    spanCount += 1
    if spans.count < Self.mostSpans { spans.append((name, category, layer, start, end, thread)) }
  }

  /// Keeps a thinned-out curve: when it gets long, every other point goes.
  private mutating func point(_ time: UInt64, _ bytes: Int) {
    curveCount += 1
    if curveCount % curveStep != 0 { return }
    curve.append((time, bytes))
    if curve.count < Self.mostPoints { return }
    curve = stride(from: 1, to: curve.count, by: 2).map { curve[$0] }
    curveStep *= 2
  }

  private mutating func finish(_ id: UInt64, _ kept: Int, _ input: Layout?, _ output: Layout?, _ isRecorded: Bool) {
    guard var sum = layers[id] else { return }
    sum.calls += 1
    sum.kept = sum.calls == 1 ? kept : max(sum.kept, kept)
    if let input, let output, let module = modules[id] as? any OperationCounting {
      let flops = module.operations(input: input.shape, output: output.shape).flops
      sum.flops += flops
      sum.backwardFlops += flops * ((isRecorded ? 1 : 0) + (module.parameters.isEmpty ? 0 : 1))
    }
    layers[id] = sum
  }

  // MARK: The profile

  /// The paths of all layers that ran.
  private var paths: [UInt64: String] {
    var paths: [UInt64: String] = [:]
    func add(_ module: any Module, below prefix: String) {
      for (name, module) in module.namedModules where paths[ProfileRecorder.identity(module)] == nil {
        paths[ProfileRecorder.identity(module)] = prefix.isEmpty || name.isEmpty ? prefix + name : "\(prefix).\(name)"
      }
    }
    if let model { add(model, below: "") }
    let others = roots.filter { paths[$0] == nil && modules[$0] != nil }
    var numbers: [String: Int] = [:]
    for id in others {
      guard let module = modules[id] else { continue }
      let kind = kind(of: module)
      numbers[kind, default: 0] += 1
      add(module, below: model == nil && others.count == 1 ? "" : "\(kind)-\(numbers[kind]!)")
    }
    return paths
  }

  private func kind(of module: any Module) -> String { "\(type(of: module))".prefix { $0 != "<" }.description }

  mutating func profile(
    until end: UInt64, parts: ProfileRecorder.Parts, before: ProfileRecorder.Parts, peakFLOPS: Double
  ) -> Profile {
    if let last = threads.values.min(by: { $0.number < $1.number })?.last { put(0, 0, .other, end - min(last, end)) }
    let paths = paths
    let rows = sums.filter { $0.value.nanoseconds > 0 || $0.value.count > 0 }.map { key, sum in
      Profile.Row(
        layer: paths[key.layer] ?? "", operation: texts[Int(key.operation)], phase: key.phase, count: sum.count,
        seconds: Double(sum.nanoseconds) * 1e-9)
    }.sorted { ($0.seconds, $1.layer, $1.operation) > ($1.seconds, $0.layer, $0.operation) }
    let wentBack = Set(sums.keys.filter { $0.phase == .backward && $0.operation != 0 }.map { $0.layer })
    let found = layers.filter { paths[$0.key] != nil }.sorted { $0.value.order < $1.value.order }.map { id, sum in
      Profile.Layer(
        path: paths[id] ?? "", kind: modules[id].map { kind(of: $0) } ?? "", calls: sum.calls,
        flops: sum.flops + (wentBack.contains(id) ? sum.backwardFlops : 0), keptBytes: sum.kept)
    }
    var memory = Profile.Memory()
    memory.peakBytes = peak
    memory.parameterBytes = parts.parameters
    memory.gradientBytes = parts.gradients
    memory.optimizerBytes = parts.optimizer
    memory.otherBytes = max(0, (firstBytes ?? 0) - before.total)
    memory.workspaceBytes = atPeak.workspace
    memory.layer = paths[atPeak.layer] ?? ""
    (memory.operation, memory.phase) = (texts[Int(atPeak.operation)], atPeak.phase)
    func seconds(_ time: UInt64) -> Double { Double(time - min(start, time)) * 1e-9 }
    return Profile(
      seconds: seconds(end) - Double(skipped) * 1e-9, steps: steps, rows: rows, layers: found, memory: memory,
      peakFLOPS: peakFLOPS,
      threads: Workers.count, memoryCurve: curve.map { (seconds($0.time), $0.bytes) },
      spans: spans.map { span in
        let layer = paths[span.layer] ?? ""
        let (name, category) =
          switch span.category {
          case .operation(let phase): (texts[Int(span.name)], phase.rawValue)
          case .layer: (layer.isEmpty ? modules[span.layer].map { kind(of: $0) } ?? "layer" : layer, "layer")
          case .section: (texts[Int(span.name)], "section")
          case .derivative: (texts[Int(span.name)], "derivative")
          }
        return Profile.Span(
          name: name, category: category, layer: layer, start: span.start - min(start, span.start),
          end: span.end - min(start, span.end), thread: span.thread)
      }, spanCount: spanCount)
  }
}
