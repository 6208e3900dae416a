#include "tern_vision.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count, place;
  tern_picture *picture;
} decoder;

static int32_t refuse(tern_picture *picture, int32_t status, const char *message) {
  picture->status = status;
  snprintf(picture->message, sizeof picture->message, "%s", message);
  return status;
}

static void leave(png_structp png, png_const_charp message) {
  decoder *state = png_get_error_ptr(png);
  if (state->picture->status == TERN_VISION_OK) {
    // What libpng finds missing where zlib wants more is a file that ends too early.
    int is_short = strstr(message, "Not enough") || strstr(message, "Read Error");
    refuse(state->picture, is_short ? TERN_VISION_TRUNCATED : TERN_VISION_MALFORMED, message);
  }
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  decoder *state = png_get_io_ptr(png);
  if (count > state->count - state->place) {
    refuse(state->picture, TERN_VISION_TRUNCATED, "the file ends in the middle of the picture");
    png_error(png, "Read Error");
  }
  memcpy(out, state->bytes + state->place, count);
  state->place += count;
}

static int is_little_endian(void) {
  uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first;
}

int32_t tern_png_open(tern_picture *picture, const uint8_t *bytes, size_t count, int64_t limit) {
  memset(picture, 0, sizeof *picture);
  decoder *state = calloc(1, sizeof *state);
  if (!state) return refuse(picture, TERN_VISION_MEMORY, "out of memory");
  picture->private_state = state;
  state->picture = picture;
  state->bytes = bytes;
  state->count = count;
  state->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, state, leave, ignore);
  if (!state->png) return refuse(picture, TERN_VISION_MEMORY, "libpng cannot start");
  if (setjmp(png_jmpbuf(state->png))) return picture->status;
  state->info = png_create_info_struct(state->png);
  if (!state->info) return refuse(picture, TERN_VISION_MEMORY, "out of memory");
  png_set_read_fn(state->png, state, read_bytes);
  // The limit of pixels is the caller's; texts and profiles say nothing about the picture.
  png_set_user_limits(state->png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_chunk_cache_max(state->png, 64);
  png_set_chunk_malloc_max(state->png, 1 << 23);
  static const png_byte unread[] = "iCCP\0zTXt\0iTXt\0tEXt\0sPLT\0hIST\0pCAL\0sCAL";
  png_set_keep_unknown_chunks(state->png, PNG_HANDLE_CHUNK_NEVER, unread, (int)(sizeof unread / 5));
  png_read_info(state->png, state->info);
  png_uint_32 width = 0, height = 0;
  int bits = 0, color = 0;
  png_get_IHDR(state->png, state->info, &width, &height, &bits, &color, NULL, NULL, NULL);
  picture->width = picture->output_width = width;
  picture->height = picture->output_height = height;
  // The caller refuses it, before rows of it are asked for.
  if (width && height > (uint64_t)limit / width) return TERN_VISION_OK;
  // Deflate shortens 1032 times at most.
  double size = (double)png_get_rowbytes(state->png, state->info) * height;
  if (size > 1032.0 * (double)count)
    return refuse(picture, TERN_VISION_TRUNCATED, "the file is too short for a picture of its size");
  png_set_expand(state->png);
  if (is_little_endian()) png_set_swap(state->png);
  png_set_interlace_handling(state->png);
  png_read_update_info(state->png, state->info);
  picture->channels = png_get_channels(state->png, state->info);
  picture->bits = png_get_bit_depth(state->png, state->info);
  png_bytep exif = NULL;
  png_uint_32 exif_count = 0;
  if (png_get_eXIf_1(state->png, state->info, &exif_count, &exif)) {
    picture->exif = exif;
    picture->exif_count = exif_count;
  }
  return TERN_VISION_OK;
}

int32_t tern_png_decode(tern_picture *picture, uint8_t *rows) {
  decoder *state = picture->private_state;
  size_t height = (size_t)picture->height;
  png_bytep *volatile list = malloc(height * sizeof *list);
  if (!list) return refuse(picture, TERN_VISION_MEMORY, "out of memory");
  if (setjmp(png_jmpbuf(state->png))) {
    free(list);
    return picture->status;
  }
  size_t stride = png_get_rowbytes(state->png, state->info);
  for (size_t y = 0; y < height; y++) list[y] = rows + y * stride;
  png_read_image(state->png, list);
  png_read_end(state->png, NULL);
  free(list);
  return TERN_VISION_OK;
}

void tern_png_close(tern_picture *picture) {
  decoder *state = picture->private_state;
  if (!state) return;
  png_destroy_read_struct(&state->png, &state->info, NULL);
  free(state);
  picture->private_state = NULL;
}
