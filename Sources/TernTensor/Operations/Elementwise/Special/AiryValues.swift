import Foundation
import TernBackend

/// The Airy function and its derivative.
enum AiryValues {
  /// Numbers of one block, see ``airyAi(_:_:_:isDerivative:)``.
  static let block = 256

  /// Ai(x), or Ai′(x), whose second derivative is x·Ai(x), of up to ``block`` numbers.
  ///
  /// Those of one series are taken together: the steps of one sum wait for each other, those of eight do not.
  static func airyAi(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, isDerivative: Bool
  ) {
    if (0..<n).allSatisfy({ abs(x[$0]) < 2 }) {
      return Double.special(isDerivative ? .airyNearDerivative : .airyNear, n, out, 1, x, 1)
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * block) { places in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * block) { numbers in
        let (place, number) = (places.baseAddress!, numbers.baseAddress!)
        var counts = SIMD4<Int>.zero
        for i in 0..<n {
          guard let branch = Branch(x[i]) else {
            out[i] = x[i].isNaN ? x[i] : x[i] < 0 && isDerivative ? .nan : 0
            continue
          }
          place[branch.rawValue * block + counts[branch.rawValue]] = i
          counts[branch.rawValue] += 1
        }
        for branch in Branch.allCases where counts[branch.rawValue] > 0 {
          let (at, count) = (place + branch.rawValue * block, counts[branch.rawValue])
          branch.run(count, at, out, x, number, isDerivative)
        }
      }
    }
  }

  /// Where one series serves.
  private enum Branch: Int, CaseIterable {
    case near, decay, wave

    /// `nil` for NaN, and where the limits are.
    init?(_ x: Double) {
      if abs(x) < 2 {
        self = .near
      } else if x >= 2 {
        // Ai(120) is below the least number.
        if x > 120 { return nil }
        self = .decay
      } else if x > -.infinity {
        self = .wave
      } else {
        return nil
      }
    }

    /// - Parameter number: room for four times ``block`` numbers.
    func run(
      _ n: Int, _ place: UnsafePointer<Int>, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
      _ number: UnsafeMutablePointer<Double>, _ isDerivative: Bool
    ) {
      let other = number + block
      // The phase of each number and what is missing to it, where they serve.
      let (phases, remainders) = (number + 2 * block, number + 3 * block)
      switch self {
      case .near:
        for i in 0..<n { number[i] = x[place[i]] }
        Double.special(isDerivative ? .airyNearDerivative : .airyNear, n, number, 1, number, 1)
        for i in 0..<n { out[place[i]] = number[i] }
      case .decay:
        for i in 0..<n {
          (phases[i], remainders[i]) = phase(x[place[i]])
          number[i] = 4 * (nearest / phases[i]) - 2
        }
        BesselValues.chebyshev(n, number, number, isDerivative ? decayAi1 : decayAi)
        for i in 0..<n {
          let size = AiryValues.size(x[place[i]], isDerivative)
          out[place[i]] = (isDerivative ? -0.5 : 0.5) * size * number[i] * (exp(-phases[i]) * (1 - remainders[i]))
        }
      case .wave:
        for i in 0..<n {
          (phases[i], remainders[i]) = phase(-x[place[i]])
          let ratio = nearest / phases[i]
          other[i] = 4 * ratio * ratio - 2
        }
        BesselValues.chebyshev(n, number, other, isDerivative ? wave10 : wave00)
        BesselValues.chebyshev(n, other, other, isDerivative ? wave11 : wave01)
        for i in 0..<n {
          let (x, zeta, remainder) = (-x[place[i]], phases[i], remainders[i])
          let (size, first, second) = (AiryValues.size(x, isDerivative), number[i], other[i] / zeta)
          let (s, c) = (sin(zeta) + remainder * cos(zeta), cos(zeta) - remainder * sin(zeta))
          let (sine, cosine) = ((s + c) * 0.5.squareRoot(), (c - s) * 0.5.squareRoot())
          out[place[i]] =
            isDerivative ? -size * (first * cosine + second * sine) : size * (first * sine - second * cosine)
        }
      }
    }
  }

  /// x^(±¼)/√π, of which the functions are multiples far from 0.
  private static func size(_ x: Double, _ isDerivative: Bool) -> Double {
    let fourth = x.squareRoot().squareRoot()
    return (isDerivative ? fourth : 1 / fourth) / Double.pi.squareRoot()
  }

  /// ⅔·2^1.5, the least phase of the tables.
  private static let nearest = 1.885618083164127

  /// ⅔·x^1.5 as a number and what is missing to it.
  private static func phase(_ x: Double) -> (Double, Double) {
    let root = x.squareRoot()
    let product = x * root
    let missing = (-product).addingProduct(x, root) + x * (-x).addingProduct(root, root) / (-2 * root)
    let third = product / 1.5
    return (third, (product.addingProduct(-1.5, third) + missing) / 1.5)
  }

  // Chebyshev series. For x ≥ 2, by 2·ratio − 1: 2√π·x^(±¼)·e^ζ·Ai(x), and of −Ai′(x).
  private static let decayAi = [
    1.9688106098343103, -0.014792784850104199, 0.0007327177465426715, -6.12595423417825e-05, 6.83476697557269e-06,
    -9.237229735403982e-07, 1.436225340438052e-07, -2.489319422322096e-08, 4.709793440054328e-09,
    -9.583863708112733e-10, 2.0745855483677591e-10, -4.737267332192277e-11, 1.1336099808224236e-11,
    -2.827706782319351e-12, 7.320712095125598e-13, -1.9599793911089723e-13, 5.4101162570683925e-14,
    -1.5356466802223836e-14, 4.472340393300025e-15, -1.3338094674756683e-15, 4.066582046456231e-16,
    -1.265583225645289e-16, 4.015126334015871e-17, -1.2969972135960937e-17,
  ]
  private static let decayAi1 = [
    2.0447834877907134, 0.021419543172417697, -0.0008929320864098833, 7.04386560665416e-05, -7.629019563020457e-06,
    1.0124594126717678e-06, -1.5547836430438127e-07, 2.670534777173515e-08, -5.017799973983537e-09,
    1.015476324864757e-09, -2.1883687800953883e-10, 4.97854884096185e-11, -1.1876037266305446e-11,
    2.9543896474165515e-12, -7.630714992633907e-13, 2.038758045182824e-13, -5.617262461082948e-14,
    1.5918346754340464e-14, -4.629150125159948e-15, 1.3787341769318453e-15, -4.198446246812051e-16,
    1.3051699130322144e-16, -4.1364905599761646e-17, 1.3349430157944717e-17,
  ]

  // For x ≤ −2, by 2·ratio² − 1: the parts of √π·(−x)^(±¼)·Ai(x) and of Ai′(x) in phase with ζ + ¼π, and ζ times those out
  // of phase.
  private static let wave00 = [
    1.9914821429442324, -0.004010035109646775, 0.00021749797850221077, -2.559707367991953e-05, 4.446236506870234e-06,
    -9.821561055116752e-07, 2.560803263173486e-07, -7.548234203090785e-08, 2.44721348245912e-08, -8.565475755185289e-09,
    3.1936752594998614e-09, -1.2559870213945038e-09, 5.170550836252247e-10, -2.2149050974012306e-10,
    9.825674760236792e-11, -4.4963784985107854e-11, 2.1156885271618144e-11, -1.020822064668857e-11,
    5.039149368967831e-12, -2.53989412974783e-12, 1.3049189702516344e-12, -6.823616992772736e-13,
    3.6269500493237954e-13, -1.9573262197294738e-13, 1.0713573340081666e-13, -5.942337987524576e-14,
    3.337147377471768e-14, -1.8961243049871703e-14, 1.089282391161212e-14, -6.323127439638678e-15,
    3.706807496119819e-15, -2.1934322613133207e-15, 1.3094899752913367e-15, -7.884020161871247e-16,
    4.785079327906872e-16, -2.926628603823766e-16, 1.8031669044978467e-16, -1.1188125444498047e-16,
    6.988830336638225e-17, -4.393986157727232e-17, 2.779770304360356e-17, -1.769095532044864e-17,
  ]
  private static let wave01 = [
    0.13140181768118436, -0.0033671650461869046, 0.00031318668306176705, -4.909474711434696e-05, 1.0313853228014992e-05,
    -2.6227031443554174e-06, 7.642834030899704e-07, -2.4692182109787845e-07, 8.65432347140437e-08,
    -3.2412592511092894e-08, 1.2830030202968923e-08, -5.323264824289517e-09, 2.3002631954788238e-09,
    -1.0299480657983928e-09, 4.758870680398365e-10, -2.261382410117948e-10, 1.102049059875216e-10,
    -5.4947920141440016e-11, 2.7973298258565818e-11, -1.4515080315590872e-11, 7.665136033865763e-12,
    -4.114042808158452e-12, 2.241604146597023e-12, -1.238627510878169e-12, 6.934477756663979e-13,
    -3.930243581682812e-13, 2.2533844185313684e-13, -1.3060801045607848e-13, 7.648191422779271e-14,
    -4.522322228170825e-14, 2.6987231239529306e-14, -1.6246053689000184e-14, 9.861549071496963e-15,
    -6.033642889308306e-15, 3.719578745840816e-15, -2.309626401237365e-15, 1.4440696465231353e-15,
    -9.088810027613164e-16, 5.756798201092749e-16, -3.668600786034301e-16, 2.351596541438305e-16,
    -1.515904927999013e-16, 9.825116029271345e-17, -6.401402843711256e-17, 4.191838201485507e-17,
    -2.758356803758938e-17, 1.8236515374510473e-17, -1.2111879490657578e-17, 8.07971193387521e-18,
    -5.412957019307959e-18,
  ]
  private static let wave10 = [
    2.0102211820810396, 0.004834571180224758, -0.00024209120250460453, 2.7744480374265367e-05, -4.7538408727584944e-06,
    1.0411826624294532e-06, -2.6986243583092185e-07, 7.919298248699238e-08, -2.558630187762232e-08,
    8.930344093519265e-09, -3.321961293982218e-09, 1.3038570480231632e-09, -5.358474234756725e-10,
    2.2919887542090866e-10, -1.0154255923453824e-10, 4.641289811990061e-11, -2.1815693098636028e-11,
    1.0516035686316874e-11, -5.186576617876739e-12, 2.6121158394333493e-12, -1.3410380652666302e-12,
    7.007723805797484e-13, -3.7224582605880175e-13, 2.007687616929415e-13, -1.098319330971864e-13,
    6.088746986297332e-14, -3.4177138947339436e-14, 1.9410155157675366e-14, -1.1145911380151036e-14,
    6.467403655277748e-15, -3.7899210056911215e-15, 2.2417895546678278e-15, -1.3378918229830584e-15,
    8.052335619880629e-16, -4.885681789848557e-16, 2.9872504236499053e-16, -1.8399820349609167e-16,
    1.1413369541839348e-16, -7.12762513655053e-17, 4.480097033998805e-17, -2.833546325762954e-17,
    1.8028906285540606e-17,
  ]
  private static let wave11 = [
    -0.18596064463668566, 0.0038323320922960444, -0.00034198333176482153, 5.2660552018745385e-05,
    -1.0950616027912936e-05, 2.765890701625421e-06, -8.020926288759321e-07, 2.581737190364019e-07,
    -9.021893586684306e-08, 3.370709893810709e-08, -1.3315195253616575e-08, 5.514910818592192e-09,
    -2.379460642816448e-09, 1.0639877818960855e-09, -4.91032614199665e-10, 2.330875488263495e-10,
    -1.1348263674524344e-10, 5.6532881483215294e-11, -2.875725315729104e-11, 1.4910942537429262e-11,
    -7.868861416799513e-12, 4.220740626517644e-12, -2.298399688715947e-12, 1.2693195312288706e-12,
    -7.102686489719033e-13, 4.023652788830058e-13, -2.305900875142058e-13, 1.335950912395908e-13, -7.81996475462453e-14,
    4.622128872069756e-14, -2.7572855312545504e-14, 1.659288261759379e-14, -1.0068776777456844e-14,
    6.158505277279618e-15, -3.795418384317735e-15, 2.356044137133295e-15, -1.4726882546267635e-15,
    9.266496370271858e-16, -5.867862394876213e-16, 3.738470754414263e-16, -2.395824121204151e-16,
    1.5440679120802465e-16, -1.0005480158059337e-16, 6.517552166230087e-17, -4.267033832349592e-17,
    2.8072892920581323e-17, -1.8556518837776304e-17, 1.2322157020726866e-17, -8.218529327501057e-18,
    5.505011166461048e-18,
  ]
}
