# The cumulative incidence of detection with its limits, policy by policy; the rest escaped.
set xrange [0:t_end / unit]
set yrange [0:100.5]
set ytics 20 format "%h %%"
set xlabel unit_name." since the onset of the defect"
y_is = "releases detected so far; the rest escape"
@y_name
at(i) = strcol("policy") eq word(policies, i) ? column("time") / unit : NaN

plot for [i = 1:words(policies)] curves \
         using (at(i)):(band(column("detected_low"))):(band(column("detected_high"))) \
         with filledcurves linecolor rgb line_colour(i) fillstyle transparent solid 0.18 noborder, \
     for [i = 1:words(policies)] curves using (at(i)):(100 * column("detected")) \
         with lines linewidth 2 linecolor rgb line_colour(i), \
     labels using (t_end / unit):(100 * column("y")):"text":(label_colour(column("line"))) \
         with labels left offset aside, 0 noenhanced textcolor rgb variable
