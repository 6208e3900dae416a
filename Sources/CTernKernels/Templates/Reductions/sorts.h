// The sorts of all scalar types: keys that order as the values do.

// Negative values have their bits turned, others their sign set; adding 0 makes -0 the same as 0.
static inline uint32_t sort_key_f32(float v) {
  if (v != v) return UINT32_MAX;
  const uint32_t bits = bits_f32(v + 0.0f);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static inline uint64_t sort_key_f64(double v) {
  if (v != v) return UINT64_MAX;
  const double w = v + 0.0;
  uint64_t bits;
  memcpy(&bits, &w, sizeof bits);
  return bits >> 63 ? ~bits : bits | 0x8000000000000000u;
}

#define T float
#define S f32
#define KEY uint32_t
#define KEY_OF(v) sort_key_f32(v)
#include "Reductions/sort.h"
#undef T
#undef S

#define T double
#define S f64
#define KEY uint64_t
#define KEY_OF(v) sort_key_f64(v)
#include "Reductions/sort.h"
#undef T
#undef S

#define T int32_t
#define S i32
#define KEY uint32_t
#define KEY_OF(v) ((uint32_t)(v) ^ 0x80000000u)
#include "Reductions/sort.h"
#undef T
#undef S

#define T ptrdiff_t
#define S i64
#define KEY uint64_t
#define KEY_OF(v) ((uint64_t)(v) ^ 0x8000000000000000u)
#include "Reductions/sort.h"
#undef T
#undef S

#define T uint8_t
#define S u8
#define KEY uint8_t
#define KEY_OF(v) (v)
#include "Reductions/sort.h"
#undef T
#undef S

#define T bool
#define S b8
#define KEY uint8_t
#define KEY_OF(v) ((uint8_t)(v))
#include "Reductions/sort.h"
#undef T
#undef S

static inline uint16_t sort_key_b16(uint16_t v) {
  if ((v & 0x7FFF) > 0x7F80) return UINT16_MAX;
  const uint16_t bits = v == 0x8000 ? 0 : v;
  return (uint16_t)(bits & 0x8000 ? ~bits : bits | 0x8000);
}

#define T uint16_t
#define S b16
#define KEY uint16_t
#define KEY_OF(v) sort_key_b16(v)
#include "Reductions/sort.h"
#undef T
#undef S
