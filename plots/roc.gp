# Detection against false rollbacks, a point a value of the threshold; the written one is solid.
set xrange [0:100 * x_end]
set yrange [0:103]
set format x "%h %%"
set ytics 20 format "%h %%"
set xlabel "healthy releases rolled back"
y_is = release." detected, by ".option." of gate ".gate
@y_name
beside(y) = y > 12 ? y - 4.5 : y + 4.5
is_written(x) = column("written") > 0 ? x : NaN

plot x with lines linecolor rgb muted dashtype 3, \
     points using (100 * column("false_rollback")):(100 * column("detected")) with linespoints \
         linewidth 2 pointtype 6 linecolor rgb line_colour(2), \
     points using (is_written(100 * column("false_rollback"))):(100 * column("detected")) \
         with points pointtype 7 pointsize 1.5 linecolor rgb text, \
     points using (100 * column("false_rollback")):(beside(100 * column("detected"))):"label" \
         with labels left offset 0.8, 0 noenhanced textcolor rgb text
