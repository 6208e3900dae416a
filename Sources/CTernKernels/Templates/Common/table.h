// The table of a level, TERN_LEVEL: what its function pointers point to are the kernels with the parameters of their lists.

#define ENTRY(name, result, parameters, arguments)                                                 \
  static result FN(name##_entry) parameters { return FN(name) arguments; }
#define T float
#define S f32
TERN_ELEMENT_KERNELS(ENTRY) TERN_NUMERIC_KERNELS(ENTRY) TERN_FLOATING_KERNELS(ENTRY)
#undef T
#undef S
#define T double
#define S f64
TERN_ELEMENT_KERNELS(ENTRY) TERN_NUMERIC_KERNELS(ENTRY) TERN_FLOATING_KERNELS(ENTRY)
#undef T
#undef S
#define T int32_t
#define S i32
TERN_ELEMENT_KERNELS(ENTRY) TERN_NUMERIC_KERNELS(ENTRY) TERN_COUNTING_KERNELS(ENTRY)
#undef T
#undef S
#define T ptrdiff_t
#define S i64
TERN_ELEMENT_KERNELS(ENTRY) TERN_NUMERIC_KERNELS(ENTRY) TERN_COUNTING_KERNELS(ENTRY)
#undef T
#undef S
#define T uint8_t
#define S u8
TERN_ELEMENT_KERNELS(ENTRY) TERN_NUMERIC_KERNELS(ENTRY) TERN_COUNTING_KERNELS(ENTRY)
#undef T
#undef S
#define T bool
#define S b8
TERN_ELEMENT_KERNELS(ENTRY) TERN_COUNTING_KERNELS(ENTRY)
#undef T
#undef S
#define T uint16_t
#define S b16
TERN_ELEMENT_KERNELS(ENTRY)
#undef T
#undef S

#define F32(name, ...) .name = name##_entry_f32,
#define F64(name, ...) .name = name##_entry_f64,
#define I32(name, ...) .name = name##_entry_i32,
#define I64(name, ...) .name = name##_entry_i64,
#define U8(name, ...) .name = name##_entry_u8,
#define B8(name, ...) .name = name##_entry_b8,
#define B16(name, ...) .name = name##_entry_b16,
#define SINGLE(name, ...) .name = name,

const tern_kernel_table TERN_LEVEL = {
  .element = {{TERN_ELEMENT_KERNELS(F32)}, {TERN_ELEMENT_KERNELS(F64)}, {TERN_ELEMENT_KERNELS(I32)},
              {TERN_ELEMENT_KERNELS(I64)}, {TERN_ELEMENT_KERNELS(U8)}, {TERN_ELEMENT_KERNELS(B8)}},
  .numeric = {{TERN_NUMERIC_KERNELS(F32)}, {TERN_NUMERIC_KERNELS(F64)}, {TERN_NUMERIC_KERNELS(I32)},
              {TERN_NUMERIC_KERNELS(I64)}, {TERN_NUMERIC_KERNELS(U8)}},
  .counting = {{TERN_COUNTING_KERNELS(I32)}, {TERN_COUNTING_KERNELS(I64)}, {TERN_COUNTING_KERNELS(U8)},
               {TERN_COUNTING_KERNELS(B8)}},
  .floating = {{TERN_FLOATING_KERNELS(F32)}, {TERN_FLOATING_KERNELS(F64)}},
  TERN_SINGLE_KERNELS(SINGLE)
  .bfloat16 = {TERN_ELEMENT_KERNELS(B16)},
  TERN_BFLOAT16_KERNELS(SINGLE)
};
