import TernTestSupport
import Testing

@testable import TernTraining

/// What a view shows on terminals of many sizes.
@Suite struct LiveLayoutTests {
  /// A training in its third epoch.
  private func state(_ title: String = "digits, cnn") -> LiveState {
    var start = TrainingStart()
    (start.epoch, start.epochs, start.stepsPerEpoch, start.batchesPerEpoch) = (0, 20, 50, 50)
    var state = LiveState()
    state.begin(start, title: title, at: 0)
    var time = 0.0
    for step in 1...130 {
      time += 0.1
      var record = StepRecord(
        step, loss: 100 / Double(step), metrics: ["accuracy": 1 - 1 / Double(step)], learningRates: [0.001])
      (record.epoch, record.batch, record.samples, record.seconds) = ((step - 1) / 50 + 1, (step - 1) % 50 + 1, 64, 0.1)
      state.record(record, at: time)
      if step % 50 == 0 {
        time += 2
        state.record(
          .init(
            number: step / 50, trainLoss: 1, trainAccuracy: 0.5, testLoss: 0.5, testAccuracy: 0.75, learningRate: 0.001,
            seconds: 5), afterSteps: step, at: time)
      }
    }
    return state
  }

  private func layout(_ state: LiveState, columns: Int, isUnicode: Bool = true, message: String? = nil) -> LiveLayout {
    LiveLayout(
      state: state, machine: .init(resident: 300 << 20, pool: 100 << 20, poolCached: 5 << 20, threads: 2),
      message: message, hasCheckpoints: true, time: 17, columns: columns, isUnicode: isUnicode)
  }

  @Test func allIsThereOnAnOrdinaryTerminal() {
    let rows = layout(state(), columns: 80).rows(ofTerminal: 24).map(\.text)
    #expect(rows[0].hasPrefix("── digits, cnn ───") && rows[0].count == 80)
    #expect(rows[1].hasPrefix("epoch 3/20  ━━━") && rows[1].contains("60 %  step 130/1,000"), "\(rows[1])")
    // 870 steps of 0.1 s and 18 scores of 2 s.
    #expect(rows[1].contains("2:03 left  training"), "\(rows[1])")
    let names = [
      "loss", "test loss", "accuracy", "test accuracy", "rate", "samples/s", "memory 300 MB  tensors 100 MB",
      "p pause  c checkpoint  q stop",
    ]
    var next = 2
    for name in names {
      let found = rows[next...].firstIndex { $0.hasPrefix(name) }
      #expect(found != nil, "\(name) in \(rows)")
      next = found ?? next
    }
    #expect(rows.contains { $0.hasPrefix("samples/s     640") }, "\(rows)")
    #expect(
      rows.contains { $0.hasPrefix("test loss     0.5000    ▄▄") || $0.hasPrefix("test loss     0.5000   ▄▄") },
      "\(rows)")
    #expect(rows.contains { $0.hasPrefix("loss ") && $0.hasSuffix(" log") }, "\(rows)")
    #expect(rows.last?.hasPrefix("p pause") == true && rows.count <= 16)
  }

  @Test(arguments: [(24, 80), (10, 40), (60, 200), (8, 20), (5, 12), (4, 6), (3, 3), (3, 1), (100, 500), (24, 1)])
  func nothingIsTooLargeForTheTerminal(rows: Int, columns: Int) {
    for isUnicode in [true, false] {
      for title in ["digits, cnn", "", String(repeating: "a long title ", count: 50), "数字 🙂"] {
        let found = layout(state(title), columns: columns, isUnicode: isUnicode).rows(ofTerminal: rows)
        #expect(!found.isEmpty && found.count <= LiveLayout.mostRows(of: rows) && found.count <= rows - 2)
        for row in found {
          let line = row.line(columns: columns, isColored: false)
          #expect(TernTraining.columns(of: line) <= columns, "\(line)")
          #expect(isUnicode || !title.allSatisfy(\.isASCII) || line.allSatisfy(\.isASCII), "\(line)")
        }
      }
    }
  }

  @Test func whatMattersMostStaysOnASmallTerminal() {
    func text(_ rows: Int, _ columns: Int) -> [String] {
      layout(state(), columns: columns).rows(ofTerminal: rows).map { $0.line(columns: columns, isColored: false) }
    }
    #expect(text(2, 80).isEmpty && text(1, 80).isEmpty && text(0, 80).isEmpty && text(24, 0).isEmpty)
    #expect(text(3, 40) == ["epoch 3/20   60 %  2:03 left  training"])
    let five = text(5, 40)
    #expect(five.count == 3 && five[0].hasPrefix("epoch") && five[1].hasPrefix("loss") && five[2].hasPrefix("p pause"))
    #expect(text(3, 14) == ["epoch 3/20"])
    #expect(text(10, 40).count == 7)
    // Room that is there makes charts taller.
    let tall = text(60, 200)
    #expect(tall.count > 16 && tall.filter { $0.hasPrefix("loss") }.count == 1)
  }

  @Test func whatTheTrainingDoesIsSaid() {
    var start = TrainingStart()
    (start.epoch, start.epochs, start.stepsPerEpoch, start.batchesPerEpoch) = (0, 2, 2, 2)
    var state = LiveState()
    func progress() -> String { layout(state, columns: 80).rows(ofTerminal: 3)[0].text }
    state.begin(start, title: "", at: 0)
    #expect(progress().hasSuffix("starting"))
    var step = StepRecord(1, loss: .nan)
    (step.epoch, step.batch) = (1, 1)
    state.record(step, at: 1)
    #expect(progress().hasSuffix("training"))
    (step.step, step.batch) = (2, 2)
    state.record(step, at: 2)
    #expect(progress().contains("100 %") && progress().hasSuffix("scoring"))
    state.record(.init(number: 1, trainLoss: .nan, learningRate: 1, seconds: 2), afterSteps: 2, at: 3)
    #expect(progress().hasPrefix("epoch 2/2") && progress().contains("  0 %") && progress().hasSuffix("training"))
    state.enter(.paused)
    #expect(progress().hasSuffix("paused"))
    #expect(layout(state, columns: 80).rows(ofTerminal: 24).last?.text == "p go on  c checkpoint  q stop")
    #expect(layout(state, columns: 80, message: "saved\u{1B}[2J").rows(ofTerminal: 24).last?.text == "saved?[2J")
    #expect(layout(state, columns: 80).rows(ofTerminal: 24).contains { $0.text.hasPrefix("loss nan") })
  }

  @Test func aTrainingThatGoesOnHasItsHistoryAndNothingTwice() {
    var start = TrainingStart(step: 100)
    (start.epoch, start.epochs, start.stepsPerEpoch, start.batchesPerEpoch) = (2, 20, 50, 50)
    for number in 1...2 {
      start.history.epochs.append(
        .init(
          number: number, trainLoss: 1 / Double(number), trainAccuracy: 0.5, testLoss: 0.25, testAccuracy: 0.75,
          learningRate: 0.1, seconds: 1))
    }
    var state = LiveState()
    state.begin(start, title: "", at: 0)
    func series(_ name: String, _ isOfEpochs: Bool) -> [Double?] {
      state.figures.first { $0.name == name && $0.isOfEpochs == isOfEpochs }?.series.values(columns: 512) ?? []
    }
    let losses = Array(repeating: 1.0, count: 50) + Array(repeating: 0.5, count: 50)
    #expect(series("loss", false) == losses && series("accuracy", false).count == 100)
    #expect(series("loss", true) == [0.25, 0.25] && series("accuracy", true) == [0.75, 0.75])
    var step = StepRecord(101, loss: 0.125)
    (step.epoch, step.batch) = (3, 1)
    state.record(step, at: 1)
    #expect(series("loss", false) == losses + [0.125])
    // Run again from where it is, it has its steps still; from elsewhere the history counts.
    start.step = 101
    state.begin(start, title: "", at: 2)
    #expect(series("loss", false) == losses + [0.125])
    start.step = 100
    state.begin(start, title: "", at: 3)
    #expect(series("loss", false) == losses)
  }

  @Test func numbersHaveAboutFourDigits() {
    let rows: [(Double, String)] = [
      (0, "0"), (1, "1.0000"), (0.98765, "0.9877"), (2.302585, "2.3026"), (123.456, "123.46"), (99_999.6, "99999.6"),
      (123_456.7, "1.23e5"),
      (12345.6, "12346"), (0.001, "0.001"), (0.000123456, "1.23e-4"), (-0.000123456, "-1.23e-4"), (1e300, "1e+300"),
      (.nan, "nan"), (-.infinity, "-inf"), (.leastNonzeroMagnitude, "5e-324"), (9.99999, "10.000"),
      (0.00999, "0.00999"),
    ]
    for (value, text) in rows { #expect(LiveLayout.number(value) == text, "\(value)") }
    #expect(
      LiveLayout.count(1_234_567) == "1,234,567" && LiveLayout.count(123) == "123"
        && LiveLayout.count(-1234) == "-1,234")
    #expect(
      LiveLayout.bytes(0) == "0 KB" && LiveLayout.bytes(300 << 20) == "300 MB" && LiveLayout.bytes(3 << 30) == "3.0 GB")
  }
}
