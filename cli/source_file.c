/* Reading files, whatever they turn out to be: directories, devices and pipes included.
 *
 * Whatever can be opened is read to its end in pieces, since a pipe has no size to ask for, and up
 * to a limit, since a device may have no end. What is found nowhere gets the nearest name in the
 * places where it was looked for.
 *
 * A name is shown in its shortest form but opened as it was written: "a/../b" is not "b" where a is
 * a link. */
#include "cli/source_file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/text.h"
#include "sim/base/write.h"

#ifndef CM_SCENARIOS_DIR
#define CM_SCENARIOS_DIR "/usr/local/share/coalmine/scenarios"
#endif

const char *const cm_source_folder = CM_SCENARIOS_DIR;

enum { PATH = 4096, CHUNK = 64 * 1024 };
static const size_t LARGEST =
    (size_t)256 * 1024 * 1024; /* recordings can be long; no scenario is */

/* --- where to look --- */

/* folder/path, in the arena. */
static const char *join(const char *folder, const char *path, struct cm_arena *arena)
{
    size_t size = strlen(folder) + strlen(path) + 2;
    char *both = cm_arena_alloc(arena, size);
    snprintf(both, size, "%s/%s", folder, path);
    return both;
}

/* dirname(file)/path */
static const char *beside(const char *file, const char *path, struct cm_arena *arena)
{
    const char *slash = strrchr(file, '/');
    return slash ? join(cm_arena_text(arena, file, (size_t)(slash - file)), path, arena) : path;
}

/* Beside the folder that the program stands in: share/coalmine/scenarios of an installation that
 * was moved, or scenarios of the source tree that it was built in. */
static const char *beside_program(struct cm_arena *arena)
{
    char self[PATH] = "";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return cm_source_folder;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
    }
    struct stat status;
    const char *shared = join(self, "share/coalmine/scenarios", arena);
    return stat(shared, &status) == 0 ? shared : join(self, "scenarios", arena);
}

const char *cm_source_installed(struct cm_arena *arena)
{
    struct stat status;
    return stat(cm_source_folder, &status) == 0 ? cm_source_folder : beside_program(arena);
}

/* The name without "./" and "x/..", so that one file has one name. It is shown, never opened: with
 * links in the way it may name another file. */
static const char *tidy(const char *path, struct cm_arena *arena)
{
    char *out = cm_arena_alloc(arena, strlen(path) + 2);
    size_t n = 0, kept = 0; /* bytes; those in front that ".." does not take away */
    if (path[0] == '/')
        out[n++] = '/';
    kept = n;
    while (*path) {
        size_t length = strcspn(path, "/");
        bool up = length == 2 && memcmp(path, "..", 2) == 0;
        bool stays = length == 0 || (length == 1 && *path == '.');
        /* ".." takes the last part away, unless that is a ".." itself or the root. */
        if (up && n > kept) {
            do
                n--;
            while (n > kept && out[n] != '/');
        } else if (!stays) {
            if (n > 0 && out[n - 1] != '/')
                out[n++] = '/';
            memcpy(out + n, path, length);
            n += length;
            kept = up ? n : kept;
        }
        path += length + (path[length] == '/');
    }
    out[n] = '\0';
    return out;
}

/* --- reading --- */

/* Reading a directory fails late and with odd words; it is the commonest slip. */
static int fail_read(const char *path, int error, struct cm_err *err)
{
    if (error == EISDIR)
        return cm_fail(err, "'%.200s' is a directory, not a file", path);
    return cm_fail(err, "cannot read '%.200s': %s", path, strerror(error));
}

/* Everything that is left in `file`; the caller closes it. */
static int read_all(FILE *file, const char *path, struct cm_buffer *text, struct cm_err *err)
{
    char *chunk = cm_alloc(CHUNK);
    struct cm_writer to = cm_buffer_writer(text);
    size_t got;
    /* fread does not say why it stopped: a leftover errno would be taken for the reason */
    errno = 0;
    while (text->length <= LARGEST && (got = fread(chunk, 1, CHUNK, file)) > 0)
        to.write(to.self, chunk, got);
    int error = ferror(file) ? errno : 0;
    cm_free(chunk);
    if (error)
        return fail_read(path, error, err);
    if (text->length > LARGEST)
        return cm_fail(err, "'%.200s' is larger than %zu MB", path, LARGEST / 1024 / 1024);
    return 0;
}

/* stdin stays open: it is not ours to close. */
static int read_file(const char *path, struct cm_arena *arena, const char **text, size_t *length,
                     struct cm_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (!file)
        return fail_read(path, errno, err);
    struct cm_buffer buffer = {0};
    int status = read_all(file, path, &buffer, err);
    if (status == 0) {
        *text = cm_arena_text(arena, buffer.text ? buffer.text : "", buffer.length);
        *length = buffer.length;
    }
    cm_buffer_release(&buffer);
    if (!is_stdin)
        fclose(file);
    return status;
}

/* --- what was probably meant --- */

/* The entry of path's folder that is nearest to its last part, or NULL. */
static const char *nearest_entry(const char *path, struct cm_arena *arena)
{
    assert(path);
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    const char *folder = beside(path, ".", arena);
    struct cm_guess guess = cm_guess_start(name);
    DIR *entries = opendir(folder);
    if (!entries)
        return NULL;
    for (const struct dirent *entry; (entry = readdir(entries));)
        /* hidden files are not meant to be found */
        if (entry->d_name[0] != '.')
            cm_guess_try(&guess, cm_arena_text(arena, entry->d_name, strlen(entry->d_name)));
    closedir(entries);
    return guess.best ? beside(path, guess.best, arena) : NULL;
}

/* What cannot be looked at (permissions) is there: reading it says why it cannot be read. */
static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* The file without its ending, or with a slip of the finger. */
static const char *nearest(const char *path, struct cm_arena *arena)
{
    struct cm_buffer whole = {0};
    cm_print(cm_buffer_writer(&whole), "%s.ini", path);
    const char *name = cm_arena_text(arena, whole.text, whole.length);
    cm_buffer_release(&whole);
    return exists(name) ? name : nearest_entry(path, arena);
}

/* Beside the file that names it first: that is where a file is usually meant to be. */
static int fail_missing(const char *path, const char *found_beside, const char *found_installed,
                        struct cm_arena *arena, struct cm_err *err)
{
    const char *near = nearest(found_beside, arena);
    if (!near && found_installed)
        near = nearest(found_installed, arena);
    if (near)
        return cm_fail(err, "there is no file '%.150s' (did you mean '%.200s'?)", path,
                       tidy(near, arena));
    if (found_installed)
        return cm_fail(err, "there is no file '%.150s', nor '%.200s'", tidy(found_beside, arena),
                       found_installed);
    return cm_fail(err, "there is no file '%.200s'", path);
}

/* The places where a file may be: beside the one that names it, then where scenarios are installed
 * (NULL = nowhere else). Absolute names and those on the command line have one place only. */
struct places {
    const char *first, *second;
};

static struct places places_of(const char *path, const char *relative_to, struct cm_arena *arena)
{
    if (!relative_to || path[0] == '/')
        return (struct places){path, NULL};
    return (struct places){beside(relative_to, path, arena),
                           join(cm_source_installed(arena), path, arena)};
}

/* Where it is, or NULL. */
static const char *find(const char *path, const struct places *places)
{
    if (strcmp(path, "-") == 0 || exists(places->first))
        return places->first;
    return places->second && exists(places->second) ? places->second : NULL;
}

static int source_read(void *self, const char *path, const char *relative_to,
                       struct cm_arena *arena, const char **text, size_t *length,
                       const char **resolved, struct cm_err *err)
{
    (void)self;
    struct places places = places_of(path, relative_to, arena);
    const char *place = find(path, &places);
    if (!place)
        return fail_missing(path, places.first, places.second, arena, err);
    *resolved = strcmp(place, "-") == 0 ? "<stdin>" : tidy(place, arena);
    return read_file(place, arena, text, length, err);
}

/* Absolute, unless a line of a scenario cannot hold that. Not tidied: it is to be opened. */
static const char *source_locate(void *self, const char *path, const char *relative_to,
                                 struct cm_arena *arena)
{
    enum { MOST = 150 };
    char here[PATH];
    (void)self;
    struct places places = places_of(path, relative_to, arena);
    const char *place = find(path, &places);
    if (!place || strcmp(place, "-") == 0 || !getcwd(here, sizeof here))
        return path;
    const char *whole = place[0] == '/' ? place : join(here, place, arena);
    return strlen(whole) <= MOST && !strpbrk(whole, ";\n\r\t") ? whole : path;
}

struct cm_source cm_source_file(void)
{
    return (struct cm_source){.read = source_read, .locate = source_locate};
}
