/* The least that a server can do: frames of so many bytes, so many times a second, to every viewer that has credit.
 *
 *   epoll_server BYTES RATE
 *
 * One thread, one epoll. The messages are those of the live protocol as far as a viewer that only reads and
 * acknowledges can see: WebSocket header, envelope and beginning of a frame, then bytes without meaning. A viewer gets
 * the newest frame once it has acknowledged the one before; the frame is written from one buffer that all share. It does
 * not receive a stream, so its frames cost nothing before they are sent. Writes its port to stdout and runs until killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1, BINARY = 2, CLOSE = 8 };
enum { ENVELOPE = 16, FRAME_HEAD = 40, SLOTS = 16, EVENTS = 256, SPOKEN = 4096 };

typedef struct {
    uint8_t *body;
    uint64_t sequence;
    int64_t born; /* monotonic ns */
    int users;    /* viewers to whom it is being written */
} Slot;

typedef struct Viewer Viewer;
struct Viewer {
    int fd, shaken, wants, in_flight, blocked;
    uint8_t heard[SPOKEN];
    size_t have;
    uint64_t seen;
    Slot *slot; /* being written */
    uint8_t head[10 + ENVELOPE];
    size_t head_bytes, written;
    Viewer *next, *previous;
};

static Slot slots[SLOTS], *newest;
static Viewer *viewers;
static size_t message_bytes, body_bytes;
static int epoll;

static void fail(const char *what) {
    fprintf(stderr, "epoll_server: %s\n", what);
    exit(1);
}

static int64_t clock_ns(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void listen_to(Viewer *viewer, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = viewer};
    epoll_ctl(epoll, operation, viewer->fd, &event);
}

static void leave(Viewer *viewer) {
    if (viewer->slot) viewer->slot->users--;
    if (viewer->previous) viewer->previous->next = viewer->next;
    else viewers = viewer->next;
    if (viewer->next) viewer->next->previous = viewer->previous;
    close(viewer->fd);
    free(viewer);
}

/* Write what is left of the frame. A viewer that is gone is noticed when it is read from. */
static void go_on(Viewer *viewer) {
    size_t total = viewer->head_bytes + body_bytes;
    while (viewer->written < total) {
        struct iovec parts[2];
        int count = 0;
        ssize_t sent;
        size_t in_body = viewer->written > viewer->head_bytes ? viewer->written - viewer->head_bytes : 0;
        if (viewer->written < viewer->head_bytes)
            parts[count++] = (struct iovec){viewer->head + viewer->written, viewer->head_bytes - viewer->written};
        parts[count++] = (struct iovec){viewer->slot->body + in_body, body_bytes - in_body};
        sent = writev(viewer->fd, parts, count);
        if (sent < 0 && errno == EAGAIN) {
            if (!viewer->blocked) listen_to(viewer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            viewer->blocked = 1;
            return;
        }
        if (sent < 0) {
            shutdown(viewer->fd, SHUT_RDWR);
            return;
        }
        viewer->written += sent;
    }
    viewer->slot->users--;
    viewer->slot = NULL;
    if (viewer->blocked) listen_to(viewer, EPOLLIN, EPOLL_CTL_MOD);
    viewer->blocked = 0;
}

static void offer(Viewer *viewer) {
    uint32_t length = (uint32_t)message_bytes, micros, skipped;
    uint8_t *head = viewer->head;
    size_t at = 2;
    if (!viewer->wants || viewer->in_flight || viewer->slot || !newest || newest->sequence <= viewer->seen) return;
    head[0] = 0x80 | BINARY;
    if (message_bytes < 65536) {
        head[1] = 126;
        head[at++] = (uint8_t)(message_bytes >> 8);
        head[at++] = (uint8_t)message_bytes;
    } else {
        head[1] = 127;
        for (int shift = 56; shift >= 0; shift -= 8) head[at++] = (uint8_t)((uint64_t)message_bytes >> shift);
    }
    micros = (uint32_t)((clock_ns(CLOCK_MONOTONIC) - newest->born) / 1000);
    skipped = viewer->seen ? (uint32_t)(newest->sequence - viewer->seen - 1) : 0;
    memcpy(head + at, &length, 4);
    memcpy(head + at + 4, (uint8_t[4]){1, 0, 0, 0}, 4);
    memcpy(head + at + 8, &micros, 4);
    memcpy(head + at + 12, &skipped, 4);
    viewer->head_bytes = at + ENVELOPE;
    viewer->written = 0;
    viewer->slot = newest;
    viewer->seen = newest->sequence;
    viewer->in_flight = 1;
    newest->users++;
    go_on(viewer);
}

/* Make the next frame and send it to everybody who has credit. */
static void publish(void) {
    static uint64_t sequence;
    Slot *slot = NULL;
    int64_t wall = clock_ns(CLOCK_REALTIME);
    for (int i = 0; i < SLOTS && !slot; i++)
        if (!slots[i].users && slots + i != newest) slot = slots + i;
    if (!slot) return;
    slot->sequence = ++sequence;
    slot->born = clock_ns(CLOCK_MONOTONIC);
    memcpy(slot->body, (uint8_t[4]){1, 0, 0, 0}, 4);
    memcpy(slot->body + 8, &sequence, 8);
    memcpy(slot->body + 16, &sequence, 8);
    memcpy(slot->body + 24, &wall, 8);
    memcpy(slot->body + 32, &wall, 8);
    newest = slot;
    for (Viewer *viewer = viewers; viewer; viewer = viewer->next) offer(viewer);
}

static int shake_hands(Viewer *viewer) {
    /* The answer to the one key that the load program sends, which is that of the example in RFC 6455. */
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sov.1\r\n\r\n";
    uint8_t *end = memmem(viewer->heard, viewer->have, "\r\n\r\n", 4);
    if (!end) return 1;
    viewer->have -= end + 4 - viewer->heard;
    memmove(viewer->heard, end + 4, viewer->have);
    viewer->shaken = 1;
    return send(viewer->fd, answer, sizeof answer - 1, MSG_NOSIGNAL) == sizeof answer - 1;
}

/* Take the messages that have arrived; return 0 if the viewer is to leave. */
static int hear(Viewer *viewer) {
    uint8_t *at = viewer->heard, *end = viewer->heard + viewer->have;
    while (end - at >= 6) {
        size_t size = at[1] & 127, start = 6;
        uint8_t opcode = at[0] & 15, *payload;
        if (!(at[1] & 128) || size == 127) return 0;
        if (size == 126) {
            size = (size_t)at[2] << 8 | at[3];
            start = 8;
        }
        if ((size_t)(end - at) < start + size) break;
        payload = at + start;
        for (size_t i = 0; i < size; i++) payload[i] ^= payload[(ptrdiff_t)(i & 3) - 4];
        if (opcode == CLOSE) return 0;
        if (opcode == TEXT) viewer->wants = 1;
        if (opcode == BINARY && size == 16 && payload[0] == 1 && !memcmp(payload + 8, &viewer->seen, 8)) viewer->in_flight = 0;
        at = payload + size;
    }
    viewer->have = end - at;
    memmove(viewer->heard, at, viewer->have);
    return 1;
}

static void welcome(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        Viewer *viewer = calloc(1, sizeof *viewer);
        if (!viewer) fail("no memory");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        viewer->fd = fd;
        viewer->next = viewers;
        if (viewers) viewers->previous = viewer;
        viewers = viewer;
        listen_to(viewer, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static void attend(Viewer *viewer, uint32_t events) {
    if (events & EPOLLOUT && viewer->slot) go_on(viewer);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t got = recv(viewer->fd, viewer->heard + viewer->have, SPOKEN - viewer->have, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            leave(viewer);
            return;
        }
        viewer->have += got;
        if ((!viewer->shaken && !shake_hands(viewer)) || (viewer->shaken && !hear(viewer))) {
            leave(viewer);
            return;
        }
    }
    offer(viewer);
}

static int listen_on_any_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) || listen(fd, 2048)) fail(strerror(errno));
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void make_slots(void) {
    uint64_t state = 88172645463325252ull;
    for (int i = 0; i < SLOTS; i++) {
        if (!(slots[i].body = calloc(1, body_bytes + 8))) fail("no memory");
        for (size_t at = FRAME_HEAD; at < body_bytes; at += 8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            memcpy(slots[i].body + at, &state, 8);
        }
    }
}

int main(int argc, char **argv) {
    struct itimerspec period = {0};
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    struct rlimit files;
    double rate = argc == 3 ? atof(argv[2]) : 0;
    int listener, timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    message_bytes = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    if (message_bytes < 128 || message_bytes > UINT32_MAX || rate <= 0) fail("epoll_server BYTES RATE");
    body_bytes = message_bytes - ENVELOPE;
    /* A viewer that is gone is an error of its writev, not the end of the server. */
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    make_slots();
    epoll = epoll_create1(0);
    listener = listen_on_any_port();
    event.data.ptr = &listener;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    event.data.ptr = &timer;
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    period.it_value.tv_nsec = period.it_interval.tv_nsec = (long)(1e9 / rate) % 1000000000;
    period.it_value.tv_sec = period.it_interval.tv_sec = (time_t)(1 / rate);
    timerfd_settime(timer, 0, &period, NULL);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            void *what = events[i].data.ptr;
            uint64_t times;
            if (what == &listener) welcome(listener);
            else if (what == &timer) {
                if (read(timer, &times, sizeof times) == sizeof times) publish();
            } else attend(what, events[i].events);
        }
    }
}
