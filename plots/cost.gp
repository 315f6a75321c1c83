# Expected cost of a release by the share of bad ones; where lines cross is the break-even point.
set xrange [0:100 * prior_end]
set yrange [0:top_cost]
set format x "%h %%"
set xlabel "releases that are bad"
y_is = "expected cost of a release, ".currency
@y_name
at(i) = strcol("policy") eq word(policies, i) ? 100 * column("prior") : NaN
if (own_prior > 0) {
    set arrow 1 from first 100 * own_prior, graph 0 to first 100 * own_prior, graph 1 nohead \
        linecolor rgb muted dashtype 3
    set label 1 "as written" at first 100 * own_prior, graph 0.97 left offset 0.5, 0 \
        textcolor rgb muted
}
if (even_prior >= 0) {
    set label 2 sprintf("break-even %.2g %%", 100 * even_prior) at 100 * even_prior, even_cost \
        left offset 1, -1 textcolor rgb text point pointtype 7 pointsize 1 linecolor rgb text
}
plain(c) = is_text ? NaN : column(c)

plot for [i = 1:words(policies)] curves using (at(i)):(plain("cost_low")):(plain("cost_high")) \
         with filledcurves linecolor rgb line_colour(i) fillstyle transparent solid 0.18 noborder, \
     for [i = 1:words(policies)] curves using (at(i)):(column("cost")) with lines linewidth 2 \
         linecolor rgb line_colour(i), \
     labels using (100 * prior_end):"y":"text":(label_colour(column("line"))) \
         with labels left offset aside, 0 noenhanced textcolor rgb variable
