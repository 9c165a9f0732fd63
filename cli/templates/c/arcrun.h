/* What a part in C needs: its input, its answer, and calls of the host. Take a JSON library of your own when you need more. */
#ifndef ARCRUN_H
#define ARCRUN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((import_module("arcrun"), import_name("call"))) int arcrun_host_call(const char *request, size_t length);
__attribute__((import_module("arcrun"), import_name("result_len"))) size_t arcrun_host_result_len(int handle);
__attribute__((import_module("arcrun"), import_name("result_read"))) size_t arcrun_host_result_read(int handle, char *into, size_t length);

/* Asks the host for something, `{"call":"http_request","request":{...}}`; gives its answer. part.yaml must grant the call. */
static inline char *arcrun_call(const char *request) {
  int handle = arcrun_host_call(request, strlen(request));
  size_t length = arcrun_host_result_len(handle);
  char *result = malloc(length + 1);
  if (result == NULL) abort();
  arcrun_host_result_read(handle, result, length);
  result[length] = 0;
  return result;
}

/* All of stdin. */
static inline char *arcrun_read_input(void) {
  size_t room = 65536, length = 0;
  char *input = malloc(room + 1);
  while (input != NULL) {
    size_t count = fread(input + length, 1, room - length, stdin);
    if (count == 0) break;
    length += count;
    if (length == room) input = realloc(input, (room *= 2) + 1);
  }
  if (input == NULL) abort();
  input[length] = 0;
  return input;
}

static inline const char *arcrun_skip_space(const char *at) { return at + strspn(at, " \t\r\n"); }

static inline unsigned arcrun_hex(const char *at) {
  char digits[5] = {0};
  strncpy(digits, at, 4);
  return (unsigned)strtoul(digits, NULL, 16);
}

static inline char *arcrun_put_utf8(char *out, unsigned code) {
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  *out++ = (char)((more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0) | code >> 6 * more);
  while (more-- > 0) *out++ = (char)(0x80 | (code >> 6 * more & 0x3F));
  return out;
}

/* From an opening quote to behind the closing one, or to the end. `out` may be NULL; a text is never longer than its JSON. */
static inline const char *arcrun_read_text(const char *at, char *out) {
  for (at += 1; *at != 0 && *at != '"';) {
    unsigned code = (unsigned char)*at++;
    int isEscaped = code == '\\' && *at != 0;
    if (isEscaped) {
      static const char *letters = "bfnrt", *meanings = "\b\f\n\r\t";
      char letter = *at++;
      const char *known = strchr(letters, letter);
      code = known != NULL ? (unsigned char)meanings[known - letters] : (unsigned char)letter;
      if (letter == 'u' && strlen(at) >= 4) {
        code = arcrun_hex(at);
        at += 4;
        if (code >> 10 == 0x36 && at[0] == '\\' && at[1] == 'u' && strlen(at) >= 6) {
          code = 0x10000 + ((code & 0x3FF) << 10) + (arcrun_hex(at + 2) & 0x3FF);
          at += 6;
        }
      }
    }
    if (out != NULL && isEscaped) out = arcrun_put_utf8(out, code);
    else if (out != NULL) *out++ = (char)code;
  }
  if (out != NULL) *out = 0;
  return *at == 0 ? at : at + 1;
}

/* To behind a value of whatever kind. */
static inline const char *arcrun_skip_value(const char *at) {
  int depth = 0;
  do {
    at = arcrun_skip_space(at);
    if (*at == '"') at = arcrun_read_text(at, NULL);
    else if (*at == '{' || *at == '[') depth += 1, at += 1;
    else if (*at == '}' || *at == ']') depth -= 1, at += 1;
    else if (*at == ',' || *at == ':') at += 1;
    else at += strcspn(at, ",:]}\"[{ \t\r\n");
  } while (depth > 0 && *at != 0);
  return at;
}

/* The text that the field of a JSON object holds; NULL when it holds none. */
static inline char *arcrun_text_field(const char *json, const char *field) {
  const char *at = arcrun_skip_space(json);
  if (*at != '{') return NULL;
  char *text = malloc(strlen(json) + 1);
  if (text == NULL) abort();
  for (at = arcrun_skip_space(at + 1); *at == '"'; at = arcrun_skip_space(at)) {
    at = arcrun_skip_space(arcrun_read_text(at, text));
    int isIt = strcmp(text, field) == 0;
    if (*at == ':') at = arcrun_skip_space(at + 1);
    if (isIt && *at != '"') return NULL;
    if (isIt) return arcrun_read_text(at, text), text;
    at = arcrun_skip_space(arcrun_skip_value(at));
    if (*at == ',') at += 1;
  }
  return NULL;
}

/* Writes a text as JSON. */
static inline void arcrun_write_text(const char *text) {
  putchar('"');
  for (; *text != 0; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') printf("\\%c", c);
    else if (c < 0x20) printf("\\u%04x", c);
    else putchar(c);
  }
  putchar('"');
}

/* Answers a failure. The code is `noun.problem`. */
static inline int arcrun_fail(const char *code, const char *message) {
  printf("{\"success\":false,\"error\":{\"code\":");
  arcrun_write_text(code);
  printf(",\"message\":");
  arcrun_write_text(message);
  printf(",\"retryable\":false}}\n");
  return 0;
}

#endif
