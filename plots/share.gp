# The share of the requests by weight: median and the middle nine tenths of the rollouts; the line
# is what the weight says.
set logscale xy
set xrange [70 * least:140 * largest]
set yrange [60 * lowest:150 * highest]
set xtics () format "%h %%"
set ytics () format "%h %%"
do for [e = -2:1] { do for [k in "1 2 5"] { set ytics add (k * 10.0 ** e) } }
set ytics add (100)
set xlabel "weight of the canary (log scale)"
y_is = "share of the requests (log scale): median, 5 % to 95 % of rollouts"
@y_name
set label 1 "as the weight says" at 140 * largest, 140 * largest left offset aside, 0 \
    textcolor rgb muted
percent(c) = 100 * column(c)

plot x with lines linecolor rgb muted dashtype 3, \
     weights using (percent("weight")):(percent("median")):(percent("p5")):(percent("p95")) \
         :xticlabel(sprintf("%g %%", percent("weight"))) \
         with yerrorbars pointtype 7 linewidth 2 linecolor rgb canary
