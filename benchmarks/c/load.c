/* Many viewers of the live protocol in one process that costs as little as possible.
 *
 *   load PORT WARM_UP SECONDS (VIEWERS RATE WANT)...
 *
 * Each group of viewers sends its WANT, reads RATE bytes a second (0: as fast as it can; negative: nothing at all) and
 * acknowledges each complete frame. Only the head of a message is copied out of the kernel and looked at: lengths must
 * agree and sequence numbers must not fall. The rest is discarded there, as if the viewers were on other machines.
 *
 * Writes "begin" when the warm-up is over, and one line of JSON at the end. Exit code 1 and a line on stderr if a
 * connection ends or a message is wrong. load.py does the same, more dearly, where there is no compiler.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };
enum { FRAME = 1, SCALARS = 2 };
enum { LONGEST_HEADER = 10, KEPT = 64, DISCARD = 1 << 24, EVENTS = 256, TICK_MS = 2 };

/* Times in ms until a frame was complete here. */
typedef struct {
    float *values;
    size_t count, room;
} Latencies;

typedef struct {
    double rate;
    const char *want;
    int viewers;
    uint64_t frames, bytes, rows, lost_rows, skipped, repeated;
    Latencies since_receipt, since_stamp;
} Group;

typedef struct {
    int fd;
    Group *group;
    uint8_t buffer[LONGEST_HEADER + KEPT];
    size_t have;
    uint8_t opcode, head[KEPT];
    size_t size, kept, rest; /* of the message that is being read; `rest` is still to be discarded */
    int inside;
    uint64_t sequence, frames;
    uint32_t epoch;
    double allowance; /* bytes that a slow viewer may read now */
} Viewer;

static uint8_t junk[1 << 16];
static uint64_t random_state = 88172645463325252ull;

static void fail(const char *what) {
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static double clock_of(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + now.tv_nsec * 1e-9;
}

static int64_t wall_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Integers of the protocol are little endian, as this machine must be. */
static uint32_t u32(const uint8_t *from) {
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static uint64_t u64(const uint8_t *from) {
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* Send a masked message, as a client has to; the mask is another one each time. */
static void say(Viewer *viewer, uint8_t opcode, const uint8_t *payload, size_t size) {
    uint8_t message[8 + 65536], *mask;
    size_t at = 2;
    if (size > 65535) fail("too much to say");
    message[0] = 0x80 | opcode;
    if (size < 126) {
        message[1] = 0x80 | (uint8_t)size;
    } else {
        message[1] = 0x80 | 126;
        message[at++] = (uint8_t)(size >> 8);
        message[at++] = (uint8_t)size;
    }
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    mask = message + at;
    memcpy(mask, &random_state, 4);
    at += 4;
    for (size_t i = 0; i < size; i++) message[at + i] = payload[i] ^ mask[i & 3];
    if (send(viewer->fd, message, at + size, MSG_NOSIGNAL) != (ssize_t)(at + size)) fail("a message was not taken");
}

static void note(Latencies *latencies, int64_t ns) {
    if (latencies->count == latencies->room) {
        latencies->room = latencies->room ? 2 * latencies->room : 4096;
        latencies->values = realloc(latencies->values, latencies->room * sizeof *latencies->values);
        if (!latencies->values) fail("no memory");
    }
    latencies->values[latencies->count++] = (float)(ns * 1e-6);
}

static void complete(Viewer *viewer) {
    Group *group = viewer->group;
    const uint8_t *head = viewer->head;
    viewer->inside = 0;
    if (viewer->opcode == BINARY) {
        if (viewer->kept < 32 || u32(head) != viewer->size) fail("a message has a wrong length");
        if (head[4] == FRAME && viewer->kept == KEPT) {
            uint8_t ack[16] = {1};
            uint64_t sequence = u64(head + 24);
            uint32_t epoch = u32(head + 16);
            int64_t now = wall_ns();
            if (viewer->epoch && epoch != viewer->epoch) fail("the receiving process was started again");
            if (viewer->epoch && sequence < viewer->sequence) {
                fprintf(stderr, "load: image %llu came after %llu\n", (unsigned long long)sequence,
                        (unsigned long long)viewer->sequence);
                exit(1);
            }
            /* A pulse comes again when it is sent in another way than before, in other levels for instance. */
            if (viewer->epoch && sequence == viewer->sequence) group->repeated++;
            viewer->epoch = epoch;
            viewer->sequence = sequence;
            viewer->frames++;
            memcpy(ack + 8, &sequence, 8);
            say(viewer, BINARY, ack, sizeof ack);
            group->frames++;
            group->bytes += viewer->size;
            group->skipped += u32(head + 12);
            /* The receipt by the server, and the time that the source wrote into the message, if it wrote one. */
            note(&group->since_receipt, now - (int64_t)u64(head + 48));
            if ((int64_t)u64(head + 40) != INT64_MIN) note(&group->since_stamp, now - (int64_t)u64(head + 40));
        } else if (head[4] == SCALARS) {
            group->rows += u32(head + 24);
            group->lost_rows += u32(head + 12);
        }
    } else if (viewer->opcode == PING) {
        say(viewer, PONG, head, viewer->kept);
    } else if (viewer->opcode == CLOSE) {
        fprintf(stderr, "load: closed by the server: %.*s\n", (int)viewer->kept - 2, (const char *)head + 2);
        exit(1);
    }
}

/* Take one message, or its beginning, out of the buffer; return 0 if more is needed for that. */
static int parse(Viewer *viewer) {
    const uint8_t *buffer = viewer->buffer;
    size_t start = 2, used;
    if (viewer->have < 2) return 0;
    viewer->size = buffer[1] & 127;
    if (viewer->size == 126) start = 4;
    if (viewer->size == 127) start = 10;
    if (viewer->have < start) return 0;
    if (start > 2) {
        viewer->size = 0;
        for (size_t i = 2; i < start; i++) viewer->size = viewer->size << 8 | buffer[i];
    }
    viewer->kept = viewer->size < KEPT ? viewer->size : KEPT;
    if (viewer->have < start + viewer->kept) return 0;
    viewer->opcode = buffer[0] & 15;
    memcpy(viewer->head, buffer + start, viewer->kept);
    used = start + viewer->size < viewer->have ? start + viewer->size : viewer->have;
    viewer->rest = start + viewer->size - used;
    viewer->have -= used;
    memmove(viewer->buffer, buffer + used, viewer->have);
    viewer->inside = 1;
    if (!viewer->rest) complete(viewer);
    return !viewer->inside;
}

/* Read what is there, at most `limit` bytes; return how many were read. */
static size_t take(Viewer *viewer, size_t limit) {
    size_t total = 0;
    while (total < limit) {
        size_t asked;
        ssize_t got;
        if (viewer->inside) {
            asked = viewer->rest < DISCARD ? viewer->rest : DISCARD;
            if (asked > limit - total) asked = limit - total;
            /* A TCP socket throws the bytes away and writes nothing into the buffer. */
            got = recv(viewer->fd, junk, asked, MSG_TRUNC | MSG_DONTWAIT);
        } else {
            asked = sizeof viewer->buffer - viewer->have;
            got = recv(viewer->fd, viewer->buffer + viewer->have, asked, MSG_DONTWAIT);
        }
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (got <= 0) fail("a connection ended");
        total += got;
        if (viewer->inside) {
            viewer->rest -= got;
            if (!viewer->rest) complete(viewer);
        } else {
            viewer->have += got;
        }
        while (!viewer->inside && parse(viewer)) {}
        if ((size_t)got < asked) break;
    }
    return total;
}

static void enter(Viewer *viewer, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    int one = 1, length;
    char text[1024];
    size_t have = 0;
    char *end = NULL;
    viewer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (viewer->fd < 0 || connect(viewer->fd, (struct sockaddr *)&address, sizeof address)) fail(strerror(errno));
    setsockopt(viewer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    length = snprintf(text, sizeof text,
                      "GET /live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                      "Sec-WebSocket-Protocol: sov.1\r\n\r\n",
                      port);
    if (send(viewer->fd, text, length, MSG_NOSIGNAL) != length) fail("the request was not taken");
    /* One byte at a time, since what follows belongs to the first message. */
    while (!end) {
        if (have == sizeof text - 1 || recv(viewer->fd, text + have, 1, 0) != 1) fail("no answer to the handshake");
        text[++have] = 0;
        if (have >= 4) end = strstr(text + have - 4, "\r\n\r\n");
    }
    if (strncmp(text, "HTTP/1.1 101", 12)) fail(text);
    say(viewer, TEXT, (const uint8_t *)viewer->group->want, strlen(viewer->group->want));
}

static void serve(Viewer *viewers, int count, int epoll, double seconds) {
    struct epoll_event events[EVENTS];
    double now = clock_of(CLOCK_MONOTONIC), end = now + seconds, before = now;
    int paced = 0;
    for (int i = 0; i < count; i++) paced |= viewers[i].group->rate > 0;
    while (now < end) {
        int wait = (int)((end - now) * 1000) + 1;
        int ready = epoll_wait(epoll, events, EVENTS, paced && wait > TICK_MS ? TICK_MS : wait);
        for (int i = 0; i < ready; i++) take(events[i].data.ptr, SIZE_MAX);
        now = clock_of(CLOCK_MONOTONIC);
        for (int i = 0; paced && i < count; i++) {
            Viewer *viewer = viewers + i;
            double rate = viewer->group->rate;
            if (rate <= 0) continue;
            viewer->allowance += rate * (now - before);
            /* What is not used for lack of data is not saved up, but for the time of some ticks. */
            if (viewer->allowance > rate * 0.01) viewer->allowance = rate * 0.01;
            if (viewer->allowance >= 1) viewer->allowance -= take(viewer, (size_t)viewer->allowance);
        }
        before = now;
    }
}

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_percentiles(Latencies *latencies, const char *prefix) {
    static const int percents[] = {50, 95, 99};
    size_t count = latencies->count;
    qsort(latencies->values, count, sizeof *latencies->values, compare);
    for (int i = 0; i < 3; i++) {
        size_t at = count * percents[i] / 100;
        printf(", \"%sp%d\": ", prefix, percents[i]);
        if (count) printf("%.4f", latencies->values[at < count ? at : count - 1]);
        else printf("null");
    }
}

int main(int argc, char **argv) {
    int groups_count = (argc - 4) / 3, count = 0, epoll = epoll_create1(0), at = 0;
    Group *groups;
    Viewer *viewers;
    struct rlimit files;
    double since, used;
    if (argc < 7 || (argc - 4) % 3) fail("load PORT WARM_UP SECONDS (VIEWERS RATE WANT)...");
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    groups = calloc(groups_count, sizeof *groups);
    for (int i = 0; i < groups_count; i++) {
        groups[i].viewers = atoi(argv[4 + 3 * i]);
        groups[i].rate = atof(argv[5 + 3 * i]);
        groups[i].want = argv[6 + 3 * i];
        count += groups[i].viewers;
    }
    viewers = calloc(count, sizeof *viewers);
    if (!groups || !viewers) fail("no memory");
    for (int i = 0; i < groups_count; i++) {
        for (int j = 0; j < groups[i].viewers; j++) {
            Viewer *viewer = viewers + at++;
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = viewer};
            viewer->group = groups + i;
            enter(viewer, atoi(argv[1]));
            if (groups[i].rate == 0) epoll_ctl(epoll, EPOLL_CTL_ADD, viewer->fd, &event);
        }
    }
    serve(viewers, count, epoll, atof(argv[2]));
    for (int i = 0; i < groups_count; i++) {
        Group *group = groups + i;
        group->frames = group->bytes = group->rows = group->lost_rows = group->skipped = group->repeated = 0;
        group->since_receipt.count = group->since_stamp.count = 0;
    }
    for (int i = 0; i < count; i++) viewers[i].frames = 0;
    printf("begin\n");
    fflush(stdout);
    since = clock_of(CLOCK_MONOTONIC);
    used = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    serve(viewers, count, epoll, atof(argv[3]));
    since = clock_of(CLOCK_MONOTONIC) - since;
    used = clock_of(CLOCK_PROCESS_CPUTIME_ID) - used;
    printf("{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"groups\": [", since, used);
    at = 0;
    for (int i = 0; i < groups_count; i++) {
        Group *group = groups + i;
        uint64_t least = UINT64_MAX;
        for (int j = 0; j < group->viewers; j++, at++)
            if (viewers[at].frames < least) least = viewers[at].frames;
        printf("%s{\"viewers\": %d, \"frames\": %llu, \"least\": %llu, \"bytes\": %llu, \"skipped\": %llu, \"repeated\": %llu, \"rows\": %llu, "
               "\"lost_rows\": %llu",
               i ? ", " : "", group->viewers, (unsigned long long)group->frames, (unsigned long long)least,
               (unsigned long long)group->bytes, (unsigned long long)group->skipped,
               (unsigned long long)group->repeated, (unsigned long long)group->rows,
               (unsigned long long)group->lost_rows);
        print_percentiles(&group->since_receipt, "");
        print_percentiles(&group->since_stamp, "stamp_");
        printf("}");
    }
    printf("]}\n");
    return 0;
}
