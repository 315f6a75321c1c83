# Coalmine: what will my canary policy do?
#
#   make              build/coalmine and build/libcoalmine.a
#   make quickstart   install what is missing, build, run the first scenario
#   make check        everything a change has to pass; closes with `N passed, N failed`
#
# Variables worth overriding: CC=clang, OPT=-O0, WERROR=-Werror, BUILD=elsewhere, prefix, DESTDIR.
VERSION := 0.1.0

BUILD   ?= build
OPT     ?= -O2
WERROR  ?=
CFLAGS  ?= $(OPT) -g
prefix  ?= /usr/local
datadir := $(prefix)/share/coalmine

PKGS     := gsl inih jansson
WARN     := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wcast-qual -Wwrite-strings -Wpointer-arith -Wvla -Wundef -Wformat=2
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
OBJ       = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ALL_SRC  := $(LIB_SRC) $(CLI_SRC) $(TEST_SRC) $(wildcard tests/oracle/*.c bench/*.c)
HEADERS  := $(wildcard sim/*/*.h analysis/*.h interop/*.h cli/*.h tests/*/*.h bench/*.h)

.PHONY: all tests setup quickstart check check-all sanitize clang bench format install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/coalmine

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

# --- tests -------------------------------------------------------------------------------------

tests: all $(TESTS) $(ORACLE)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/libcoalmine.a
	@mkdir -p $(@D)
	$(LINK) $^ $(LDLIBS) -lcriterion -o $@

$(BUILD)/oracle: $(call OBJ,$(wildcard tests/oracle/*.c)) $(BUILD)/libcoalmine.a
	$(LINK) $^ $(LDLIBS) -o $@

-include $(patsubst %.c,$(BUILD)/obj/%.d,$(ALL_SRC))

format:
	clang-format -i $(ALL_SRC) $(HEADERS)

clean:
	rm -rf $(BUILD)
