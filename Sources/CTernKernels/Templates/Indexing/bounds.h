// Whether all indices are in 0 ..< extent: the sign of what is negative, and of what is beyond the last.
static bool indices_inside(ptrdiff_t n, const ptrdiff_t *index, ptrdiff_t extent) {
  ptrdiff_t signs = 0;
  for (ptrdiff_t i = 0; i < n; i++) signs |= index[i] | (extent - 1 - index[i]);
  return signs >= 0;
}
