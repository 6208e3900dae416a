import Testing

@testable import TernTraining

/// The numbers behind a view's charts.
@Suite struct SparklineTests {
  @Test func levelsGoFromTheLeastToTheGreatest() {
    #expect(Sparkline((0...7).map(Double.init)).rows(height: 1, isUnicode: true) == ["▁▂▃▄▅▆▇█"])
    #expect(Sparkline([1, 0.5, 0]).rows(height: 2, isUnicode: true) == ["█▁ ", "██▁"])
    #expect(Sparkline([3, 3, 3]).rows(height: 1, isUnicode: true) == ["▄▄▄"])
    #expect(Sparkline([0, 1]).rows(height: 1, isUnicode: false) == ["_#"])
    #expect(Sparkline([]).rows(height: 2, isUnicode: true) == ["", ""])
    // Every level of a chart of three rows is reached once.
    let line = Sparkline((0..<24).map(Double.init))
    #expect((0..<24).map { line.level(Double($0), of: 24) } == Array(1...24))
  }

  @Test func whatIsMissingOrNotFiniteIsNoHeight() {
    let rows = Sparkline([0, nil, .nan, .infinity, 1]).rows(height: 2, isUnicode: true)
    #expect(rows == ["    █", "▁ ××█"])
    #expect(Sparkline([.nan, .nan]).rows(height: 1, isUnicode: false) == ["xx"])
    #expect(Sparkline([nil, nil]).extent == nil)
    let huge = Sparkline([-Double.greatestFiniteMagnitude, 0, Double.greatestFiniteMagnitude])
    #expect(huge.rows(height: 1, isUnicode: true) == ["▁▅█"])
  }

  @Test func aLossThatSpansDecadesGoesByTheLogarithm() {
    let values: [Double?] = [1000, 100, 10, 1]
    #expect(Sparkline(values).rows(height: 1, isUnicode: true) == ["█▂▁▁"])
    let line = Sparkline(values, allowsLogarithm: true)
    #expect(line.isLogarithmic && line.rows(height: 1, isUnicode: true) == ["█▆▃▁"])
    #expect(!Sparkline([1000, 0], allowsLogarithm: true).isLogarithmic)
    #expect(!Sparkline([2, 1], allowsLogarithm: true).isLogarithmic)
  }

  @Test func aSeriesHasTheMeansOfItsSteps() {
    var series = StepSeries()
    for step in 0..<100 { series.add(Double(step), at: step) }
    #expect(series.width == 1 && series.values(columns: 200) == (0..<100).map(Double.init))
    // A hundred steps in four columns: the means of 25 each.
    #expect(series.values(columns: 4) == [12, 37, 62, 87])
    #expect(series.values(columns: 0) == [])
  }

  @Test(arguments: [513, 1024, 5000, 100_000]) func aLongSeriesStaysSmallAndLosesNothing(count: Int) {
    var series = StepSeries()
    for step in 0..<count { series.add(Double(step * 7919 % 1000), at: step) }
    #expect(series.buckets.count <= StepSeries.capacity && series.buckets.count > StepSeries.capacity / 2)
    #expect(series.width >= count / StepSeries.capacity)
    for (index, bucket) in series.buckets.enumerated() {
      let steps = index * series.width..<min((index + 1) * series.width, count)
      #expect(bucket.count == Double(steps.count))
      #expect(bucket.sum == Double(steps.reduce(0) { $0 + $1 * 7919 % 1000 }), "bucket \(index)")
    }
  }

  /// Means of a figure that stays are that figure: else a line of rounding errors would be drawn.
  @Test func whatStaysIsFlat() {
    for value in [0.001, 0.1, 1e-300, -3.3, 1.7e308] {
      var series = StepSeries()
      for step in 0..<1500 { series.add(value, at: step) }
      series.add(value, at: 1500, steps: 700)
      #expect(series.values(columns: 37) == [Double?](repeating: value, count: 37), "\(value)")
    }
  }

  @Test func anEpochCountsForItsSteps() {
    var (whole, single) = (StepSeries(), StepSeries())
    for epoch in 0..<7 {
      whole.add(Double(epoch), at: epoch * 300, steps: 300)
      for step in 0..<300 { single.add(Double(epoch), at: epoch * 300 + step) }
    }
    #expect(whole == single && whole.width == 8)
    // Steps that nothing is known of leave a gap, and one that is not finite its column.
    whole.add(1, at: 2400)
    whole.add(.nan, at: 3000)
    #expect(whole.buckets[280].value == nil && whole.buckets[300].value == 1)
    #expect(whole.buckets[375].value?.isNaN == true)
    // A training of a trillion steps takes no longer.
    whole.add(5, at: 1 << 40, steps: 1 << 40)
    #expect(whole.buckets.count <= StepSeries.capacity && whole.buckets.last?.value == 5)
  }
}
