import TernBackend

/// A date of the proleptic Gregorian calendar with a time of day.
struct TableDate: Equatable {
  let (year, month, day): (Int, Int, Int)
  /// Since midnight.
  let seconds: Double

  /// The date that a text without spaces around it spells; `nil` where it spells none.
  init?(_ text: UnsafeBufferPointer<UInt8>, _ format: TableColumn.DateFormat) {
    var place = 0
    func number(_ digits: ClosedRange<Int>) -> Int? {
      let start = place
      var value = 0
      while place < text.count, place - start < digits.upperBound, let digit = text[place].digit {
        value = value * 10 + Int(digit)
        place += 1
      }
      return digits.contains(place - start) ? value : nil
    }
    func take(_ bytes: StaticString) -> UInt8? {
      guard place < text.count else { return nil }
      let byte = text[place]
      for index in 0..<bytes.utf8CodeUnitCount where bytes.utf8Start[index] == byte {
        place += 1
        return byte
      }
      return nil
    }
    guard let first = number(format == .yearFirst ? 4...4 : 1...2), let mark = take("-/."),
      let second = number(1...2), take("-/.") == mark, let third = number(format == .yearFirst ? 1...2 : 4...4)
    else { return nil }
    switch format {
    case .yearFirst: (year, month, day) = (first, second, third)
    case .dayFirst: (year, month, day) = (third, second, first)
    case .monthFirst: (year, month, day) = (third, first, second)
    }
    guard 1...12 ~= month, 1...TableDate.days(ofMonth: month, year) ~= day else { return nil }
    guard place < text.count else {
      seconds = 0
      return
    }
    guard take(" T") != nil, let hour = number(1...2), take(":") != nil, let minute = number(2...2), hour < 24,
      minute < 60
    else { return nil }
    var time = Double(hour * 3600 + minute * 60)
    if take(":") != nil {
      guard let second = number(2...2), second < 60 else { return nil }
      time += Double(second)
      if take(".") != nil {
        let start = place
        guard let fraction = number(1...9) else { return nil }
        var scale = 1.0
        for _ in start..<place { scale *= 10 }
        time += Double(fraction) / scale
      }
    }
    _ = take("Z")
    guard place == text.count else { return nil }
    seconds = time
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func days(ofMonth month: Int, _ year: Int) -> Int {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  /// Days since 1970-01-01.
  private var dayNumber: Int {
    let years = year - 1
    return years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 1 - 719_162
  }

  private var dayOfYear: Int { (1..<month).reduce(day) { $0 + TableDate.days(ofMonth: $1, year) } }

  /// A number of the date.
  func part(_ part: TableColumn.DatePart) -> Double {
    switch part {
    case .days: Double(dayNumber) + seconds / 86_400
    case .year: Double(year)
    case .month: Double(month)
    case .day: Double(day)
    // 1970 began on a Thursday.
    case .weekday: Double(((dayNumber + 3) % 7 + 7) % 7 + 1)
    case .dayOfYear: Double(dayOfYear)
    case .hour: seconds / 3600
    }
  }
}
