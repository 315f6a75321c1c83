# False rollbacks against harm; steps, since what lies between two points has not been shown.
set logscale xy
set xrange [100 * none / 12:160 * highest]
set yrange [least_harm > 0 ? least_harm / 1.6 : 0.1:2 * most_harm]
set format x "%h %%"
set format y "%h"
set xtics ("none" 100 * none)
do for [e = -4:2] { if (10.0 ** e > 250 * none) { set xtics add (10.0 ** e) } }
set xlabel "healthy releases rolled back (log scale)"
y_is = "failed requests of a bad release, mean (log scale); names stand at those that none beats"
@y_name
rate(share) = 100 * (share > 0 ? share : none)
least(harm) = harm > 0 ? harm : 0.1

plot points using (rate(column("false_rollback"))):(least(column("harm"))) with points \
         pointtype 6 linecolor rgb muted, \
     front using (rate(column("false_rollback"))):(least(column("harm"))) with steps linewidth 2 \
         linecolor rgb ok, \
     front using (rate(column("false_rollback"))):(least(column("harm"))) with points pointtype 7 \
         linecolor rgb ok, \
     front using (rate(column("false_rollback"))):(least(column("harm"))):"text" with labels right \
         offset -0.8, -0.5 noenhanced textcolor rgb text
