#include "tern_vision.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

// A picture of many scans takes a time that its size in bytes does not tell.
enum { MOST_SCANS = 500 };

typedef struct {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf exit;
  tern_picture *picture;
  size_t count;
} decoder;

static int32_t refuse(tern_picture *picture, int32_t status, const char *message) {
  picture->status = status;
  snprintf(picture->message, sizeof picture->message, "%s", message);
  return status;
}

static void leave(j_common_ptr info) {
  decoder *state = (decoder *)info->client_data;
  char message[JMSG_LENGTH_MAX];
  info->err->format_message(info, message);
  int code = info->err->msg_code;
  int32_t status = TERN_VISION_MALFORMED;
  if (code == JERR_OUT_OF_MEMORY) status = TERN_VISION_MEMORY;
  if (code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION || code == JERR_CONVERSION_NOTIMPL ||
      code == JERR_NOT_COMPILED || code == JERR_CCIR601_NOTIMPL || code == JERR_FRACT_SAMPLE_NOTIMPL)
    status = TERN_VISION_UNSUPPORTED;
  if (code == JERR_INPUT_EOF || code == JERR_INPUT_EMPTY) status = TERN_VISION_TRUNCATED;
  if (state->picture->status == TERN_VISION_OK) refuse(state->picture, status, message);
  longjmp(state->exit, 1);
}

// Warnings are damage that the library would fill with gray, save for bytes that say nothing.
static void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  int code = info->err->msg_code;
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR) return;
  if (code == JWRN_NOT_SEQUENTIAL) return;
  decoder *state = (decoder *)info->client_data;
  if (code == JWRN_JPEG_EOF) refuse(state->picture, TERN_VISION_TRUNCATED, "the file ends in the middle of the picture");
  info->err->error_exit(info);
}

static void watch(j_common_ptr info) {
  decoder *state = (decoder *)info->client_data;
  if (info->is_decompressor && state->info.input_scan_number > MOST_SCANS) {
    refuse(state->picture, TERN_VISION_UNSUPPORTED, "more than 500 scans");
    longjmp(state->exit, 1);
  }
}

static void find_exif(decoder *state) {
  for (jpeg_saved_marker_ptr marker = state->info.marker_list; marker; marker = marker->next) {
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length > 14 && memcmp(marker->data, "Exif\0\0", 6) == 0) {
      state->picture->exif = marker->data + 6;
      state->picture->exif_count = marker->data_length - 6;
      return;
    }
  }
}

int32_t tern_jpeg_open(tern_picture *picture, const uint8_t *bytes, size_t count) {
  memset(picture, 0, sizeof *picture);
  decoder *state = calloc(1, sizeof *state);
  if (!state) return refuse(picture, TERN_VISION_MEMORY, "out of memory");
  picture->private_state = state;
  state->picture = picture;
  state->count = count;
  state->info.err = jpeg_std_error(&state->errors);
  state->info.client_data = state;
  state->errors.error_exit = leave;
  state->errors.emit_message = warn;
  if (setjmp(state->exit)) return picture->status;
  jpeg_create_decompress(&state->info);
  state->progress.progress_monitor = watch;
  state->info.progress = &state->progress;
  jpeg_mem_src(&state->info, bytes, count);
  jpeg_save_markers(&state->info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&state->info, TRUE);
  picture->width = state->info.image_width;
  picture->height = state->info.image_height;
  switch (state->info.num_components) {
  case 1:
    state->info.out_color_space = JCS_GRAYSCALE;
    picture->channels = 1;
    break;
  case 3:
    state->info.out_color_space = JCS_RGB;
    picture->channels = 3;
    break;
  case 4:
    state->info.out_color_space = JCS_CMYK;
    picture->channels = 3;
    break;
  default: return refuse(picture, TERN_VISION_UNSUPPORTED, "a number of colors that is not 1, 3 or 4");
  }
  picture->bits = 8;
  // A block of 8×8 takes a bit at least: what promises more than it can hold is refused before memory is asked for it.
  double blocks = 0;
  for (int i = 0; i < state->info.num_components; i++)
    blocks += (double)state->info.comp_info[i].width_in_blocks * state->info.comp_info[i].height_in_blocks;
  if (!state->info.arith_code && blocks > 8.0 * (double)count)
    return refuse(picture, TERN_VISION_TRUNCATED, "the file is too short for a picture of its size");
  find_exif(state);
  jpeg_calc_output_dimensions(&state->info);
  picture->output_width = state->info.output_width;
  picture->output_height = state->info.output_height;
  return TERN_VISION_OK;
}

void tern_jpeg_scale(tern_picture *picture, int32_t denominator) {
  decoder *state = picture->private_state;
  if (setjmp(state->exit)) return;
  state->info.scale_num = 1;
  state->info.scale_denom = (unsigned)denominator;
  jpeg_calc_output_dimensions(&state->info);
  picture->output_width = state->info.output_width;
  picture->output_height = state->info.output_height;
}

static uint8_t divided(int product) {
  product += 128;
  return (uint8_t)(((product >> 8) + product) >> 8);
}

// Adobe's programs write CMYK inverted: 255 is no ink.
static void convert_cmyk(uint8_t *out, const uint8_t *in, int64_t width) {
  for (int64_t x = 0; x < width; x++, in += 4, out += 3) {
    int light = in[3];
    for (int c = 0; c < 3; c++) {
      int value = light - divided((255 - in[c]) * light);
      out[c] = (uint8_t)(value < 0 ? 0 : value);
    }
  }
}

int32_t tern_jpeg_decode(tern_picture *picture, uint8_t *rows) {
  decoder *state = picture->private_state;
  uint8_t *volatile inks = NULL;
  if (setjmp(state->exit)) {
    free(inks);
    return picture->status;
  }
  jpeg_start_decompress(&state->info);
  int64_t width = picture->output_width, stride = width * picture->channels;
  if (state->info.out_color_space == JCS_CMYK) {
    inks = malloc((size_t)(4 * width));
    if (!inks) return refuse(picture, TERN_VISION_MEMORY, "out of memory");
  }
  while (state->info.output_scanline < state->info.output_height) {
    uint8_t *row = rows + state->info.output_scanline * stride;
    JSAMPROW target = inks ? inks : row;
    jpeg_read_scanlines(&state->info, &target, 1);
    if (inks) convert_cmyk(row, inks, width);
  }
  free(inks);
  inks = NULL;
  jpeg_finish_decompress(&state->info);
  return TERN_VISION_OK;
}

void tern_jpeg_close(tern_picture *picture) {
  decoder *state = picture->private_state;
  if (!state) return;
  jpeg_destroy_decompress(&state->info);
  free(state);
  picture->private_state = NULL;
}

typedef struct {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  jmp_buf exit;
  char *message;
} encoder;

static void leave_encoder(j_common_ptr info) {
  encoder *state = (encoder *)info->client_data;
  char message[JMSG_LENGTH_MAX];
  info->err->format_message(info, message);
  snprintf(state->message, TERN_VISION_MESSAGE, "%s", message);
  longjmp(state->exit, 1);
}

static void ignore(j_common_ptr info) { (void)info; }

int32_t tern_jpeg_encode(
  const uint8_t *rows, int32_t width, int32_t height, int32_t channels, int32_t quality, int32_t subsampled,
  uint8_t **out, size_t *out_count, char *message) {
  encoder state;
  memset(&state, 0, sizeof state);
  unsigned char *memory = NULL;
  unsigned long count = 0;
  state.message = message;
  state.info.err = jpeg_std_error(&state.errors);
  state.info.client_data = &state;
  state.errors.error_exit = leave_encoder;
  state.errors.output_message = ignore;
  *out = NULL;
  *out_count = 0;
  if (setjmp(state.exit)) {
    jpeg_destroy_compress(&state.info);
    return TERN_VISION_MALFORMED;
  }
  jpeg_create_compress(&state.info);
  jpeg_mem_dest(&state.info, &memory, &count);
  state.info.image_width = (JDIMENSION)width;
  state.info.image_height = (JDIMENSION)height;
  state.info.input_components = channels;
  state.info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&state.info);
  jpeg_set_quality(&state.info, quality, TRUE);
  if (!subsampled)
    for (int i = 0; i < state.info.num_components; i++)
      state.info.comp_info[i].h_samp_factor = state.info.comp_info[i].v_samp_factor = 1;
  jpeg_start_compress(&state.info, TRUE);
  while (state.info.next_scanline < state.info.image_height) {
    JSAMPROW row = (JSAMPROW)(rows + (size_t)state.info.next_scanline * (size_t)width * (size_t)channels);
    jpeg_write_scanlines(&state.info, &row, 1);
  }
  jpeg_finish_compress(&state.info);
  jpeg_destroy_compress(&state.info);
  *out = memory;
  *out_count = count;
  return TERN_VISION_OK;
}

void tern_vision_free(void *memory) { free(memory); }
