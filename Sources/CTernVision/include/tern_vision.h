// Pictures of files through libjpeg-turbo and libpng, whose errors leave by a long jump, and the passes of resizing.
#ifndef TERN_VISION_H
#define TERN_VISION_H

#include <stddef.h>
#include <stdint.h>

#define TERN_VISION_MESSAGE 200

// What went wrong with a file.
enum {
  TERN_VISION_OK = 0,
  TERN_VISION_TRUNCATED = 1,
  TERN_VISION_MALFORMED = 2,
  TERN_VISION_UNSUPPORTED = 3,
  TERN_VISION_MEMORY = 4,
};

// A file under decoding.
typedef struct {
  // Of the file.
  int64_t width, height;
  // Of the result: after scaling, and with a palette replaced by its colors.
  int64_t output_width, output_height;
  int32_t channels, bits;
  // Where a JPEG has the orientation of its camera or a PNG its eXIf: the bytes from the TIFF header on, owned by the decoder.
  const uint8_t *_Nullable exif;
  size_t exif_count;
  int32_t status;
  char message[TERN_VISION_MESSAGE];
  void *_Nullable private_state;
} tern_picture;

// Reads the header of a JPEG in memory, which has to stay until `tern_jpeg_close`. Returns the status.
int32_t tern_jpeg_open(tern_picture *_Nonnull picture, const uint8_t *_Nonnull bytes, size_t count);
// Has the picture decoded at 1/denominator (1, 2, 4 or 8) of its size.
void tern_jpeg_scale(tern_picture *_Nonnull picture, int32_t denominator);
// Decodes into `rows` of output_width · channels bytes; CMYK has become red, green and blue. Returns the status.
int32_t tern_jpeg_decode(tern_picture *_Nonnull picture, uint8_t *_Nonnull rows);
void tern_jpeg_close(tern_picture *_Nonnull picture);

// A JPEG of 1 (gray) or 3 channels at a quality of 1 to 100, with chroma at half the resolution where `subsampled`. The
// caller frees `*out` with `tern_vision_free`.
int32_t tern_jpeg_encode(
  const uint8_t *_Nonnull rows, int32_t width, int32_t height, int32_t channels, int32_t quality, int32_t subsampled,
  uint8_t *_Nullable *_Nonnull out, size_t *_Nonnull out_count, char *_Nonnull message);
void tern_vision_free(void *_Nullable memory);

// The same for PNG; 16-bit values come in the order of this machine.
int32_t tern_png_open(tern_picture *_Nonnull picture, const uint8_t *_Nonnull bytes, size_t count, int64_t limit);
int32_t tern_png_decode(tern_picture *_Nonnull picture, uint8_t *_Nonnull rows);
void tern_png_close(tern_picture *_Nonnull picture);

// out[x] = Σ in[first[x] + k] · weights[x · taps + k] / 2^22, rounded and clamped, for every row and channel; counts[x] taps.
void tern_resize_horizontal(
  const uint8_t *_Nonnull in, ptrdiff_t in_stride, int64_t in_width, uint8_t *_Nonnull out, ptrdiff_t out_stride,
  int64_t rows, int64_t out_width, int32_t channels, const int32_t *_Nonnull first, const int32_t *_Nonnull counts,
  const int32_t *_Nonnull weights, int64_t taps);
// The same down the columns of rows of `row_bytes`.
void tern_resize_vertical(
  const uint8_t *_Nonnull in, ptrdiff_t in_stride, uint8_t *_Nonnull out, ptrdiff_t out_stride, int64_t row_bytes,
  int64_t out_height, const int32_t *_Nonnull first, const int32_t *_Nonnull counts, const int32_t *_Nonnull weights,
  int64_t taps);

#endif
