# Coalmine: what will my canary policy do?
#
#   make              build/coalmine and build/libcoalmine.a
#   make quickstart   install what is missing, build, run the first scenario
#   make check        everything a change has to pass; closes with `N passed, N failed`
#
# Variables worth overriding: CC=clang, OPT=-O0, WERROR=-Werror, BUILD=elsewhere, JOBS=4, prefix,
# DESTDIR.
VERSION := 0.1.0

JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif

BUILD   ?= build
OPT     ?= -O2
WERROR  ?=
CFLAGS  ?= $(OPT) -g
prefix  ?= /usr/local
datadir := $(prefix)/share/coalmine

PKGS     := gsl inih jansson yaml-0.1 sqlite3
WARN     := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wpointer-arith -Wvla -Wundef \
            -Wformat=2
STD      := -std=c17 -D_POSIX_C_SOURCE=200809L -I. -ffp-contract=off -pthread
DEFINES  := -DCM_VERSION='"$(VERSION)"'
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS    = $(shell pkg-config --libs $(PKGS)) -lm
COMPILE   = $(CC) $(STD) $(DEFINES) $(WARN) $(WERROR) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(SAN)
LINK      = $(CC) -pthread $(CFLAGS) $(SAN) $(LDFLAGS)

LIB_SRC  := $(wildcard sim/*/*.c analysis/*.c interop/*.c)
CLI_SRC  := $(wildcard cli/*.c)
TEST_SRC := $(wildcard tests/unit/test_*.c tests/stat/test_*.c)
TESTS    := $(TEST_SRC:%.c=$(BUILD)/%)
ORACLE   := $(if $(wildcard tests/oracle/*.c),$(BUILD)/oracle)
BENCH    := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/bench_*.c))
OBJ       = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ALL_SRC  := $(LIB_SRC) $(CLI_SRC) $(TEST_SRC) $(wildcard tests/oracle/*.c bench/*.c)
HEADERS  := $(wildcard sim/*/*.h analysis/*.h interop/*.h cli/*.h tests/*/*.h bench/*.h)

.PHONY: all tests setup quickstart check check-all sanitize clang tidy cppcheck valgrind bench \
        format install uninstall man clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/coalmine man

$(BUILD)/coalmine: $(call OBJ,$(CLI_SRC)) $(BUILD)/libcoalmine.a
	$(LINK) $^ $(LDLIBS) -o $@

$(BUILD)/libcoalmine.a: $(call OBJ,$(LIB_SRC)) $(BUILD)/sources
	@rm -f $@
	ar rcsD $@ $(filter %.o,$^)

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(EXTRA) -MMD -MP -c $< -o $@

# Outside an installation, scenarios are included from this tree.
$(BUILD)/obj/cli/%.o: EXTRA = -DCM_SCENARIOS_DIR='"$(CURDIR)/scenarios"'
# Criterion's macros convert with abandon.
$(BUILD)/obj/tests/%.o: EXTRA = -Wno-conversion

# What objects and archive depend on besides sources: changed only when their text changes.
$(BUILD)/flags: TEXT = $(CC) $(STD) $(DEFINES) $(CPPFLAGS) $(CFLAGS) $(SAN)
$(BUILD)/sources: TEXT = $(LIB_SRC)
$(BUILD)/flags $(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@pkg-config --exists $(PKGS) || { echo 'libraries are missing: run make setup' >&2; exit 1; }
	@echo '$(subst ','"'"',$(TEXT))' | cmp -s - $@ || echo '$(subst ','"'"',$(TEXT))' > $@

# Manual pages, from the program's own tables.
PAGES = $(BUILD)/man/coalmine.1 $(BUILD)/man/coalmine-scenario.5
man: $(PAGES)

$(PAGES): $(BUILD)/coalmine
	@mkdir -p $(@D)
	$< docs --man $(lastword $(subst ., ,$@)) > $@

# --- tests -------------------------------------------------------------------------------------

tests: all $(TESTS) $(ORACLE)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/libcoalmine.a
	@mkdir -p $(@D)
	$(LINK) $^ $(LDLIBS) -lcriterion -o $@

$(BUILD)/oracle: $(call OBJ,$(wildcard tests/oracle/*.c)) $(BUILD)/libcoalmine.a
	$(LINK) $^ $(LDLIBS) -o $@

# One line per part: `make unit`, `make lint`, ...
PARTS := lint unit stat oracle bad golden cli docs questions lessons
RUN    = BUILD=$(BUILD) tests/run

.PHONY: $(PARTS)
$(PARTS): tests
	@$(RUN) $@

check: export WERROR = -Werror
check:
	@.ci/setup check
	@$(MAKE) --silent tests
	@$(RUN) $(PARTS)

# Also larger sizes (tests ask CM_TEST_SIZE) and everything that looks at code some other way.
check-all: export CM_TEST_SIZE = large
check-all:
	@$(MAKE) cppcheck tidy valgrind
	@$(MAKE) sanitize
	@$(MAKE) check

# --- other compilers, other eyes -----------------------------------------------------------------

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
sanitize:
	$(MAKE) --silent BUILD=$(BUILD)/sanitize CC=clang OPT=-O1 SAN='$(ASAN)' tests
	BUILD=$(BUILD)/sanitize tests/run unit bad cli

clang:
	$(MAKE) --silent BUILD=$(BUILD)/clang CC=clang WERROR=-Werror tests
	BUILD=$(BUILD)/clang tests/run unit

# One file a call: several in one call give false reports about va_list.
tidy: $(LIB_SRC:%=$(BUILD)/tidy/%) $(CLI_SRC:%=$(BUILD)/tidy/%)
$(BUILD)/tidy/%: % $(HEADERS) .clang-tidy $(BUILD)/flags
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- $(STD) $(DEFINES) $(EXTRA) 2>/dev/null && touch $@

# Left out: two checks that follow a pointer into a callee without seeing what it does there.
cppcheck:
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	    --suppress=returnDanglingLifetime --suppress=ctuuninitvar -I. $(DEFINES) \
	    $(LIB_SRC) $(CLI_SRC)

valgrind: all
	valgrind --quiet --error-exitcode=9 --leak-check=full $(BUILD)/coalmine run \
	    scenarios/quickstart.ini --replications 20 -j2 >/dev/null

$(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(BUILD)/libcoalmine.a
	@mkdir -p $(@D)
	$(LINK) $^ $(LDLIBS) -o $@

-include $(patsubst %.c,$(BUILD)/obj/%.d,$(ALL_SRC))

# --- everything else -----------------------------------------------------------------------------

setup:
	@.ci/setup

quickstart: setup
	@echo 'Building $(BUILD)/coalmine' >&2
	@$(MAKE) --silent all
	$(BUILD)/coalmine run scenarios/quickstart.ini

# Peers in Python need python3-numpy and python3-simpy3; without them they say so and are left out.
bench: $(BENCH)
	@set -e; for program in $^; do $$program; done
	@for peer in bench/peer_*.py; do /usr/bin/python3 $$peer || true; done

format:
	clang-format -i $(ALL_SRC) $(HEADERS)

# The installed program looks for its files where they are installed; its pages say so, too.
BINDIR  = $(DESTDIR)$(prefix)/bin
SHARE   = $(DESTDIR)$(prefix)/share
MAN1    = $(SHARE)/man/man1/coalmine.1
MAN5    = $(SHARE)/man/man5/coalmine-scenario.5
BASH    = $(SHARE)/bash-completion/completions/coalmine
ZSH     = $(SHARE)/zsh/site-functions/_coalmine
FISH    = $(SHARE)/fish/vendor_completions.d/coalmine.fish
DOCDIR  = $(SHARE)/doc/coalmine
SHARED  = $(wildcard scenarios plots)
DOCS    = README.md CHANGELOG.md LICENSE docs

# The sources that know where files are; the rest of the program is the one that was tested.
PLACED  = cli/source_file.c

install: all
	$(COMPILE) -DCM_SCENARIOS_DIR='"$(datadir)/scenarios"' -c $(PLACED) -o $(BUILD)/placed.o
	$(LINK) $(BUILD)/placed.o $(filter-out $(call OBJ,$(PLACED)),$(call OBJ,$(CLI_SRC))) \
	    $(BUILD)/libcoalmine.a $(LDLIBS) -o $(BUILD)/installed
	install -D $(BUILD)/installed $(BINDIR)/coalmine
	install -d $(dir $(MAN1) $(MAN5) $(BASH) $(ZSH) $(FISH))
	$(BUILD)/installed docs --man 1 > $(MAN1)
	$(BUILD)/installed docs --man 5 > $(MAN5)
	$(BUILD)/installed docs --completion bash > $(BASH)
	$(BUILD)/installed docs --completion zsh > $(ZSH)
	$(BUILD)/installed docs --completion fish > $(FISH)
	find $(SHARED) -type f -exec install -Dm644 {} $(DESTDIR)$(datadir)/{} \;
	find $(DOCS) -type f -exec install -Dm644 {} $(DOCDIR)/{} \;

uninstall:
	rm -rf $(DESTDIR)$(datadir) $(DOCDIR)
	rm -f $(BINDIR)/coalmine $(MAN1) $(MAN5) $(BASH) $(ZSH) $(FISH)

clean:
	rm -rf $(BUILD)
