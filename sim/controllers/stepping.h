/* Going through steps: what steps, bluegreen and all_at_once share. How it goes is said in
 * stepping.c; here is what can be chosen. */
#ifndef CM_STEPPING_H
#define CM_STEPPING_H

#include "sim/controllers/controller.h"
#include "sim/controllers/type_steps.h"

/* About a label; the names of each enum are its choices, NULL-ended. */
enum cm_do { CM_DO_ROLLBACK, CM_DO_HOLD, CM_DO_PAUSE, CM_DO_COUNT, CM_DO_IGNORE };
enum cm_early { CM_EARLY_NO, CM_EARLY_NEXT_STEP, CM_EARLY_FINISH };
enum cm_approve { CM_APPROVE_NOTHING, CM_APPROVE_PROMOTION, CM_APPROVE_STEPS };
enum cm_unconfirmed { CM_UNCONFIRMED_HOLDS, CM_UNCONFIRMED_ROLLS_BACK };
enum cm_on_revision { CM_REVISION_IGNORED, CM_REVISION_SUPERSEDES, CM_REVISION_RESTARTS };
extern const char *const cm_do_names[], *const cm_early_names[], *const cm_approve_names[],
                                                                     *const cm_unconfirmed_names[],
                                                                         *const cm_revision_names[];

/* Zero is "none" but for durations and match: what is not a row of a kind is set by its prepare. */
struct cm_stepping {
    struct cm_steps steps;
    uint64_t min_requests;
    cm_time look_every, first_look; /* CM_NO_DURATION = look_every */
    struct cm_refs gates;
    int on_fail, on_error, on_no_data, on_undecided; /* enum cm_do */
    uint64_t count;
    int early; /* enum cm_early */
    struct cm_refs confirm;
    int on_unconfirmed;  /* enum cm_unconfirmed */
    int approve;         /* enum cm_approve */
    int on_new_revision; /* enum cm_on_revision */
    double mirror;       /* above 0: a step before the others, with a mirror and no weight */
    cm_time mirror_bake;
    struct cm_ref match; /* a class; index -1 = none */
    bool wait_for_pods;
};

/* Rows of looks and of what is asked before a step is left. A kind's options begin with a struct
 * cm_stepping. */
/* clang-format off */
#define CM_STEPPING_LOOKS                                                                          \
    CM_DURATION(struct cm_stepping, look_every, "15s", 1e6, CM_MAX_DURATION,                       \
                "Time between two looks of a step; one more comes at the end of the bake time."),  \
    CM_DURATION(struct cm_stepping, first_look, "none", 1e6, CM_MAX_DURATION,                      \
                "Time from the start of a step to its first look; none = look_every."),            \
    CM_REFS(struct cm_stepping, gates, "gate", "none",                                             \
            "Gates asked at every look; without any, time and requests alone decide."),            \
    CM_CHOICE(struct cm_stepping, on_fail, "rollback", cm_do_names,                                \
              "What a look does at which a gate fails; hold keeps the weight and looks again, "    \
              "pause keeps it for a person, count holds until there are `count` of them, ignore "  \
              "takes it for a pass."),                                                             \
    CM_CHOICE(struct cm_stepping, on_error, "hold", cm_do_names,                                   \
              "What a look does at which the monitor did not answer."),                            \
    CM_CHOICE(struct cm_stepping, on_no_data, "hold", cm_do_names,                                 \
              "What a look does at which a gate has nothing to judge by."),                        \
    CM_CHOICE(struct cm_stepping, on_undecided, "hold", cm_do_names,                               \
              "What a look does at which a gate cannot say yet; hold keeps the step until it "     \
              "can."),                                                                             \
    CM_COUNT(struct cm_stepping, count, "3", 1, 1e9,                                               \
             "With an action of count: the look that makes it so many, over the whole rollout, "   \
             "rolls back; those before it hold.")

#define CM_STEPPING_ASKS                                                                           \
    CM_REFS(struct cm_stepping, confirm, "hook", "none",                                           \
            "Hooks that have to succeed before a step is left; called again at every look until "  \
            "they do."),                                                                           \
    CM_CHOICE(struct cm_stepping, on_unconfirmed, "hold", cm_unconfirmed_names,                    \
              "What a hook does that fails or does not answer: hold the step, or roll back; one "  \
              "that is not open yet holds."),                                                      \
    CM_CHOICE(struct cm_stepping, approve, "none", cm_approve_names,                               \
              "What people have to approve: nothing, the promotion, or leaving each of the "       \
              "steps; a refusal rolls back."),                                                     \
    CM_CHOICE(struct cm_stepping, on_new_revision, "ignore", cm_revision_names,                    \
              "What a newer revision does: nothing, end the rollout as superseded, or begin it "   \
              "anew with the new revision.")
/* clang-format on */

/* Rules between the rows. */
int cm_stepping_check(const void *options, struct cm_err *err);

/* The members of a struct cm_controller. */
extern const char *const cm_stepping_sentences[];
size_t cm_stepping_state_size(const void *options);
void cm_stepping_start(const void *options, void *state);
cm_time cm_stepping_wake(const void *options, void *state, struct cm_desk *desk);
cm_time cm_stepping_shortest(const void *options);
struct cm_uses cm_stepping_uses(const void *options);
#define CM_STEPPING_CONTROLLER                                                                     \
    .sentences = cm_stepping_sentences, .state_size = cm_stepping_state_size,                      \
    .start = cm_stepping_start, .wake = cm_stepping_wake, .shortest = cm_stepping_shortest,        \
    .uses = cm_stepping_uses

#endif
