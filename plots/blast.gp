# The distribution of the harm of one bad release, policy by policy. Releases without any stand
# where the axis begins.
none = most_harm > 1 ? 0.5 : 0.1
set logscale x
set xrange [none:1.3 * most_harm]
set yrange [0:100.5]
set xtics add ("none" none)
set ytics 25 format "%h %%"
set xlabel harm." of one release (log scale)"
y_is = "releases that do at most so much harm"
@y_name
seen(harm) = harm > 0 ? harm : none
harmed(i)  = strcol("policy") eq word(policies, i) ? seen(column("harm")) : NaN
set arrow 1 from graph 0, first 50 to graph 1, first 50 nohead linecolor rgb muted dashtype 3
set label 1 "median" at graph 0.01, first 53 textcolor rgb muted

plot for [i = 1:words(policies)] curves using (harmed(i)):(100 * column("rollouts") / all) \
         with steps linewidth 2 linecolor rgb line_colour(i), \
     labels using (1.3 * most_harm):"y":"text":(label_colour(column("line"))) \
         with labels left offset aside, 0 noenhanced textcolor rgb variable
