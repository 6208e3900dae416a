// REINFORCE (Williams 1992) with a learned baseline balances a pole on a cart (Barto, Sutton & Anderson 1983): episodes
// of at most 200 steps, many carts at a time.
import Foundation
import Tern

/// Carts on tracks: position, speed, angle and angular speed of each, [carts, 4].
struct Carts {
  var state: Tensor<Float>

  init(_ count: Int) { state = Tensor(randomUniform: [count, 4], in: -0.05..<0.05) }

  /// Pushes each cart to the left (0) or right (1) for 20 ms; returns which of them still balance.
  mutating func push(_ actions: Tensor<Int>) -> Tensor<Bool> {
    let (position, speed) = (state[.all, 0], state[.all, 1])
    let (angle, turning) = (state[.all, 2], state[.all, 3])
    let force = actions.cast(to: Float.self) * 20 - 10
    let (sine, cosine) = (angle.sin(), angle.cos())
    let swing = (force + 0.05 * turning.square() * sine) / 1.1
    let inertia = 0.5 * (4 / 3 - 0.1 * cosine.square() / 1.1)
    let turn = (9.8 * sine - cosine * swing) / inertia
    let push = swing - 0.05 * turn * cosine / 1.1
    state = stack(
      [position + 0.02 * speed, speed + 0.02 * push, angle + 0.02 * turning, turning + 0.02 * turn], along: 1)
    let limits = Tensor<Float>([2.4, .infinity, 0.2095, .infinity])
    return (state.abs() .<= limits).all(along: 1)
  }
}

/// Plays one episode with each cart: states [T, carts, 4], actions [T, carts], and which of them counted [T, carts].
func episodes(_ policy: Sequential<Float>, _ count: Int, greedy: Bool = false)
  -> (states: Tensor<Float>, actions: Tensor<Int>, alive: Tensor<Float>)
{
  withoutGradients {
    var carts = Carts(count)
    var balanced = Tensor<Bool>(ones: [count])
    var (states, actions, alive) = ([Tensor<Float>](), [Tensor<Int>](), [Tensor<Float>]())
    while states.count < 200 && balanced.any().item {
      let logits = policy(carts.state)
      let action = greedy ? logits.argmax(along: 1) : CategoricalDistribution(logits: logits).sample()
      states.append(carts.state)
      actions.append(action)
      alive.append(balanced.cast(to: Float.self))
      balanced = carts.push(action) .&& balanced
    }
    return (stack(states), stack(actions), stack(alive))
  }
}

Random.seed(11)
let policy = Sequential {
  Dense(4, 64)
  Tanh()
  Dense(64, 2)
}
let baseline = Sequential {
  Dense(4, 64)
  Tanh()
  Dense(64, 1)
}
let policyOptimizer = Adam(policy, learningRate: 1e-2)
let baselineOptimizer = Adam(baseline, learningRate: 1e-2)
for round in 1...60 {
  let (states, actions, alive) = episodes(policy, 16)
  // Σ 0.99ᵏ·r over the steps that follow, from the last one back: the reward is 1 a step.
  var (returns, after) = ([Tensor<Float>](), Tensor<Float>(zeros: [16]))
  for step in stride(from: alive.shape[0] - 1, through: 0, by: -1) {
    after = alive[step] + 0.99 * after
    returns.append(after)
  }
  let goal = stack(returns.reversed())

  let expected = baseline(states).squeezed(-1)
  let surprise = (expected - goal).square() * alive
  baselineOptimizer.zeroGradients()
  (surprise.sum() / alive.sum()).backward()
  baselineOptimizer.step()

  let advantage = (goal - expected.detached()) * alive
  let scale = (advantage.square().sum() / alive.sum()).sqrt() + 1e-6
  let choice = CategoricalDistribution(logits: policy(states))
  let loss = -(choice.logProbability(actions) * advantage / scale).sum() / alive.sum()
  policyOptimizer.zeroGradients()
  loss.backward()
  clipGradients(of: policy, norm: 1)
  policyOptimizer.step()
  if round.isMultiple(of: 10) { print("round \(round): \(alive.sum().item / 16) steps an episode") }
}
print("figure: \(episodes(policy, 100, greedy: true).alive.sum().item / 100)")
