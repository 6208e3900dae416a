import TernBackend

/// The level of that name, where this CPU has it.
func levelNamed(_ name: String) -> CPULevel? {
  guard let level = CPULevel(rawValue: name) else { return nil }
  let all = CPULevel.allCases
  return all.firstIndex(of: level)! <= all.firstIndex(of: .supported)! ? level : nil
}

/// Uses a level from now on: only in a process of its own.
func selectLevel(_ level: CPULevel) { CPULevel.select(level) }
