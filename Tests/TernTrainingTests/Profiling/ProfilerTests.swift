import Foundation
import TernBackend
import TernData
import TernTensor
import TernTestSupport
import Testing

@testable import Tern
@testable import TernTraining

/// Where time and memory go.
@Suite(.serialized) struct ProfilerTests {
  private typealias Network = Sequential<Float>

  private static func network() -> Network {
    Random.with(RandomGenerator(seed: 3)) {
      Sequential {
        Conv2D(1, 8, kernelSize: 3, padding: .same)
        BatchNorm2d(8)
        ReLU()
        Sequential {
          MaxPool2D(2)
          Dropout(0.1)
        }
        Flatten()
        Dense(8 * 14 * 14, 10)
      }
    }
  }

  private static let inputs = Random.with(RandomGenerator(seed: 4)) { Tensor<Float>(randomNormal: [16, 1, 28, 28]) }
  private static let labels = Tensor((0..<16).map { $0 % 10 })

  /// Some steps of a training, timed from inside.
  private func profile(steps: Int = 3) -> (profile: Profile, seconds: Double, model: Network, optimizer: Adam) {
    let model = Self.network()
    let optimizer = Adam(model)
    func step() {
      optimizer.zeroGradients()
      crossEntropy(model(Self.inputs), Self.labels).backward()
      optimizer.step()
    }
    return Random.with(RandomGenerator(seed: 5)) {
      step()
      var seconds = 0.0
      let profile = Profiler.record(model, optimizer: optimizer) {
        let start = ContinuousClock.now
        for _ in 0..<steps { step() }
        seconds = (ContinuousClock.now - start) / .seconds(1)
      }
      return (profile, seconds, model, optimizer)
    }
  }

  @Test func thePartsAddUpToTheTime() {
    let profile = profile().profile
    let sum = profile.rows.reduce(0) { $0 + $1.seconds }
    #expect(abs(sum / profile.seconds - 1) < 1e-6, "\(sum) of \(profile.seconds)")
    // What is around the body is the call alone. A thread can lose its processor between the two clocks, but not each time.
    let isWhole = (0..<5).contains { _ in
      let (profile, seconds, _, _) = self.profile()
      return abs(profile.seconds / seconds - 1) < 0.03 || profile.seconds - seconds < 2e-4
    }
    #expect(isWhole)
    let phases = Profile.Phase.allCases.reduce(0) { $0 + profile.seconds($1) }
    #expect(abs(phases / sum - 1) < 1e-6)
    for phase in [Profile.Phase.forward, .backward, .optimizer] { #expect(profile.seconds(phase) > 0, "\(phase)") }
    let layers = Set(profile.rows.map(\.layer))
    #expect(abs(layers.reduce(0) { $0 + profile.seconds(ofLayer: $1) } / sum - 1) < 1e-6)
    let operations = Set(profile.rows.map(\.operation))
    #expect(abs(operations.reduce(0) { $0 + profile.seconds(ofOperation: $1) } / sum - 1) < 1e-6)
    #expect(profile.steps == 0)
    // Other tests change the number of threads meanwhile, but not each time.
    let isTold = (0..<5).contains { _ in
      let threads = Workers.count
      return self.profile(steps: 1).profile.threads == threads
    }
    #expect(isTold)
  }

  @Test func layersHaveTheirCallsAndOperations() throws {
    let (profile, _, model, _) = profile(steps: 4)
    let paths = profile.layers.map(\.path)
    #expect(Set(paths).count == paths.count && Set(paths).isSubset(of: Set(model.namedModules.map(\.name))), "\(paths)")
    for path in ["", "0", "3", "3.1", "5"] { #expect(paths.contains(path), "\(path) of \(paths)") }
    for layer in profile.layers { #expect(layer.calls == 4, "\(layer)") }
    let dense = try #require(profile.layers.first { $0.path == "5" })
    // 2·m·k·n, with a bias for each result, forward; as much for each derivative: the input is recorded.
    let forward = (model[5] as! Dense<Float>).operations(input: [16, 1568], output: [16, 10]).flops
    #expect(dense.kind == "Dense" && dense.flops == 4 * 3 * forward && forward >= 2 * 16 * 1568 * 10, "\(dense)")
    // The first layer's input needs no gradient.
    let first = try #require(profile.layers.first { $0.path == "0" })
    let convolution = (model[0] as! Conv2D<Float>).operations(input: [16, 1, 28, 28], output: [16, 8, 28, 28]).flops
    #expect(first.flops == 4 * 2 * convolution, "\(first) \(convolution)")
    // Its result is kept for the derivative.
    #expect(profile.layers.contains { $0.keptBytes >= 16 * 8 * 28 * 28 }, "\(profile.layers)")
    #expect(profile.flops == profile.layers.reduce(0) { $0 + $1.flops })
    #expect(profile.peakFLOPS > 1e8 && profile.shareOfPeak > 0)
    // Both directions of a convolution belong to its layer.
    #expect(profile.seconds(ofLayer: "0", .forward) > 0 && profile.seconds(ofLayer: "0", .backward) > 0)
    #expect(profile.rows.contains { $0.layer == "5" && $0.phase == .backward && $0.count == 4 }, "\(profile.rows)")
  }

  @Test func memoryByKind() {
    let (profile, _, model, optimizer) = profile()
    let parameters = model.parameters.reduce(0) { $0 + $1.count } * 4
    let buffers = model.namedBuffers.reduce(0) { $0 + $1.buffer.count * $1.buffer.dtype.byteCount }
    let memory = profile.memory
    #expect(memory.parameterBytes == parameters + buffers)
    #expect(memory.gradientBytes <= parameters)
    let state = optimizer.state.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) * $1.dtype.byteCount }
    #expect(memory.optimizerBytes == state && state >= 2 * parameters)
    // At least what the first layer made is there at the peak.
    #expect(memory.activationBytes + memory.workspaceBytes >= 16 * 8 * 28 * 28 * 4, "\(memory)")
    let kinds = profile.memoryLines.reduce(0) { $0 + $1.bytes }
    #expect(kinds == memory.peakBytes, "\(memory)")
    #expect(model.namedModules.contains { $0.name == memory.layer } && memory.phase != .data, "\(memory)")
    #expect(
      profile.memoryCurve.count > 10
        && zip(profile.memoryCurve, profile.memoryCurve.dropFirst()).allSatisfy { $0.seconds <= $1.seconds })
    #expect(profile.memoryCurve.allSatisfy { $0.bytes <= memory.peakBytes })
  }

  @Test func theTraceIsNestedAndHasItsFields() throws {
    let (profile, _, _, _) = profile()
    let trace = try JSON(parsing: Array(profile.trace.utf8)[...], file: "trace.json")
    let events = try #require(trace["traceEvents"]?.array)
    #expect(trace["otherData"]?["spans"]?.int == profile.spanCount)
    var open: [Int: [Double]] = [:]
    var (names, last): (Set<String>, [Int: Double]) = ([], [:])
    for event in events {
      let thread = try #require(event["tid"]?.int)
      #expect(event["pid"]?.int == 1)
      if event["ph"]?.string == "M" { continue }
      #expect(event["ph"]?.string == "X" && event["args"]?["layer"]?.string != nil, "\(event)")
      let (start, duration) = (try #require(event["ts"]?.double), try #require(event["dur"]?.double))
      #expect(start >= last[thread] ?? 0 && duration >= 0, "\(event)")
      last[thread] = start
      while let end = open[thread]?.last, end <= start + 5e-4 { open[thread]?.removeLast() }
      if let end = open[thread]?.last { #expect(start + duration <= end + 5e-4, "\(event)") }
      open[thread, default: []].append(start + duration)
      names.insert("\(event["cat"]?.string ?? "") \(event["name"]?.string ?? "")")
    }
    #expect(names.contains("layer 3.1") && names.contains("layer 0"), "\(names.sorted())")
    #expect(names.contains("section backward") && names.contains("section optimizer"), "\(names.sorted())")
    #expect(names.contains { $0.hasPrefix("derivative ") } && names.contains { $0.hasPrefix("forward ") })
    #expect(events.count - Set(events.compactMap { $0["tid"]?.int }).count == profile.spanCount)
  }

  @Test func theFilesAndTables() throws {
    let folder = ScratchFolder()
    let (profile, _, _, _) = profile()
    try profile.write(to: folder.path + "/profile")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/profile")
    #expect(Set(names).isSuperset(of: ["report.html", "profile.txt", "trace.json"]), "\(names)")
    let text = try String(contentsOfFile: folder.path + "/profile/profile.txt", encoding: .utf8)
    for word in ["forward ms", "effective GFLOP/s", "3.1", "Dropout", "activations", "at most"] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    #expect(profile.layerTable.rows.count == profile.layers.count)
    #expect(throws: DataError.self) { try profile.write(to: "/proc/nothing/there") }
  }

  @Test func theBitsAreTheSame() {
    func losses(profiled: Bool, threads: Int) -> [Float] {
      let before = Workers.count
      Workers.count = threads
      defer { Workers.count = before }
      let model = Self.network()
      let optimizer = Adam(model)
      return Random.with(RandomGenerator(seed: 5)) {
        (0..<3).map { _ in
          func step() -> Float {
            optimizer.zeroGradients()
            let loss = crossEntropy(model(Self.inputs), Self.labels)
            loss.backward()
            optimizer.step()
            return loss.item
          }
          if !profiled { return step() }
          var loss: Float = 0
          _ = Profiler.record(model, optimizer: optimizer) { loss = step() }
          return loss
        } + model.parameters.flatMap { ($0 as! Parameter<Float>).value.scalars }
      }
    }
    let usual = losses(profiled: false, threads: 2)
    #expect(usual == losses(profiled: true, threads: 2) && usual == losses(profiled: true, threads: 1))
  }

  @Test func withoutAModelPathsAreFromTheOutermostLayers() {
    let (first, second) = (Dense(4, 4), Dense(4, 4))
    let x = Tensor<Float>(ones: [2, 4])
    let profile = Profiler.record { _ = second(first(x).relu()).sum() }
    #expect(Set(profile.layers.map(\.path)) == ["Dense-1", "Dense-2"], "\(profile.layers)")
    #expect(profile.rows.contains { $0.layer.isEmpty && $0.operation == "relu" }, "\(profile.rows)")
    #expect(Profiler.record {}.rows.allSatisfy { $0.seconds < 0.1 })
    struct Failure: Error {}
    #expect(throws: Failure.self) { try Profiler.record(first) { throw Failure() } }
    // Other tests listen at times.
    let deadline = ContinuousClock.now + .seconds(20)
    while OperationObservers.isAnyoneListening && ContinuousClock.now < deadline { usleep(1000) }
    #expect(!OperationObservers.isAnyoneListening)
  }

  /// Events of another thread than the recorder's own are sorted in; more than the tape holds are added up on the way.
  @Test func otherThreadsAndLongRecordings() {
    // One thread after the other works with it.
    nonisolated(unsafe) let model = Dense(4, 4)
    let x = Tensor<Float>(ones: [2, 4])
    let recorder = ProfileRecorder(model, nil)
    @Sendable func work(_ count: Int) {
      OperationObservers.with(recorder) {
        for _ in 0..<count { model(x).relu().sum().backward() }
      }
    }
    work(2)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      work(3)
      done.signal()
    }
    done.wait()
    work(4)
    let profile = recorder.profile()
    func count(_ profile: Profile, _ operation: String, _ phase: Profile.Phase) -> Int {
      profile.rows.reduce(0) { $1.operation == operation && $1.phase == phase ? $0 + $1.count : $0 }
    }
    #expect(profile.layers.map(\.calls) == [9], "\(profile.layers)")
    #expect(count(profile, "relu", .forward) == 9 && count(profile, "relu", .backward) == 9, "\(profile.rows)")
    #expect(Set(profile.spans.map(\.thread)) == [1, 2])

    let steps = 12_000
    var seconds = 0.0
    let long = Profiler.record(model) {
      let start = ContinuousClock.now
      for _ in 0..<steps { model(x).relu().sum().backward() }
      seconds = (ContinuousClock.now - start) / .seconds(1)
    }
    #expect(long.spanCount > 1 << 16 && long.layers.map(\.calls) == [steps], "\(long.spanCount) \(long.layers)")
    #expect(count(long, "relu", .forward) == steps && count(long, "relu", .backward) == steps)
    let sum = long.rows.reduce(0) { $0 + $1.seconds }
    #expect(abs(sum / long.seconds - 1) < 1e-6 && long.seconds <= seconds * 1.01 + 1e-3, "\(sum) \(seconds)")
  }

  /// More layers than a tape knows at once, of which some push each other out.
  @Test func moreLayersThanATapeKnows() {
    let layers = (0..<600).map { _ in Dense(4, 4) }
    let model = Sequential(layers.map { $0 as any Layer<Float> })
    let x = Tensor<Float>(ones: [2, 4])
    let profile = Profiler.record(model) {
      for _ in 0..<3 { _ = model(x) }
    }
    #expect(profile.layers.count == 601 && profile.layers.allSatisfy { $0.calls == 3 }, "\(profile.layers.prefix(3))")
    let flops = profile.layers.dropFirst().map(\.flops)
    #expect(flops.first ?? 0 > 0 && flops.allSatisfy { $0 == flops.first }, "\(Set(flops))")
  }

  @Test func layoutsAreLetGo() {
    weak var layout: Layout?
    weak var other: Layout?
    let model = Dense(4, 4)
    do {
      let x = Tensor<Float>(ones: [3, 4])
      layout = x.body.layout
      let profile = Profiler.record(model) {
        for _ in 0..<3 { other = model(x).body.layout }
      }
      #expect(profile.layers.map(\.calls) == [3] && layout != nil)
    }
    #expect(layout == nil && other == nil)
  }

  /// A gradient that is added to is locked meanwhile, and may be what raises the peak.
  @Test func gradientsThatAddUp() {
    let model = Dense(512, 512)
    let optimizer = SGD(model, learningRate: 0.1)
    let input = Tensor<Float>(ones: [1, 512])
    let profile = Profiler.record(model, optimizer: optimizer) {
      for _ in 0..<3 { model(input).sum().backward() }
    }
    #expect(profile.seconds(.backward) > 0)
    #expect(model.bias?.gradient?.scalars == [Float](repeating: 3, count: 512))
  }

  @Test func stepsOfATrainer() throws {
    func train(_ profiling: ProfiledSteps?) throws -> (Network, Int) {
      let model = Self.network()
      let images = Random.with(RandomGenerator(seed: 4)) { Tensor<Float>(randomNormal: [64, 1, 28, 28]) }
      let trainer = try Trainer(
        model, optimizer: SGD(model, learningRate: 0.1), train: TensorDataset(images, Tensor((0..<64).map { $0 % 10 })),
        batchSize: 16, seed: 1)
      trainer.profiling = profiling
      try trainer.run(epochs: 2)
      return (model, trainer.completedSteps)
    }
    var found: [Profile] = []
    let (model, steps) = try train(ProfiledSteps(3...6) { found.append($0) })
    #expect(steps == 8 && found.count == 1)
    let profile = try #require(found.first)
    #expect(profile.steps == 4 && profile.seconds(.data) > 0 && profile.seconds(.optimizer) > 0)
    let sum = profile.rows.reduce(0) { $0 + $1.seconds }
    #expect(abs(sum / profile.seconds - 1) < 1e-6, "\(sum) of \(profile.seconds)")
    #expect(profile.layers.first { $0.path == "0" }?.calls == 4)
    let usual = try train(nil).0
    for (mine, other) in zip(model.parameters, usual.parameters) {
      #expect((mine as? Parameter<Float>)?.value.scalars == (other as? Parameter<Float>)?.value.scalars)
    }
    // Steps that the training has not: those that were made are handed over, and none where there were none.
    found = []
    _ = try train(ProfiledSteps(7...100) { found.append($0) })
    #expect(found.count == 1 && found.first?.steps == 2)
    found = []
    _ = try train(ProfiledSteps(9...12) { found.append($0) })
    #expect(found.isEmpty)
  }
}
