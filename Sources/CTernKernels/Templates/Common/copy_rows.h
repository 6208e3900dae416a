// Copies of many short rows of bytes, without a call for each.

typedef uint8_t copy_32 __attribute__((ext_vector_type(32), aligned(1), may_alias));
typedef uint8_t copy_16 __attribute__((ext_vector_type(16), aligned(1), may_alias));
typedef uint64_t copy_8 __attribute__((aligned(1), may_alias));
typedef uint32_t copy_4 __attribute__((aligned(1), may_alias));

// Rows of exactly `V`.
#define COPY_WHOLE(V)                                                                              \
  for (ptrdiff_t r = 0; r < rows; r++) *(V *)(out + r * outStep) = *(const V *)(x + r * xStep);

// Rows of at most twice `V`, as two that may overlap.
#define COPY_ENDS(V)                                                                               \
  for (ptrdiff_t r = 0; r < rows; r++, out += outStep, x += xStep) {                               \
    const V head = *(const V *)x, tail = *(const V *)(x + bytes - (ptrdiff_t)sizeof(V));           \
    *(V *)out = head;                                                                              \
    *(V *)(out + bytes - (ptrdiff_t)sizeof(V)) = tail;                                             \
  }

static void copy_rows(ptrdiff_t rows, ptrdiff_t bytes, char *out, ptrdiff_t outStep, const char *x, ptrdiff_t xStep) {
  if (rows <= 0 || bytes <= 0) return;
  if (rows > 1 && outStep == bytes && xStep == bytes) bytes *= rows, rows = 1;
  if (bytes >= 512) {
    for (ptrdiff_t r = 0; r < rows; r++) memmove(out + r * outStep, x + r * xStep, (size_t)bytes);
  } else if (bytes >= 32) {
    for (ptrdiff_t r = 0; r < rows; r++, out += outStep, x += xStep) {
      const copy_32 tail = *(const copy_32 *)(x + bytes - 32);
      for (ptrdiff_t i = 0; i + 32 <= bytes; i += 32) *(copy_32 *)(out + i) = *(const copy_32 *)(x + i);
      *(copy_32 *)(out + bytes - 32) = tail;
    }
  } else if (bytes == 4) {
    COPY_WHOLE(copy_4)
  } else if (bytes == 8) {
    COPY_WHOLE(copy_8)
  } else if (bytes >= 16) {
    COPY_ENDS(copy_16)
  } else if (bytes >= 8) {
    COPY_ENDS(copy_8)
  } else if (bytes >= 4) {
    COPY_ENDS(copy_4)
  } else {
    for (ptrdiff_t r = 0; r < rows; r++)
      for (ptrdiff_t i = 0; i < bytes; i++) out[r * outStep + i] = x[r * xStep + i];
  }
}
#undef COPY_WHOLE
#undef COPY_ENDS

// Rows `first` ..< `first + count`, counted over all planes.
static void extend_rows(const tern_extension *e, ptrdiff_t first, ptrdiff_t count, void *target, const void *source) {
  const ptrdiff_t bytes = e->bytes, edges = e->before + e->after, step = (e->length + edges) * bytes;
  char *out = (char *)target + first * step;
  for (ptrdiff_t row = first; row < first + count; row++, out += step) {
    const char *line = (const char *)source + row / e->rows * e->plane + e->places[row % e->rows];
    copy_rows(1, e->length * bytes, out + e->before * bytes, 0, line + e->from * bytes, 0);
    for (ptrdiff_t k = 0; k < edges; k++) {
      char *to = out + (k < e->before ? k : k + e->length) * bytes;
      if (bytes == 4) *(copy_4 *)to = *(const copy_4 *)(line + e->edges[k] * 4);
      else if (bytes == 8) *(copy_8 *)to = *(const copy_8 *)(line + e->edges[k] * 8);
      else copy_rows(1, bytes, to, 0, line + e->edges[k] * bytes, 0);
    }
  }
}
