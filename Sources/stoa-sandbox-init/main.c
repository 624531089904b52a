#include "sandbox_init.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void stoa_fail(const char *format, ...) {
    int number = errno;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (number != 0) {
        dprintf(STDERR_FILENO, "%s: %s\n", text, strerror(number));
    } else {
        dprintf(STDERR_FILENO, "%s\n", text);
    }
    _exit(126);
}

uint64_t stoa_now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

uint64_t stoa_number(const char *text) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || *text == '-') stoa_fail("expected a number, found \"%s\"", text);
    return number;
}

int main(int count, char **arguments) {
    if (count >= 2 && strcmp(arguments[1], "launch") == 0) return stoa_launch(count - 2, arguments + 2);
    if (count >= 2 && strcmp(arguments[1], "supervise") == 0) return stoa_supervise(count - 2, arguments + 2);
    if (count >= 2 && strcmp(arguments[1], "contain") == 0) return stoa_contain(count - 2, arguments + 2);
    if (count == 3 && strcmp(arguments[1], "filter") == 0) return stoa_print_filter(arguments[2]);
    dprintf(STDERR_FILENO, "This is a part of stoa's sandbox and is started by stoa.\n");
    return 64;
}
