// Maxima and sums of windows of volumes, planes of [depth][height][width][inner]: small windows in one pass. Takes T, S and I,
// the signed integer as wide as T.

#define VECTOR FN(window_vector)
#define LANE_INDEX FN(window_index)
#define NARROW_INDEX FN(window_narrow)
#define LANES ((ptrdiff_t)(64 / sizeof(T)))
typedef T VECTOR __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));
typedef I LANE_INDEX __attribute__((ext_vector_type(64 / sizeof(T)), aligned(sizeof(T)), may_alias));
typedef int32_t NARROW_INDEX __attribute__((ext_vector_type(64 / sizeof(T)), aligned(4), may_alias));

// The window of an output: where it begins in the plane, and its positions along each axis; none where it is empty.
typedef struct {
  ptrdiff_t start, deep, down, across;
} FN(box);

static FN(box) FN(box_of)(const tern_box_grid *g, ptrdiff_t output) {
  const ptrdiff_t c = output % g->outWidth, r = output / g->outWidth % g->outHeight;
  const ptrdiff_t s = output / (g->outWidth * g->outHeight);
  const ptrdiff_t d0 = g->depthStart[s], h0 = g->rowStart[r], w0 = g->columnStart[c];
  FN(box) box = {
    (d0 * g->height + h0) * g->width + w0, (g->depthEnd[s] - d0 + g->dilationDeep - 1) / g->dilationDeep,
    (g->rowEnd[r] - h0 + g->dilationDown - 1) / g->dilationDown,
    (g->columnEnd[c] - w0 + g->dilationAcross - 1) / g->dilationAcross};
  if (box.deep <= 0 || box.down <= 0 || box.across <= 0) box.start = box.deep = box.down = box.across = 0;
  return box;
}

// x at the lanes' places.
__attribute__((always_inline)) static inline void FN(box_load)(VECTOR *v, const T *x, const int32_t *place) {
  for (ptrdiff_t l = 0; l < LANES; l++) (*v)[l] = x[place[l]];
}

// One output by single steps, for any window; `at` is its place in the channels.
static void FN(box_maximum_single)(const tern_box_grid *g, const FN(box) *b, T *out, int32_t *index, const T *plane) {
  T best = -INFINITY;
  ptrdiff_t where = b->across > 0 ? b->start : -1;
  for (ptrdiff_t u = 0; u < b->deep; u++)
    for (ptrdiff_t v = 0; v < b->down; v++) {
      const ptrdiff_t line = b->start + (u * g->dilationDeep * g->height + v * g->dilationDown) * g->width;
      for (ptrdiff_t w = 0; w < b->across; w++) {
        const ptrdiff_t at = line + w * g->dilationAcross;
        const T value = plane[at * g->inner];
        const bool take = (value > best) | (value != value);
        best = take ? value : best;
        where = take ? at : where;
      }
    }
  *out = best;
  *index = (int32_t)where;
}

// The outputs of planes without an inner extent, LANES windows of one size at a time. Outputs of several small planes stand
// side by side: `group` planes make one of `outputs` windows.
enum { FN(box_room) = 1024 };
typedef struct {
  FN(box) size;
  ptrdiff_t outputs, group;
  // Where the windows begin in the group's planes, and in their own.
  int32_t start[FN(box_room)], origin[FN(box_room)];
} FN(box_lanes);

// False where the windows differ, or are too many.
static bool FN(even_boxes)(const tern_box_grid *g, FN(box_lanes) *lanes) {
  const ptrdiff_t outputs = g->outDepth * g->outHeight * g->outWidth, pixels = g->depth * g->height * g->width;
  if (outputs > FN(box_room) || pixels > INT32_MAX / FN(box_room)) return false;
  lanes->size = FN(box_of)(g, 0);
  lanes->group = outputs >= 8 * LANES ? 1 : (8 * LANES + outputs - 1) / outputs;
  lanes->outputs = outputs * lanes->group;
  for (ptrdiff_t i = 0; i < outputs; i++) {
    const FN(box) box = FN(box_of)(g, i);
    if (box.deep != lanes->size.deep || box.down != lanes->size.down || box.across != lanes->size.across) return false;
    for (ptrdiff_t k = 0; k < lanes->group; k++) {
      lanes->start[k * outputs + i] = (int32_t)(box.start + k * pixels);
      lanes->origin[k * outputs + i] = (int32_t)box.start;
    }
  }
  return lanes->size.across > 0;
}

// `count` planes at x in groups: `body` is called with the first output of LANES, those that count, and their places.
#define EACH_LANES(...)                                                                            \
  const ptrdiff_t perPlane = lanes->outputs / lanes->group, pixels = g->depth * g->height * g->width; \
  for (ptrdiff_t p = 0; p < count; p += lanes->group) {                                            \
    const T *plane = x + (first + p) * pixels;                                                     \
    const ptrdiff_t all = TERN_MIN(lanes->group, count - p) * perPlane;                            \
    for (ptrdiff_t i = 0; i < all; i += LANES) {                                                   \
      int32_t place[64 / sizeof(T)];                                                               \
      const ptrdiff_t room = TERN_MIN(LANES, all - i), at = (first + p) * perPlane + i;            \
      for (ptrdiff_t l = 0; l < LANES; l++) place[l] = lanes->start[i + (l < room ? l : 0)];       \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }

__attribute__((always_inline)) static inline void FN(box_maximum_lanes)(
    const tern_box_grid *g, const FN(box_lanes) *lanes, ptrdiff_t first, ptrdiff_t count, T *out, int32_t *index, const T *x) {
  const FN(box) size = lanes->size;
  EACH_LANES({
    VECTOR best = (VECTOR)(T)-INFINITY;
    LANE_INDEX from, where;
    for (ptrdiff_t l = 0; l < LANES; l++) from[l] = (I)lanes->origin[i + (l < room ? l : 0)];
    where = from;
    for (ptrdiff_t u = 0; u < size.deep; u++)
      for (ptrdiff_t v = 0; v < size.down; v++) {
        const ptrdiff_t line = (u * g->dilationDeep * g->height + v * g->dilationDown) * g->width;
        for (ptrdiff_t w = 0; w < size.across; w++) {
          const ptrdiff_t offset = line + w * g->dilationAcross;
          VECTOR value;
          FN(box_load)(&value, plane + offset, place);
          const LANE_INDEX take = (value > best) | (value != value);
          best = (VECTOR)((take & (LANE_INDEX)value) | (~take & (LANE_INDEX)best));
          where = (take & (from + (I)offset)) | (~take & where);
        }
      }
    const NARROW_INDEX found = __builtin_convertvector(where, NARROW_INDEX);
    memcpy(out + at, &best, (size_t)room * sizeof(T));
    memcpy(index + at, &found, (size_t)room * sizeof(int32_t));
  })
}

// Planes `first` ..< `first + count`. The first position wins among equals, a nan wins over everything (the last of several);
// a window without a pixel gives -inf at position -1.
static void FN(box_maximum)(const tern_box_grid *g, ptrdiff_t first, ptrdiff_t count, T *out, int32_t *index, const T *x) {
  const ptrdiff_t inner = g->inner, outputs = g->outDepth * g->outHeight * g->outWidth;
  const ptrdiff_t pixels = g->depth * g->height * g->width;
  FN(box_lanes) lanes;
  if (inner == 1 && FN(even_boxes)(g, &lanes)) {
    FN(box_maximum_lanes)(g, &lanes, first, count, out, index, x);
    return;
  }
  for (ptrdiff_t p = first; p < first + count; p++) {
    const T *plane = x + p * pixels * inner;
    for (ptrdiff_t i = 0; i < outputs; i++) {
      const FN(box) box = FN(box_of)(g, i);
      const ptrdiff_t at = (p * outputs + i) * inner;
      ptrdiff_t c = 0;
      for (; c + LANES <= inner; c += LANES) {
        VECTOR best = (VECTOR)(T)-INFINITY;
        LANE_INDEX where = (LANE_INDEX)(I)(box.across > 0 ? box.start : -1);
        for (ptrdiff_t u = 0; u < box.deep; u++)
          for (ptrdiff_t v = 0; v < box.down; v++) {
            const ptrdiff_t line = box.start + (u * g->dilationDeep * g->height + v * g->dilationDown) * g->width;
            for (ptrdiff_t w = 0; w < box.across; w++) {
              const ptrdiff_t offset = line + w * g->dilationAcross;
              const VECTOR value = *(const VECTOR *)(plane + offset * inner + c);
              const LANE_INDEX take = (value > best) | (value != value);
              best = (VECTOR)((take & (LANE_INDEX)value) | (~take & (LANE_INDEX)best));
              where = (take & (I)offset) | (~take & where);
            }
          }
        *(VECTOR *)(out + at + c) = best;
        *(NARROW_INDEX *)(index + at + c) = __builtin_convertvector(where, NARROW_INDEX);
      }
      for (; c < inner; c++) FN(box_maximum_single)(g, &box, out + at + c, index + at + c, plane + c);
    }
  }
}

__attribute__((always_inline)) static inline void FN(box_sum_lanes)(
    const tern_box_grid *g, const FN(box_lanes) *lanes, ptrdiff_t first, ptrdiff_t count, T divisor, T *out, const T *x) {
  const FN(box) size = lanes->size;
  EACH_LANES({
    VECTOR sum = (VECTOR)(T)0;
    for (ptrdiff_t u = 0; u < size.deep; u++) {
      VECTOR slice = (VECTOR)(T)0;
      for (ptrdiff_t v = 0; v < size.down; v++) {
        const T *line = plane + (u * g->height + v) * g->width;
        VECTOR row = (VECTOR)(T)0, value;
        for (ptrdiff_t w = 0; w < size.across; w++) {
          FN(box_load)(&value, line + w, place);
          row += value;
        }
        slice += row;
      }
      sum += slice;
    }
    sum /= divisor;
    memcpy(out + at, &sum, (size_t)room * sizeof(T));
  })
}

// The sum of `deep` × `down` lines of n elements, at `slice` elements from one to the next: one of them, or `sums`.
static const T *FN(box_lines)(ptrdiff_t n, ptrdiff_t deep, ptrdiff_t down, const T *x, ptrdiff_t slice, T *sums) {
  if (deep == 1 && down == 1) return x;
  memset(sums, 0, (size_t)n * sizeof(T));
  for (ptrdiff_t u = 0; u < deep; u++)
    for (ptrdiff_t v = 0; v < down; v++) {
      const T *line = x + u * slice + v * n;
      TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) sums[i] += line[i];
    }
  return sums;
}

// A row of outputs from the sum of its lines.
static void FN(box_across)(const tern_box_grid *g, T divisor, T *out, const T *line) {
  const ptrdiff_t inner = g->inner, n = g->outWidth * inner;
  for (ptrdiff_t c = 0; c < g->outWidth; c++) {
    const ptrdiff_t w0 = g->columnStart[c], w1 = g->columnEnd[c];
    if (inner == 1) {
      T sum = w0 < w1 ? line[w0] : 0;
      for (ptrdiff_t w = w0 + 1; w < w1; w++) sum += line[w];
      out[c] = sum;
      continue;
    }
    T *pixel = out + c * inner;
    if (w0 < w1) memcpy(pixel, line + w0 * inner, (size_t)inner * sizeof(T));
    else memset(pixel, 0, (size_t)inner * sizeof(T));
    for (ptrdiff_t w = w0 + 1; w < w1; w++) {
      const T *from = line + w * inner;
      TERN_LOOP for (ptrdiff_t i = 0; i < inner; i++) pixel[i] += from[i];
    }
  }
  if (divisor != 1) TERN_LOOP for (ptrdiff_t i = 0; i < n; i++) out[i] /= divisor;
}

// Sums of windows, which have no dilation, of planes `first` ..< `first + count`, divided by `divisor`. Rows and slices of
// windows that are those of the one before are copied. Scratch holds width · inner values.
static void FN(box_sum)(const tern_box_grid *g, ptrdiff_t first, ptrdiff_t count, T divisor, T *out, const T *x, T *scratch) {
  const ptrdiff_t inner = g->inner, line = g->width * inner, outLine = g->outWidth * inner, rows = g->outHeight;
  FN(box_lanes) lanes;
  if (inner == 1 && FN(even_boxes)(g, &lanes)) {
    FN(box_sum_lanes)(g, &lanes, first, count, divisor, out, x);
    return;
  }
  out += first * g->outDepth * rows * outLine;
  for (ptrdiff_t p = first; p < first + count; p++) {
    for (ptrdiff_t s = 0; s < g->outDepth; s++, out += rows * outLine) {
      const ptrdiff_t d0 = g->depthStart[s], d1 = g->depthEnd[s];
      if (s > 0 && g->depthStart[s - 1] == d0 && g->depthEnd[s - 1] == d1) {
        memcpy(out, out - rows * outLine, (size_t)(rows * outLine) * sizeof(T));
        continue;
      }
      for (ptrdiff_t r = 0; r < rows; r++) {
        const ptrdiff_t h0 = g->rowStart[r], h1 = g->rowEnd[r];
        T *row = out + r * outLine;
        if (d0 >= d1 || h0 >= h1) {
          memset(row, 0, (size_t)outLine * sizeof(T));
        } else if (r > 0 && g->rowStart[r - 1] == h0 && g->rowEnd[r - 1] == h1) {
          memcpy(row, row - outLine, (size_t)outLine * sizeof(T));
        } else {
          const T *corner = x + ((p * g->depth + d0) * g->height + h0) * line;
          FN(box_across)(g, divisor, row, FN(box_lines)(line, d1 - d0, h1 - h0, corner, g->height * line, scratch));
        }
      }
    }
  }
}

#undef EACH_LANES
#undef VECTOR
#undef LANE_INDEX
#undef NARROW_INDEX
#undef LANES
