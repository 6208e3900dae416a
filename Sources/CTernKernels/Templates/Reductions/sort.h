// A stable sort of one row. Takes T, S, KEY (an unsigned type) and KEY_OF(v), which maps values to keys in their order:
// equal values to equal keys, nan to the greatest.

typedef struct {
  KEY key;
  ptrdiff_t index;
} FN(sort_item);

// Short rows: insertion into runs of 16, then merges.
static FN(sort_item) *FN(merge_sort)(ptrdiff_t n, FN(sort_item) *items, FN(sort_item) *spare) {
  enum { run = 16 };
  for (ptrdiff_t start = 0; start < n; start += run) {
    const ptrdiff_t end = TERN_MIN(start + run, n);
    for (ptrdiff_t i = start + 1; i < end; i++) {
      const FN(sort_item) item = items[i];
      ptrdiff_t j = i;
      for (; j > start && items[j - 1].key > item.key; j--) items[j] = items[j - 1];
      items[j] = item;
    }
  }
  for (ptrdiff_t width = run; width < n; width *= 2) {
    for (ptrdiff_t start = 0; start < n; start += 2 * width) {
      const ptrdiff_t middle = TERN_MIN(start + width, n), end = TERN_MIN(start + 2 * width, n);
      ptrdiff_t left = start, right = middle;
      for (ptrdiff_t i = start; i < end; i++) {
        const bool take = right >= end || (left < middle && items[left].key <= items[right].key);
        spare[i] = items[take ? left++ : right++];
      }
    }
    FN(sort_item) *const other = items;
    items = spare;
    spare = other;
  }
  return items;
}

// Long rows: by bytes from the lowest, leaving out those that all keys share.
static FN(sort_item) *FN(radix_sort)(ptrdiff_t n, FN(sort_item) *items, FN(sort_item) *spare) {
  ptrdiff_t counts[sizeof(KEY)][256];
  memset(counts, 0, sizeof counts);
  for (ptrdiff_t i = 0; i < n; i++)
    for (size_t b = 0; b < sizeof(KEY); b++) counts[b][(items[i].key >> (8 * b)) & 255]++;
  for (size_t b = 0; b < sizeof(KEY); b++) {
    if (counts[b][(items[0].key >> (8 * b)) & 255] == n) continue;
    ptrdiff_t start = 0;
    for (int d = 0; d < 256; d++) {
      const ptrdiff_t count = counts[b][d];
      counts[b][d] = start;
      start += count;
    }
    for (ptrdiff_t i = 0; i < n; i++) spare[counts[b][(items[i].key >> (8 * b)) & 255]++] = items[i];
    FN(sort_item) *const other = items;
    items = spare;
    spare = other;
  }
  return items;
}

static void FN(sort)(ptrdiff_t n, T *values, ptrdiff_t *indices, const T *x, ptrdiff_t sx, bool descending) {
  enum { small = 128 };
  FN(sort_item) stack[2 * small], *heap = NULL, *items = stack;
  if (n > small) {
    heap = malloc(2 * (size_t)n * sizeof *heap);
    if (!heap) tern_out_of_memory("sort", 2 * (size_t)n * sizeof *heap);
    items = heap;
  }
  for (ptrdiff_t i = 0; i < n; i++) {
    const T v = x[i * sx];
    const KEY key = KEY_OF(v);
    items[i].key = descending ? (KEY)~key : key;
    items[i].index = i;
  }
  if (n > 1) items = n < 1024 ? FN(merge_sort)(n, items, items + n) : FN(radix_sort)(n, items, items + n);
  for (ptrdiff_t i = 0; i < n; i++) {
    values[i] = x[items[i].index * sx];
    indices[i] = items[i].index;
  }
  free(heap);
}
#undef KEY
#undef KEY_OF
