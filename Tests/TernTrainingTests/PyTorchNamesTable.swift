// Programs in another library's names with a part of what the compiler answers, and one that has the names for its own.

let pyTorchNames: [(code: String, answer: String)] = [
  ("for p in model.parameters { p.value = p.value * 0.9 }", "typedParameters"),
  ("model.parameters[0].gradient", "typedParameters"),
  ("x > 0", ".>"),
  ("x < 0", ".<"),
  ("x == 0", ".=="),
  ("x != 0", ".!="),
  ("x <= 0", ".<="),
  ("x >= 0.5", ".>="),
  ("x > n", ".>"),
  ("x > lr", ".>"),
  ("x > fl", ".>"),
  ("0 < x", ".<"),
  ("lr >= x", ".>="),
  ("x == lr", ".=="),
  ("x > y", ".>"),
  ("xi > 0", ".>"),
  ("xi == 0", ".=="),
  ("xi > n", ".>"),
  ("xi == n", ".=="),
  ("xi > lr", ".>"),
  ("x > x.mean()", ".>"),
  ("if x > 0 {}", ".>"),
  ("if x == 0 {}", ".=="),
  ("x[x > 0]", ".>"),
  ("x[x > 0] = 0", ".>"),
  ("(x > 0).any()", ".>"),
  ("(x > 0) .&& (x < 1)", ".>"),
  ("select(x > 0, x, y)", ".>"),
  ("x > w", ".>"),
  ("SGD(model.parameters(), lr: 0.1)", "learningRate"),
  ("SGD(model, lr: 0.1)", "learningRate"),
  ("SGD(model.parameters, lr: 0.1)", "learningRate"),
  ("Adam(model.parameters(), lr: 0.1)", "learningRate"),
  ("AdamW(model.parameters(), lr: 0.1)", "learningRate"),
  ("AdamW(model.parameters(), lr: 0.1, weight_decay: 0.1)", "learningRate"),
  ("Adam(model.parameters(), lr: 0.1, betas: (0.9, 0.99))", "learningRate"),
  ("model.parameters()", "parameters"),
  ("model.named_parameters()", "namedParameters"),
  ("for p in model.parameters() { _ = p }", "parameters"),
  ("for (name, p) in model.named_parameters() { _ = (name, p) }", "namedParameters"),
  ("for p in model.parameters() { p.requires_grad = false }", "parameters"),
  ("for p in model.parameters { p.requires_grad = false }", "isFrozen"),
  ("dense.weight.data", "value"),
  ("dense.weight.grad", "gradient"),
  ("dense.weight.requires_grad = false", "isFrozen"),
  ("optimizer.lr", "learningRate"),
  ("optimizer.lr = 0.1", "learningRate"),
  ("optimizer.param_groups", "roup"),
  ("optimizer.param_groups[0][\"lr\"] = 0.1", "roup"),
  ("optimizer.zero_grad()", "zeroGradients"),
  ("model.zero_grad()", "zeroGradients"),
  ("x.requires_grad_()", "asVariable"),
  ("x.requires_grad", "requiresGradient"),
  ("x.requires_grad = true", "requiresGradient"),
  ("model.children()", "children"),
  ("model.modules()", "odules"),
  ("model.named_modules()", "odules"),
  ("model.state_dict()", "state"),
  ("model.load_state_dict(s)", "load"),
  ("optimizer.state_dict()", "state"),
  ("optimizer.load_state_dict(s)", "load"),
  ("torch.optim.Adam(model.parameters(), lr: 0.1)", "prefix"),
  ("optim.Adam(model.parameters(), lr: 0.1)", "prefix"),
  ("Sequential(Dense(3, 4), ReLU())", "Sequential {"),
  ("nn.Sequential(nn.Linear(3, 4), nn.ReLU())", "prefix"),
  ("x.sum(1)", "along"),
  ("x.mean(0)", "along"),
  ("x.mean(0, 1)", "along"),
  ("x.max(1)", "along"),
  ("x.min(1)", "along"),
  ("x.argmax(1)", "along"),
  ("x.softmax(1)", "along"),
  ("x.cumsum(0)", "cumulativeSum"),
  ("x.log_softmax(1)", "logSoftmax"),
  ("x.mean(dim: [0, 1])", "along"),
  ("x.mean(dim: 0)", "along"),
  ("x.sum(dim: [0, 1])", "along"),
  ("x.sum(dim: 1, keepdim: true)", "along"),
  ("x.sum(axis: 1)", "along"),
  ("x.mean(axis: 1)", "along"),
  ("x.max(axis: 1)", "along"),
  ("x.sum(1, keepdim: true)", "along"),
  ("x.amax(dim: 1)", "along"),
  ("x.amin(dim: 1)", "along"),
  ("x.norm(dim: 1)", "along"),
  ("x.std(1)", "standardDeviation"),
  ("x.std()", "standardDeviation"),
  ("x.var(dim: 1)", "variance"),
  ("x.var()", "variance"),
  ("xi.sum(1)", "along"),
  ("x.view([-1, 3])", "reshaped"),
  ("x.view(-1, 3)", "reshaped"),
  ("x.reshape([-1, 3])", "reshaped"),
  ("x.reshape(-1, 3)", "reshaped"),
  ("x.size", "shape"),
  ("x.size(0)", "shape"),
  ("x.size()", "shape"),
  ("x.contiguous()", "row-major"),
  ("x.is_contiguous()", "row-major"),
  ("x.item()", "item"),
  ("x.unsqueeze(dim: 0)", "expandedAxis"),
  ("x.squeeze(dim: 0)", "squeezed"),
  ("relu(x)", "x.relu()"),
  ("softmax(x)", "x.softmax"),
  ("softmax(x, dim: 1)", "x.softmax"),
  ("sigmoid(x)", "x.sigmoid()"),
  ("sum(x)", "x.sum()"),
  ("mean(x)", "x.mean()"),
  ("log_softmax(x, dim: 1)", "logSoftmax"),
  ("one_hot(xi, 3)", "oneHot"),
  ("zeros(2, 3)", "Tensor<Float>(zeros:"),
  ("zeros([2, 3])", "Tensor<Float>(zeros:"),
  ("ones(2, 3)", "Tensor<Float>(ones:"),
  ("rand(2, 3)", "Tensor<Float>("),
  ("randn(2, 3)", "Tensor<Float>("),
  ("arange(10)", "Tensor<"),
  ("arange(0, 10, 2)", "Tensor<"),
  ("linspace(0, 1, 10)", "Tensor<"),
  ("eye(3)", "Tensor<Float>("),
  ("full([2, 3], 1.0)", "Tensor<Float>("),
  ("concat([x, y])", "concatenate"),
  ("zeros_like(x)", "Tensor("),
  ("ones_like(x)", "Tensor("),
  ("clip_grad_norm_(model.parameters(), 1.0)", "clipGradients"),
  ("clip_grad_norm_(model, 1.0)", "clipGradients"),
  ("random_split(ds, [2, 2])", "split"),
  ("ModuleList([dense, dense])", "Sequential"),
  ("mse_loss(x, y)", "meanSquaredError"),
  ("cross_entropy(x, xi)", "crossEntropy"),
  ("binary_cross_entropy(x, y)", "binaryCrossEntropy"),
  ("manual_seed(0)", "Random.seed"),
  ("x.topk(2)", "topK"),
  ("x.chunk(2)", "chunks"),
  ("x.chunk(2, dim: 0)", "chunks"),
  ("x.sort()", "sorted"),
  ("x.scatter(1, xi, y)", "scattering"),
  ("x.scatter_add(1, xi, y)", "scatterAdding"),
  ("x.clip(0, 1)", "clamped"),
  ("x.clip(min: 0, max: 1)", "clamped"),
  ("x.clamp(0, 1)", "clamped"),
  ("x.clamp(min: 0)", "clamped"),
  ("x.triu()", "riang"),
  ("x.tril()", "riang"),
  ("x.roll(1)", "rolled"),
  ("x.flip(0)", "flipped"),
  ("x.flip([0])", "flipped"),
  ("x.narrow(0, 1, 2)", "narrowed"),
  ("x.mm(y)", "matmul"),
  ("x.isnan()", "isNaN"),
  ("x.erfinv()", "erfInverse"),
  ("x.xlogy(y)", "xlogy(x, y)"),
  ("x.allclose(y)", "allClose"),
  ("x.copysign(y)", "copySign"),
  ("x.deg2rad()", "radiansFromDegrees"),
  ("x.bitwise_and(y)", "x & y"),
  ("x.isinf()", "isInfinite"),
  ("x.nonzero()", "ndices"),
  ("x.fill_(0)", "value"),
  ("x.zero_()", "value"),
  ("x.copy_(y)", "value"),
  ("x.logsumexp(1)", "logSumExp"),
  ("x.logsumexp(dim: 1)", "logSumExp"),
  ("x.eq(y)", ".=="),
  ("x.eq(0)", ".=="),
  ("x.gt(0)", ".>"),
  ("x.lt(0)", ".<"),
  ("x.int()", "cast"),
  ("x.bool()", "cast"),
  ("x.float()", "cast"),
  ("x.long()", "cast"),
  ("x.double()", "cast"),
  ("x.half()", "cast"),
  ("x.device", "CPU"),
  ("x.is_cuda", "CPU"),
  ("x.to(\"cuda\")", "CPU"),
  ("x.to(device)", "CPU"),
  ("x.to(device: device)", "CPU"),
  ("model.to(device)", "CPU"),
  ("model.to(\"cuda\")", "CPU"),
  ("x.detach()", "detached"),
  ("x.detach_()", "value"),
  ("x.backward(retain_graph: true)", "retain"),
  ("x.retain_grad()", "variable"),
  ("Tensor<Float>.zeros(2, 3)", "zeros:"),
  ("Tensor<Float>.zeros([2, 3])", "zeros:"),
  ("Tensor<Float>.ones(2, 3)", "ones:"),
  ("Tensor<Float>.rand(2, 3)", "Tensor<Float>("),
  ("Tensor<Float>.randn(2, 3)", "Tensor<Float>("),
  ("Tensor<Float>.arange(5)", "Tensor<"),
  ("Tensor<Float>(2, 3)", "zeros:"),
  ("Tensor<Float>(2, 3, 4)", "zeros:"),
  ("DataLoader(ds, batchSize: 2, numWorkers: 2)", "workers"),
  ("DataLoader(ds, batchSize: 2, num_workers: 2)", "workers"),
  ("DataLoader(ds, batch_size: 2, shuffle: true)", "batchSize"),
  ("DataLoader(ds, batch_size: 2, shuffle: true, num_workers: 2)", "batchSize"),
  ("DataLoader(ds, batchSize: 2, shuffle: true, drop_last: true)", "batchSize"),
  ("StepLR(optimizer, step_size: 3)", "StepSchedule"),
  ("CosineAnnealingLR(optimizer, 10)", "CosineSchedule"),
  ("CosineAnnealingLR(optimizer, T_max: 10)", "CosineSchedule"),
  ("Softmax(dim: 1)", "axis"),
  ("LogSoftmax(dim: 1)", "axis"),
  ("stack([x, y], dim: 0)", "along"),
  ("cat([x, y], dim: 0)", "concatenate"),
  ("cat([x, y], 0)", "concatenate"),
  ("cat([x, y])", "concatenate"),
  ("concatenate([x, y], dim: 1)", "along"),
  ("concatenate([x, y], axis: 1)", "along"),
  ("x.split(2)", "every"),
  ("x.split(2, dim: 0)", "every"),
  ("!m", ".!"),
  ("x % 2", "remainder"),
  ("x % y", "remainder"),
  ("x[...]", ".all"),
  ("x[..., 0]", ".ellipsis"),
  ("x[0, ...]", ".ellipsis"),
  ("x[0, ...] = 1", ".ellipsis"),
  ("x[.all, ...]", ".ellipsis"),
  ("len(x)", "shape"),
  ("x.T", "transposed"),
  ("x.t()", "transposed"),
  ("x.permute([0, 1])", "permuted"),
  ("x.permute(0, 1)", "permuted"),
  ("x.expand(2, 3)", "broadcast"),
  ("x.abs_()", "value"),
  ("x.pow_(2)", "value"),
  ("x.add_(1)", "value"),
  ("x.mul_(2)", "value"),
  ("x.sub_(y)", "value"),
  ("x.append(y)", "oncatenate"),
  ("print(x.tolist())", "scalars"),
  ("x.numpy()", "scalars"),
  ("model.cuda()", "CPU"),
  ("Linear(3, 4)", "Dense"),
  ("BatchNorm2D(3)", "BatchNorm2d"),
  ("Dropout(p: 0.5)", "Dropout(0.5)"),
  ("x.ndim", "rank"),
  ("x.numel()", "count"),
  ("x.masked_fill(m, 0)", "filled"),
  ("x.sum(-1)", "along"),
  ("x.equal(y)", "=="),
  ("w > 0", ".>"),
  ("MultiheadAttention(8, num_heads: 2)", "MultiHeadAttention"),
]

let ownNamesProgram = #"""
  import Foundation
  import Tern

  // A user's own functions under the names.
  func relu(_ x: Tensor<Float>) -> Tensor<Float> { maximum(x, 0) }
  func zeros(_ n: Int) -> [Float] { Array(repeating: 0, count: n) }
  func softmax<S: FloatingScalar>(_ x: Tensor<S>) -> Tensor<S> { x.softmax() }
  func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  func sum(_ a: [Double]) -> Double { a.reduce(0, +) }
  func mean<C: Collection>(_ a: C) -> Double where C.Element == Double { sum(Array(a)) / Double(a.count) }
  func tanh(_ x: Tensor<Float>) -> Tensor<Float> { x.tanh() }
  func len(_ s: String) -> Int { s.count }
  func linspace(_ a: Double, _ b: Double, _ n: Int) -> [Double] { [a, b] }
  func cat(_ a: String, _ b: String) -> String { a + b }
  func concat(_ a: [Int], _ b: [Int]) -> [Int] { a + b }
  func one_hot(_ k: Int, _ n: Int) -> [Int] { (0..<n).map { $0 == k ? 1 : 0 } }
  func concatenate(_ a: [Int], axis: Int) -> [Int] { a }

  func random_split(_ n: Int) -> Int { n }
  struct ModuleList { var a = 0 }
  let eye = 3
  let ones = [1.0]
  let optim = "name"
  func clip_grad_norm_(_ a: Int) -> Int { a }
  func zeros_like<S: FloatingScalar>(_ x: Tensor<S>) -> Tensor<S> { Tensor(zeros: x.shape) }
  func relu<S: FloatingScalar>(_ x: Tensor<S>) -> Tensor<S> { x.relu() }
  func sqrt<S: FloatingScalar>(_ x: Tensor<S>) -> Tensor<S> { x.sqrt() }
  func exp(_ x: Tensor<Double>) -> Tensor<Double> { x.exp() }
  func abs(_ x: Tensor<Float>) -> Tensor<Float> { x.abs() }

  extension Tensor where Scalar == Float {
    func swish() -> Tensor { matmul(self, self) + dot(self, self) + self.sum() * Float(2) }
    func kind() -> String { "\(type(of: self))" }
    func data2() -> Float { Swift.max(1, 2) }
  }

  final class Net: Module {
    let hidden = Dense(3, 4)
    let out = Dense(4, 1)
    func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> { out(hidden(x).relu()) }
    func parameters() -> [Int] { [1] }
    func to(_ device: String) -> Int { 1 }
    func children() -> Int { 3 }
  }

  func run(_ x: Tensor<Float>, _ xi: Tensor<Int>, _ m: Tensor<Bool>, _ w: Parameter<Float>, k: Int, d: Double, f: Float) {
    let a = exp(1.0), b = sqrt(2.0), c = tanh(d), e = log(d) + sin(d) * cos(d) - abs(d) + abs(-3)
    let g = sqrt(f) + exp(f) + tanh(f) + floor(f) + ceil(f) + round(f)
    let h = (exp(d) - exp(-d)) / (exp(d) + exp(-d)) + sqrt(d * d + sqrt(d)) * tanh(d / 2)
    print(a, b, c, e, g, h, relu(x), zeros(3), softmax(x), sigmoid(d), sum([1, 2]), mean([1.0, 2]), tanh(x), len("a"))
    print(linspace(0, 1, 2), cat("a", "b"), concat([1], [2]), one_hot(1, 3), concatenate([1], axis: 0), eye, ones, optim)
    print(random_split(2), ModuleList().a, clip_grad_norm_(3), zeros_like(x), relu(x.cast(to: Double.self)), sqrt(x), abs(x))
    if x[0] > 0.5 { print(1) }
    if x[0, 1] < 3, x[0, 1] == 2, x.item > 0, xi[0] == 3, xi[0] != k, x == x, x != x { print(2) }
    let ok = x[0, 1] > 0 || xi[0, 1] >= 2 && !(x[0] < 1)
    let first: Float = x[0]
    let p = Net().parameters(), q = Net().to("cpu"), r = Net().children()
    let t = x.sum() / x.mean() + x.max() - x.min() + x.sum(along: 1) - x.softmax() + x.norm()
    let part = x[[.all, .index(0)]] + x[0 ..< 2, .all] + x[.ellipsis, 0] + x[xi] + x[x .> 0]
    let mask = (x .> 0) .&& .!(x .< 1) .|| m
    let n = k > 3 && d < 4 || !(f == 2) && k & 3 == 1 && ~k != 2 && k % 2 == 0
    let rows = x[[2, 0]]
    print(ok, first, p, q, r, t, part, mask, n, rows, x.item, w.value)
  }
  """#
