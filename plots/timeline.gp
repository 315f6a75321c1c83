# One rollout: the weight above, below it what a gate read at each look, on one axis of time. Looks
# that pass are hollow, those that fail solid, others small; the band is Wilson's interval.
gap    = y_px(40)
high   = top_of_plot - y_px(62) - gap * (panels - 1)
high_1 = panels > 1 ? high * 0.62 / (panels - 0.38) : high
high_k = panels > 1 ? (high - high_1) / (panels - 1) : 0
x_is   = unit_name." since the release was created"
set xrange [0:t_end / unit]
set format x ""

upright(x) = sprintf("from first %g, graph 0 to first %g, graph 1 nohead", x / unit, x / unit)
if (decided >= 0) {
    eval "set arrow 1 ".upright(decided)." front dashtype 2 linewidth 1.5 linecolor rgb text"
    # on the side where there is room
    side = decided > 0.3 * t_end ? "right offset -0.3, 0.7" : "left offset 8, 0.7"
    eval "set label 1 decision at first decided / unit, graph 1 textcolor rgb text ".side
}
if (onset > 0) {
    eval "set arrow 2 ".upright(onset)." dashtype 3 linewidth 1.5 linecolor rgb warn"
    set label 2 "onset" at first onset / unit, graph 1 left offset 0.3, 0.7 textcolor rgb warn
}

# The next panel, of its height; the last one has the axis of time.
drawn = 0
next_panel = "drawn = drawn + 1; set tmargin at screen top_of_plot; \
    set bmargin at screen top_of_plot - (drawn == 1 ? high_1 : high_k); \
    if (drawn == panels) { set format x '%h'; set xlabel x_is }; \
    if (drawn > 1) { unset label }; @y_name; \
    top_of_plot = top_of_plot - gap - (drawn == 1 ? high_1 : high_k)"

# What every panel of looks shows: values of a table `looks`, times `scale`.
at         = "(column('time') / unit)"
# (Of a column that is empty from top to bottom gnuplot would say that there is nothing to draw.)
shown(c)   = strlen(strcol(c)) > 0 ? scale * column(c) : NaN
banded(c)  = is_text ? NaN : shown(c)
looked(s)  = strcol("verdict") eq s ? column("time") / unit : NaN
other(x)   = strcol("verdict") eq "pass" || strcol("verdict") eq "fail" ? NaN : x / unit
height_(y) = evidence_is_p > 0 && drawn == panels ? 10 ** y : scale * y
named(i)   = hex(i == 1 ? canary : i == 2 ? stable : text)
if (!exists("evidence_is_p")) { evidence_is_p = 0.0 }
wilson = "looks using @at:(banded('low')):(banded('high')) with filledcurves \
        linecolor rgb canary fillstyle transparent solid 0.18 noborder, "
the_lines = "\
    looks using @at:(shown('limit')) with lines linewidth 1.5 dashtype 3 linecolor rgb text, \
    looks using @at:(shown('control')) with lines linewidth 1.5 linecolor rgb stable, \
    looks using @at:(shown('canary')) with lines linewidth 1.5 linecolor rgb canary, \
    looks using (other(column('time'))):(shown('canary')) with points pointtype 7 pointsize 0.4 \
        linecolor rgb canary, \
    looks using (looked('pass')):(shown('canary')) with points pointtype 6 linecolor rgb canary, \
    looks using (looked('fail')):(shown('canary')) with points pointtype 7 linecolor rgb canary, \
    ends using (t_end / unit):(height_(column('y'))):'text':(named(column('line'))) \
        with labels left offset aside, 0 textcolor rgb variable"
draw_looks = "plot ".the_lines
draw_looks_and_band = "plot ".wilson.the_lines

set multiplot
set yrange [0:*]
set ytics tic_step(100 * weight_top, 3) format "%h %%"
y_is = "weight"
@next_panel
plot weights using @at:(100 * column("weight")) with fillsteps linecolor rgb canary \
         fillstyle transparent solid 0.18, \
     weights using @at:(100 * column("weight")) with steps linewidth 2 linecolor rgb canary

if (exists("errors")) {
    looks = errors; ends = errors_labels; scale = 100
    set yrange [0:100 * errors_top]
    set ytics tic_step(100 * errors_top, 4)
    y_is = "errors, by gate ".errors_gate
    @next_panel
    @draw_looks_and_band
}
if (exists("latency")) {
    looks = latency; ends = latency_labels; scale = 1000
    set yrange [0:1000 * latency_top]
    set ytics tic_step(1000 * latency_top, 4) format "%h ms"
    y_is = latency_name.", by gate ".latency_gate
    @next_panel
    @draw_looks
}
if (exists("metric")) {
    looks = metric; ends = metric_labels; scale = 1
    margin = 0.08 * (metric_top - metric_low)
    set yrange [metric_low - margin:metric_top + margin]
    set ytics tic_step(metric_top - metric_low, 4) format "%h"
    y_is = metric_name.", by gate ".metric_gate
    @next_panel
    @draw_looks
}
if (exists("evidence")) {
    looks = evidence; ends = evidence_labels; scale = 1
    if (evidence_is_p > 0) {
        set logscale y
        set ytics auto format "%h"
        set yrange [evidence_low > 1e-30 ? evidence_low / 2 : 1e-30:1.5]
    } else {
        margin = 0.08 * (evidence_top - evidence_low)
        set yrange [evidence_low - margin:evidence_top + margin]
        set ytics tic_step(evidence_top - evidence_low, 4) format "%h"
    }
    y_is = (evidence_is_p > 0 ? "p-value" : "log evidence against the release").", by gate "
    y_is = y_is.evidence_gate
    @next_panel
    @draw_looks
}
unset multiplot
