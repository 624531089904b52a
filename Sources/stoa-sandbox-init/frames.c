#include "sandbox_init.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint8_t *stoa_buffer_reserve(stoa_buffer *buffer, size_t count) {
    if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
    if (buffer->capacity - buffer->end < count && buffer->start > 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->start, stoa_buffer_count(buffer));
        buffer->end -= buffer->start;
        buffer->start = 0;
    }
    if (buffer->capacity - buffer->end < count) {
        size_t capacity = buffer->capacity < 4096 ? 4096 : buffer->capacity;
        while (capacity - buffer->end < count) capacity *= 2;
        uint8_t *bytes = realloc(buffer->bytes, capacity);
        if (bytes == NULL) stoa_fail("the supervisor has no memory");
        buffer->bytes = bytes;
        buffer->capacity = capacity;
    }
    return buffer->bytes + buffer->end;
}

void stoa_buffer_append(stoa_buffer *buffer, const void *bytes, size_t count) {
    if (count == 0) return;
    memcpy(stoa_buffer_reserve(buffer, count), bytes, count);
    buffer->end += count;
}

static void append_header(stoa_buffer *buffer, uint8_t type, uint32_t sequence, size_t count) {
    uint32_t length = (uint32_t)count;
    stoa_buffer_append(buffer, &length, sizeof length);
    stoa_buffer_append(buffer, &type, sizeof type);
    stoa_buffer_append(buffer, &sequence, sizeof sequence);
}

void stoa_buffer_frame(stoa_buffer *buffer, uint8_t type, uint32_t sequence, const void *payload, size_t count) {
    append_header(buffer, type, sequence, count);
    stoa_buffer_append(buffer, payload, count);
}

void stoa_buffer_consume(stoa_buffer *buffer, size_t count) { buffer->start += count; }

int stoa_buffer_flush(stoa_buffer *buffer, int descriptor) {
    while (stoa_buffer_count(buffer) > 0) {
        ssize_t written = write(descriptor, buffer->bytes + buffer->start, stoa_buffer_count(buffer));
        if (written < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN ? 0 : -1;
        }
        stoa_buffer_consume(buffer, (size_t)written);
    }
    return 0;
}

// MARK: Captures

// The first `limit` bytes are kept whole; the last half of the limit goes round in a ring, for when there are more.
void stoa_capture_take(stoa_capture *capture, const uint8_t *bytes, size_t count, size_t limit) {
    size_t held = stoa_buffer_count(&capture->head);
    size_t room = held < limit ? limit - held : 0;
    stoa_buffer_append(&capture->head, bytes, count < room ? count : room);
    size_t ring = limit / 2;
    if (ring > capture->tail_capacity) {
        // The limit grew between cells; nothing of the ring is wanted yet, since the head is not full.
        uint8_t *tail = realloc(capture->tail, ring);
        if (tail == NULL) stoa_fail("the supervisor has no memory");
        capture->tail = tail;
        capture->tail_capacity = ring;
    }
    if (ring > 0) {
        size_t skipped = count > ring ? count - ring : 0;
        for (size_t done = skipped; done < count;) {
            size_t position = (size_t)((capture->total + done) % ring);
            size_t part = count - done < ring - position ? count - done : ring - position;
            memcpy(capture->tail + position, bytes + done, part);
            done += part;
        }
    }
    capture->total += count;
}

void stoa_capture_send(stoa_capture *capture, stoa_buffer *output, uint8_t type, uint32_t sequence, size_t limit) {
    size_t held = stoa_buffer_count(&capture->head);
    size_t ring = limit / 2;
    int cut = capture->total > held;
    size_t head = cut && held > limit - ring ? limit - ring : held;
    size_t tail = cut ? ring : 0;
    uint64_t lengths[2] = {capture->total, head};
    append_header(output, type, sequence, sizeof lengths + head + tail);
    stoa_buffer_append(output, lengths, sizeof lengths);
    stoa_buffer_append(output, capture->head.bytes + capture->head.start, head);
    if (tail > 0) {
        size_t position = (size_t)(capture->total % ring);
        stoa_buffer_append(output, capture->tail + position, ring - position);
        stoa_buffer_append(output, capture->tail, position);
    }
    capture->head.start = capture->head.end = 0;
    capture->total = 0;
}
