/* Counts the words of a text. Put your own work here; arcrun.h reads the input and writes the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arcrun.h"

static const char *SPACE = " \t\r\n";

int main(void) {
  char *input = arcrun_read_input();
  char *text = arcrun_text_field(input, "text");
  if (text == NULL) return arcrun_fail("text.missing", "the field text must hold the text to count");

  int words = 0;
  const char *longest = "";
  for (char *word = strtok(text, SPACE); word != NULL; word = strtok(NULL, SPACE)) {
    words += 1;
    if (strlen(word) > strlen(longest)) longest = word;
  }

  printf("{\"success\":true,\"data\":{\"words\":%d,\"longest\":", words);
  arcrun_write_text(longest);
  printf("}}\n");
  return 0;
}
