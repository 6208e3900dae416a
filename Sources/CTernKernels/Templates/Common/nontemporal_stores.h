// Copies with non-temporal stores, for results that would only push other data out of them: their lines are not read before they
// are written.

static void store_nontemporal(size_t bytes, void *target, const void *source) {
  typedef float line __attribute__((ext_vector_type(16), aligned(64), may_alias));
  typedef float loaded __attribute__((ext_vector_type(16), aligned(1), may_alias));
  char *out = target;
  const char *x = source;
  const size_t head = TERN_MIN((64 - (uintptr_t)out % 64) % 64, bytes);
  if (head) {
    memcpy(out, x, head);
    out += head, x += head, bytes -= head;
  }
  for (; bytes >= 256; bytes -= 256, out += 256, x += 256) {
    const loaded *v = (const loaded *)x;
    const line a = v[0], b = v[1], c = v[2], d = v[3];
    __builtin_nontemporal_store(a, (line *)out);
    __builtin_nontemporal_store(b, (line *)out + 1);
    __builtin_nontemporal_store(c, (line *)out + 2);
    __builtin_nontemporal_store(d, (line *)out + 3);
  }
  for (; bytes >= 64; bytes -= 64, out += 64, x += 64) __builtin_nontemporal_store(*(const loaded *)x, (line *)out);
  if (bytes) memcpy(out, x, bytes);
}
