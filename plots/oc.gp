# Detection by the size of the defect, as a multiple of what is written; a healthy release stands at
# the left end.
none = x_low / 2.5
set logscale x 2
set xrange [none / 1.3:x_high * 1.05]
set yrange [0:100.5]
set ytics 20 format "%h %%"
set format x "x%g"
set xtics x_low, 2
set xtics add ("healthy" none)
set xlabel "size of the defect (x1 = ".effect.", log scale)" noenhanced
y_is = "releases rolled back"
@y_name
at(i) = strcol("policy") eq word(policies, i) ? column("strength") : NaN
set arrow 1 from first 1, graph 0 to first 1, graph 1 nohead linecolor rgb muted dashtype 3

plot for [i = 1:words(policies)] curves \
         using (at(i)):(band(column("share_low"))):(band(column("share_high"))) \
         with filledcurves linecolor rgb line_colour(i) fillstyle transparent solid 0.18 noborder, \
     for [i = 1:words(policies)] curves using (at(i)):(100 * column("share")) with linespoints \
         linewidth 2 pointtype 7 pointsize 0.6 linecolor rgb line_colour(i), \
     for [i = 1:words(policies)] healthy \
         using (strcol("policy") eq word(policies, i) ? none : NaN):(100 * column("share")) \
         with points pointtype 6 linewidth 2 linecolor rgb line_colour(i), \
     labels using (x_high * 1.05):(100 * column("y")):"text":(label_colour(column("line"))) \
         with labels left offset aside, 0 noenhanced textcolor rgb variable
