/// Tells, while a backward pass runs, which of some variables have their whole gradient: what sends gradients to other
/// processes need not wait for the end of the pass.
///
/// Variables are older than all that is computed from them, so a pass comes to them last. A variable's gradient is complete
/// once the pass has gone below the oldest node that uses it. The graph is looked through for these at the start; parts of it
/// that are computed again during the pass belong to a node that has their variables among its inputs.
package final class CompletionWatch: @unchecked Sendable {
  // One task works with it.
  @TaskLocal private static var current: CompletionWatch?
  private let variables: [VariableNode]
  private let numbers: [ObjectIdentifier: Int]
  private let isComplete: (Int) -> Void
  private var isClaimed = false

  /// - Parameters:
  ///   - variables: each once.
  ///   - isComplete: called with the number of each variable, once its gradient is there; it may take the gradient away.
  package init(_ variables: [VariableNode], isComplete: @escaping (Int) -> Void) {
    self.variables = variables
    numbers = Dictionary(
      variables.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { first, _ in first })
    self.isComplete = isComplete
  }

  /// Watches the first backward pass that accumulates into variables during `body`.
  package func callAsFunction<Result>(_ body: () throws -> Result) rethrows -> Result {
    try CompletionWatch.$current.withValue(self, operation: body)
  }

  /// The watch of this task, for one pass only.
  static func claim() -> CompletionWatch? {
    guard let watch = current, !watch.isClaimed else { return nil }
    watch.isClaimed = true
    return watch
  }

  /// A variable, and the oldest node that uses it.
  struct Use {
    let variable: VariableNode
    let number: Int
    var oldest: UInt64
  }

  /// The variables in the order of their completion, the last first; those that nothing uses are complete at once.
  func uses(below roots: [Node]) -> [Use] {
    var uses = variables.enumerated().map { Use(variable: $1, number: $0, oldest: .max) }
    var (seen, waiting): (Set<ObjectIdentifier>, [Node]) = ([], roots)
    for root in roots { if let number = numbers[ObjectIdentifier(root)] { uses[number].oldest = 0 } }
    while let node = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      for index in 0..<node.inputCount {
        guard let input = node.input(index) else { continue }
        if !input.isLeaf {
          waiting.append(input)
        } else if let number = numbers[ObjectIdentifier(input)] {
          uses[number].oldest = min(uses[number].oldest, node.sequence)
        }
      }
    }
    return uses.sorted { $0.oldest < $1.oldest }
  }

  func complete(_ use: Use) { isComplete(use.number) }
}
