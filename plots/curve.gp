# False rollbacks (dashed) and detection (solid) by one variable, policy by policy.
if (is_log > 0) { set logscale x }
set xrange [is_log > 0 ? x_low / 1.1 : x_low - 0.03 * (x_high - x_low): \
    is_log > 0 ? x_high * 1.1 : x_high + 0.03 * (x_high - x_low)]
set yrange [0:100.5]
set ytics 20 format "%h %%"
set xlabel x_is noenhanced
if (are_words > 0) { set format x "" }
y_is = "releases detected, and healthy ones rolled back (dashed)"
@y_name
at(i) = strcol("policy") eq word(policies, i) ? column("x") : NaN
end_of = is_log > 0 ? x_high * 1.1 : x_high + 0.03 * (x_high - x_low)

plot for [i = 1:words(policies)] curves using (at(i)):(100 * column("detected")) \
         with linespoints linewidth 2 pointtype 7 pointsize 0.7 linecolor rgb line_colour(i), \
     for [i = 1:words(policies)] curves using (at(i)):(100 * column("false_rollback")) \
         with linespoints linewidth 2 dashtype 2 pointtype 6 pointsize 0.7 \
         linecolor rgb line_colour(i), \
     curves using (are_words > 0 && strcol("policy") eq word(policies, 1) ? column("x") : 1e9) \
         :(0):"text" with labels offset 0, -0.9 noenhanced textcolor rgb text, \
     labels using (end_of):(100 * column("y")):"text":(label_colour(column("line"))) \
         with labels left offset aside, 0 noenhanced textcolor rgb variable
